from __future__ import annotations

from itertools import product

import pytest

from bot.project.entity_annotation import bracketed, read_annotations
from bot.project.model import NOWHERE, AnnotatedEntity
from bot.project.problems import Problems

E = AnnotatedEntity


@pytest.mark.parametrize(
    ("example", "text", "entities"),
    [
        ("bonjour", "bonjour", ()),
        ("à [Mons](ville)", "à Mons", (E("ville", "Mons", 2, 6),)),
        ("à [bxl](ville:Bruxelles) !", "à bxl !", (E("ville", "Bruxelles", 2, 5),)),
        ("[x](t:a:b)", "x", (E("t", "a:b", 0, 1),)),
        ('[Mons]{"entity": "ville"}', "Mons", (E("ville", "Mons", 0, 4),)),
        (
            '[Mons]{"entity": "ville", "role": "de", "group": "1", "value": "MONS"} ok',
            "Mons ok",
            (E("ville", "MONS", 0, 4, "de", "1"),),
        ),
        ('[3]{"entity": "n", "value": 3}', "3", (E("n", "3", 0, 1),)),
        ('[3,5]{"entity": "n", "value": 3.5}', "3,5", (E("n", "3.5", 0, 3),)),
        ('[a]{"entity": "n", "role": ""}', "a", (E("n", "a", 0, 1),)),
        (
            '[Mons][{"entity": "ville"}, {"entity": "lieu", "role": "de"}] et [b](c)',
            "Mons et b",
            (E("ville", "Mons", 0, 4), E("lieu", "Mons", 0, 4, "de"), E("c", "b", 8, 9)),
        ),
        ("été [é](t) 😀 [b](u)", "été é 😀 b", (E("t", "é", 4, 5), E("u", "b", 8, 9))),
        # ordinary brackets, and what Rasa makes of doubtful ones
        ("[a] (b)", "[a] (b)", ()),
        ("[](t)", "[](t)", ()),
        ("[a]()", "[a]()", ()),
        ("[a](:b)", "[a](:b)", ()),
        ("[a](b:)", "[a](b:)", ()),
        ("[a](b", "[a](b", ()),
        ("[a [b](t)", "a [b", (E("t", "a [b", 0, 4),)),
        (r"\[a](t)", r"\a", (E("t", "a", 1, 2),)),
        ("[a](t)(u)", "a(u)", (E("t", "a", 0, 1),)),
    ],
)
def test_annotation(example: str, text: str, entities: tuple[AnnotatedEntity, ...]) -> None:
    problems = Problems()
    assert read_annotations(example, NOWHERE, problems) == (text, entities)
    assert problems.found == []
    assert all(text[entity.start : entity.end] for entity in entities)


@pytest.mark.parametrize(
    ("example", "codes"),
    [
        ("[a]{entity: b}", ["annotation_json"]),
        ('[a]{"entity": "b}"}', ["annotation_json"]),  # the first brace ends the JSON, as in Rasa
        ('[a][{"entity": "b"}, {"x": 1}]', ["annotation_key", "annotation_entity"]),
        ('[a]{"entity": 5}', ["annotation_entity"]),
        ('[a]{"entity": ""}', ["annotation_entity"]),
        ('[a]{"entity": "b", "value": true}', ["annotation_not_text"]),
        ('[a]{"entity": "b", "group": []}', ["annotation_not_text"]),
        ('[a]{"entity": "b", "value": ' + "[" * 1500 + "}", ["annotation_json"]),
        ("[a][]", ["annotation_without_entity"]),
    ],
)
def test_wrong_annotation(example: str, codes: list[str]) -> None:
    problems = Problems()
    read_annotations(example, NOWHERE, problems)
    assert [problem.code for problem in problems] == codes
    assert all(problem.sentence for problem in problems)


def test_any_text_can_be_written_without_annotations() -> None:
    written = 0
    for letters in product("[](){}a:", repeat=6):
        text = "".join(letters)
        problems = Problems()
        assert read_annotations(bracketed(text), NOWHERE, problems) == (text, ())
        assert not list(problems)
        written += bracketed(text) != text
    assert written > 250
