"""What a text must hold for a pattern to be found in it."""

from __future__ import annotations

import re
import sys

import pytest

from bot.nlu.literals import caseless, literals
from bot.nlu.message import Message, TrainingSet
from bot.nlu.regex_entity_extractor import RegexEntityExtractor
from bot.project.loader import read_project
from tests.trained import ROOT


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"\b(?:ec|po)\d{6}@adm\.cfwb\.be\b", {"@adm.cfwb.be"}),
        (r"(?<=numéro )\d{1,3}", {"numéro "}),
        (r"\b(école|lycée|athénée)\b", {"école", "lycée", "athénée"}),
        (r"\bmod+e?s?\b", {"mo"}),
        (r"(?:bien )?connue?s?", {"connu"}),
        (r"dans (?:mode|l'outil)", {"dans "}),
        (r"(?:MODE|Outil)", {"mode", "outil"}),
        (r"x(?:internat)+y", {"internat"}),
    ],
)
def test_literals(pattern: str, expected: set[str]) -> None:
    assert literals(re.compile(pattern, re.IGNORECASE)) == expected


@pytest.mark.parametrize("pattern", [r"\d{4,6}", r"(?:école|\d+)", r"(?!fase)\w+", r"(?:fase)?\d*", r"[ab]", "(?:école|)", ""])
def test_a_pattern_may_demand_nothing(pattern: str) -> None:
    assert literals(re.compile(pattern)) == frozenset()


def test_caseless_takes_for_the_same_what_re_does() -> None:
    letters = [chr(number) for number in range(sys.maxunicode + 1)]
    cased = "".join(char for char in letters if len({char, char.lower(), char.upper(), char.casefold()}) > 1)
    for char in cased:
        for same in re.findall(re.escape(char), cased, re.IGNORECASE):
            assert caseless(same) == caseless(char), (same, char)


def test_no_entity_of_the_project_is_missed() -> None:
    """Each pattern tried on each sentence, as written and in capitals, finds what the extractor finds."""
    project, _ = read_project(ROOT)
    (spec,) = [spec for spec in project.config.pipeline if spec.name == "RegexEntityExtractor"]
    extractor = RegexEntityExtractor({**RegexEntityExtractor.OPTIONS, **spec.options})
    messages = [Message(item.text, annotations=item.entities) for item in project.nlu.examples]
    extractor.train(TrainingSet(messages, project.nlu))
    texts = [text for item in project.nlu.examples[::7] for text in (item.text, item.text.upper())]
    found = 0
    for text in texts:
        message = Message(text)
        extractor.process(message)
        expected = [
            (name, match.span()) for name, pattern in extractor._compiled for match in pattern.finditer(text) if match.group()
        ]
        assert [(item["entity"], (item["start"], item["end"])) for item in message.entities] == expected, text
        found += len(expected)
    assert found > 500
