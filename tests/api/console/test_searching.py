"""What « Chercher » finds and marks, and what it says of the data, without a server."""

import asyncio
import threading
import time
from datetime import date
from pathlib import Path

import pytest

from api.console.background import Kept
from api.console.console import Console
from api.console.data_checks import LEAST_EXAMPLES, MOST_PAIRS, check, check_links
from api.console.screens.search import Library
from api.console.searching import MOST_CHARS, MOST_SHOWN, Answer, Button, Index, Query, Sentence, read_query
from bot.agent import Agent
from bot.project.model import Example, Location
from bot.storage import open_store
from bot.training.prediction import Scope
from tests.api.console.small import small_agent, small_settings

TOPICS = ("mot_de_passe", "adresse")
TRAINING = (
    Sentence("J’ai oublié le Mot de Passe de l’École", "mot_de_passe", "data/nlu/a.yml:3"),
    Sentence("100 % des écoles ont une adresse", "adresse", "data/nlu/b.yml:4"),
    Sentence('un cœur "vaillant" d\'or', "adresse", "data/nlu/b.yml:5"),
)
TESTS = (Sentence("le passe, le mot, et l'ecole", "mot_de_passe", "tests/nlu/frozen.yml:9"),)
ANSWERS = (
    Answer("utter_adresse", 1, 2, "L’adresse de l’école", place="domain.yml:7"),
    Answer("utter_adresse", 2, 2, "Choisissez", (Button("École fondamentale", "/fondamental"),)),
    Answer("utter_ask_connu_mode", 1, 1, "Connu dans MODE ?"),
)
INDEX = Index(TRAINING, TESTS, ANSWERS)


def find(text: str, topic: str = "") -> tuple[list[str], list[str], list[str]]:
    found = INDEX.find(read_query(text, topic, TOPICS))
    answers = [f"{item.name} {item.number}" for item in found.answers.shown]
    return answers, [item.text for item in found.training.shown], [item.text for item in found.tests.shown]


def marked(query: str, text: str) -> list[str]:
    pieces = read_query(query, "", TOPICS).marked(text)
    assert "".join(piece for piece, _ in pieces) == text
    return [piece for piece, is_found in pieces if is_found]


@pytest.mark.parametrize("text", ["ecole", "ÉCOLE", "école", "e\u0301cole", "  École ", "« école »", '"ecole"', "col"])
def test_case_accents_and_quotation_marks_do_not_count(text: str) -> None:
    assert find(text) == (["utter_adresse 1", "utter_adresse 2"], [TRAINING[0].text, TRAINING[1].text], [TESTS[0].text])


def test_all_words_must_be_there_in_any_order() -> None:
    assert find("mot passe ecole")[1:] == ([TRAINING[0].text], [TESTS[0].text])
    assert find("ecole mot")[1] == [TRAINING[0].text]
    assert find("mot adresse") == ([], [], [])


@pytest.mark.parametrize("text", ["l'école", "l’école", "L`ECOLE"])
def test_an_apostrophe_is_an_apostrophe(text: str) -> None:
    assert find(text)[1] == [TRAINING[0].text]


@pytest.mark.parametrize("text", ["%", "100 %", "_"])
def test_signs_stand_for_themselves(text: str) -> None:
    assert find(text)[1] == ([] if text == "_" else [TRAINING[1].text])


def test_a_topic_alone_lists_what_it_has() -> None:
    assert find("", "mot_de_passe") == (["utter_ask_connu_mode 1"], [TRAINING[0].text], [TESTS[0].text])
    assert find("ecole", "adresse") == (["utter_adresse 1", "utter_adresse 2"], [TRAINING[1].text], [])
    assert read_query("", "autre' OR 1=1", TOPICS).is_empty


def test_an_answer_is_found_by_its_name_and_its_buttons() -> None:
    assert find("connu_mode")[0] == ["utter_ask_connu_mode 1"]
    assert find("/fondamental")[0] == find("fondamentale")[0] == ["utter_adresse 2"]


def test_a_confirmed_sentence_is_found_too() -> None:
    found = INDEX.find(read_query("zèbre", "", TOPICS), [Sentence("un zebre", "adresse")])
    assert [item.text for item in found.tests.shown] == ["un zebre"]


@pytest.mark.parametrize("text", ["", "  \n", "\0", '"', "« »", "' \" ’"])
def test_nothing_is_asked_by_nothing(text: str) -> None:
    assert read_query(text, "", TOPICS).is_empty


def test_a_long_text_is_cut_and_says_so() -> None:
    for text in ("é" * 2000, "ecole " * 333, "'\"%" * 700, "\U0001f600" * 2000, "(a+)+$" * 400):
        query = read_query(text, "", TOPICS)
        assert query.is_cut
        assert len(query.text) <= MOST_CHARS
        INDEX.find(query)
        query.marked("é" * 2000)
    assert not read_query("é" * MOST_CHARS, "", TOPICS).is_cut


@pytest.mark.parametrize(
    ("query", "text", "pieces"),
    [
        ("ecole", "L’École, l'école et l'e\u0301cole\u0301", ["École", "école", "e\u0301cole\u0301"]),
        ("oe", "un cœur, du coeur", ["œ", "oe"]),
        ("e", "cœur", ["œ"]),
        ("mot moteur", "un moteur, un mot", ["moteur", "mot"]),
        ("aa", "aaa", ["aa"]),
        ("b>", "<b>gras</b>", ["b>", "b>"]),
        ("%", "100 %", ["%"]),
        ("x", "", []),
        ("x", "ﬁn İstanbul ς", []),
        ("fi", "ﬁn", ["ﬁ"]),
    ],
)
def test_what_was_found_is_marked_in_the_text_as_it_is(query: str, text: str, pieces: list[str]) -> None:
    assert marked(query, text) == pieces


def test_a_hundred_are_shown_and_all_are_counted() -> None:
    found = Index([Sentence(f"phrase {number}", "adresse") for number in range(250)], (), ()).find(Query("p", "", ("phrase",)))
    assert (found.training.total, len(found.training.shown)) == (250, MOST_SHOWN)


def test_it_is_quick() -> None:
    index = Index([Sentence(f"Où est l'école numéro {number} ? " * 3, "adresse") for number in range(20_000)], (), ())
    began = time.perf_counter()
    assert index.find(read_query(" ".join("abcdefghijklmnopqrstuvwxyz" * 4), "", TOPICS)).training.total == 0
    assert index.find(read_query("ecole numero 19999", "", TOPICS)).training.total == 1
    assert time.perf_counter() - began < 0.3


def example(text: str, intent: str) -> Example:
    return Example(text, intent, location=Location("data/nlu/a.yml", 1))


def test_checks_tell_the_same_from_nearly_the_same() -> None:
    words = ("rouge", "vert", "bleu", "jaune", "noir", "blanc", "gris", "rose", "brun", "mauve")
    many = [example(f"{word} {word[::-1]} question {word.upper()}", "adresse") for word in words]
    pairs = [
        example("Comment lire les mails de la boite ?", "adresse"),
        example("comment lire les mails de la boîte", "lecture"),
        example("comment lire les mels de la boite", "lecture"),
        example("stop", "arret"),
        example("/stop", "lecture"),
    ]
    found = check([*many, *pairs], ["adresse", "lecture", "arret", "vide"], Scope("hors_sujet"))
    assert found.few == (("vide", 0), ("arret", 1), ("lecture", 3))
    assert (found.sentences, found.topics) == (15, 4)
    assert [(pair.first.text, pair.second.text) for pair in found.same] == [(pairs[0].text, pairs[1].text)]
    assert {(pair.first.text, pair.second.text) for pair in found.near} == {(pairs[0].text, pairs[2].text), ("stop", "/stop")}
    assert found.near_total == 2


def test_fifty_pairs_are_kept_and_all_are_counted() -> None:
    sentences = [
        example(f"ma question porte le numero {number} pour la boite", f"sujet_{number % 2}") for number in range(100, 130)
    ]
    found = check(sentences, (), Scope("hors_sujet"))
    assert not found.same
    assert (len(found.near), found.near_total) == (MOST_PAIRS, 15 * 15)
    assert not [name for name, count in found.few if count >= LEAST_EXAMPLES]


LINKS = """
rendering: {with_url: "{title} : {url}", without_url: "{title} : {page}"}
links:
  - {id: a, title: Bon, url: "https://exemple.be/", checked: 2025-11-25}
  - {id: b, title: Vieux, url: "https://exemple.be/b", checked: 2025-11-24}
  - {id: c, title: Sans adresse, url: null, section: ici, checked: 2026-11-01}
  - {id: d, title: Sans date, url: "https://exemple.be/d"}
  - {id: e, title: Ni l'un ni l'autre, url: null, section: ici, checked: un jour}
"""


def test_links_without_an_address_or_checked_long_ago_come_first(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/links.yml").write_text(LINKS, encoding="utf-8")
    found = check_links(tmp_path, date(2026, 11, 25))
    assert found is not None
    assert [(item.link.id, item.flags) for item in found] == [
        ("b", ("ancien",)),
        ("c", ("sans_adresse",)),
        ("d", ("sans_date",)),
        ("e", ("sans_adresse", "sans_date")),
        ("a", ()),
    ]


@pytest.mark.parametrize("content", [None, "", "links: [", "links: 3"])
def test_links_that_cannot_be_read_are_none(tmp_path: Path, content: str | None) -> None:
    (tmp_path / "data").mkdir()
    if content is not None:
        (tmp_path / "data/links.yml").write_text(content, encoding="utf-8")
    assert check_links(tmp_path, date(2026, 11, 25)) is None


def test_work_is_done_once_for_a_key_and_again_when_it_failed() -> None:
    go, done = threading.Event(), []

    def work() -> int:
        go.wait(10)
        done.append(1)
        if len(done) == 1:
            raise ValueError("the first time")
        return len(done)

    async def play() -> None:
        kept: Kept[int] = Kept()
        assert await kept.get("a", work, 0.01) is None
        assert await kept.get("a", work, 0.01) is None
        go.set()
        with pytest.raises(ValueError, match="the first time"):
            await kept.get("a", work, 10)
        assert await kept.get("a", work, 10) == 2
        assert await kept.get("a", work, 10) == 2
        assert await kept.get("b", work, 10) == 3

    asyncio.run(play())


@pytest.mark.slow
def test_files_that_change_or_cannot_be_read_are_seen(tmp_path: Path) -> None:
    settings = small_settings(tmp_path, f"sqlite:///{tmp_path}/db.sqlite3", console="on")
    domain = settings.project_dir / "domain.yml"

    async def found(library: Library, agent: Agent, text: str) -> tuple[list[str], list[str], int]:
        index = await library.index(agent, 60)
        assert index is not None
        results = index.find(read_query(text, "", ()))
        return (
            [item.place for item in results.answers.shown],
            [item.place for item in results.tests.shown],
            results.training.total,
        )

    async def play() -> None:
        store = open_store(settings.database_url)
        try:
            agent, library = small_agent(settings, store), Library(Console(settings))
            assert await found(library, agent, "bonjour") == (["domain.yml:6"], ["tests/nlu/frozen.yml:7"], 2)
            checks = await library.checks(agent, 60)
            assert checks is not None
            assert dict(checks.few)["horaire"] == 6
            domain.write_text("# une ligne de plus\n" + domain.read_text())
            assert (await found(library, agent, "bonjour"))[0] == ["domain.yml:7"]
            domain.write_text("intents: [")
            assert await found(library, agent, "bonjour") == ([""], [], 2)
            assert not library.reader.has_files
            of_the_model = await library.checks(agent, 60)
            assert of_the_model is not None
            assert of_the_model.sentences == checks.sentences
        finally:
            await store.close()

    asyncio.run(play())
