"""« Sigles »: what is read as what, what the files would change, and what training sentences use."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.console import glossary
from api.console.glossary import Reading
from api.console.searching import Query, read_query
from bot.nlu.interpreter import Interpreter
from bot.project.loader import read_project
from bot.project.model import Example
from tests.api.console.people import log_in, staffed
from tests.api.console.small import small_project
from tests.conversing import project_model
from tests.project import project

ALL = Query()
PRESENT = Reading({"mdp": "mot de passe", "tel": "telephone", "tél": "telephone", "vx": "vieux"}, {"pms": "cpms", "cpms": "cpms"})
DRAFT = Reading({"mdp": "mot de passe", "tel": "numero", "po": "pouvoir organisateur"}, {"cpms": "cpms", "cdpa": "dépaysement"})
EXAMPLES = [
    Example("mon MDP et le mdp de la boite", "mot_de_passe"),
    Example("le tél. du CEB", "hors_sujet"),
    Example("le CEB au PMS, le ceb", "hors_sujet"),
    Example("ceb demain", "aide"),
    Example("LE MDP EST PERDU TOUT DE SUITE", "mot_de_passe"),
    Example("TOUT DE SUITE", "aide"),
    Example("tout DE suite", "aide"),
    Example("les cpmsx", "aide"),
]


def search(text: str) -> Query:
    return read_query(text, "", ())


def test_abbreviations_that_differ_in_accents_are_one_and_what_the_files_change_is_marked() -> None:
    found = glossary.abbreviations_of(PRESENT, DRAFT, ALL)
    assert [(item.spellings, item.meaning, item.draft, item.becomes) for item in found] == [
        (("mdp",), "mot de passe", "", ""),
        (("po",), "pouvoir organisateur", "new", ""),
        (("tel", "tél"), "telephone", "other", "numero"),
        (("vx",), "vieux", "gone", ""),
    ]
    assert {item.draft for item in glossary.abbreviations_of(PRESENT, None, ALL)} == {""}


def test_words_are_gathered_under_their_value() -> None:
    found = glossary.values_of(PRESENT, DRAFT, ALL)
    assert [(item.name, [(surface.text, surface.draft) for surface in item.surfaces]) for item in found] == [
        ("cpms", [("pms", "gone"), ("cpms", "")]),
        ("dépaysement", [("cdpa", "new")]),
    ]


def test_a_search_looks_on_both_sides_and_ignores_accents() -> None:
    assert [item.word for item in glossary.abbreviations_of(PRESENT, None, search("PASSE mot"))] == ["mdp"]
    assert [item.word for item in glossary.abbreviations_of(PRESENT, None, search("téléphone"))] == ["tel"]
    assert [item.name for item in glossary.values_of(PRESENT, DRAFT, search("depaysement"))] == ["dépaysement"]
    assert [item.text for item in glossary.values_of(PRESENT, None, search("pms"))[0].surfaces] == ["pms", "cpms"]
    assert glossary.values_of(PRESENT, None, search("rien de tel")) == []


def test_sentences_are_counted_once_and_by_whole_words() -> None:
    usage = glossary.usage_of(EXAMPLES, PRESENT)
    assert (usage.words["mdp"], usage.words["tel"], usage.words.get("vx", 0)) == (2, 1, 0)
    assert (usage.phrases["pms"], usage.phrases.get("cpms", 0), usage.values["cpms"]) == (1, 0, 1)


def test_capitals_that_nothing_reads_otherwise_are_acronyms_and_shouting_makes_none() -> None:
    (found,) = glossary.usage_of(EXAMPLES, PRESENT).acronyms
    assert (found.text, found.sentences, found.topics) == ("CEB", 3, (("hors_sujet", 2), ("aide", 1)))
    assert glossary.acronyms_of(glossary.usage_of(EXAMPLES, PRESENT), search("ce")) == [found]
    assert glossary.usage_of(EXAMPLES, Reading({"CEB": "quoi que ce soit"})).acronyms == ()
    assert glossary.usage_of([], Reading()).acronyms == ()


@pytest.mark.slow
def test_the_model_reads_as_the_files_say_and_as_the_screen_shows() -> None:
    interpreter = project_model().interpreter
    present = glossary.reading_of_model(interpreter)
    assert present == glossary.reading_of_files(project())
    for item in glossary.abbreviations_of(present, None, ALL):
        if item.word.isalpha():
            assert norms(interpreter, f"la {item.spellings[0]} ici") == f"la {item.meaning} ici", item
    assert {"cpms", "po", "pse", "cta", "caf", "esahr"} <= {item.name for item in glossary.values_of(present, None, ALL)}


def norms(interpreter: Interpreter, text: str) -> str:
    return " ".join(token.norm for token in interpreter.understand(text).tokens)


def test_a_pipeline_without_abbreviations_and_synonyms_has_none(tmp_path: Path) -> None:
    assert glossary.reading_of_files(read_project(small_project(tmp_path / "petit"))[0]) == Reading()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("sigles")
    with staffed(folder) as found:
        yield found


def counted(client: httpx.Client, query: str = "") -> str:
    """The screen once its sentences are counted."""
    limit = time.monotonic() + 60
    while "Les phrases se comptent" in (page := client.get(f"/console/sigles{query}").text):
        assert time.monotonic() < limit
        time.sleep(0.2)
    return page


@pytest.mark.slow
def test_the_screen_counts_searches_and_comes_in_part(url: str) -> None:
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        log_in(client, "lecteur")
        begin = time.perf_counter()
        assert client.get("/console/sigles").status_code == 200  # what is not counted yet is not waited for
        assert time.perf_counter() - begin < 1.0
        page = counted(client)
        assert "mot de passe" in page
        assert "CEB" in page
        assert "dans les fichiers, pas encore publié" not in page
        assert "En proposer un" in page
        found = counted(client, "?q=CPMS")
        assert "mdp" not in found.split("</form>", 2)[2]
        assert re.search(r"<mark>cpms</mark>", found)
        part = client.get("/console/sigles?q=mdp", headers={"HX-Request": "true"}).text
        assert part.lstrip().startswith("<div")
        assert "<html" not in part
        odd = counted(client, "?q=%3Cb%3E%00" + "x" * 5_000)
        assert "<b>" not in odd
        assert "Aucun résultat" in odd
