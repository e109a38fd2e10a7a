"""Answers say what the official page says, and nothing that it does not (the table of facts is tests/data/facts.yml)."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.project.loader import read_project
from tests.shared import shared

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "tests/data/faq-bma.txt").read_text(encoding="utf-8")
yaml = YAML(typ="safe", pure=True)
FACTS = yaml.load((ROOT / "tests/data/facts.yml").read_text(encoding="utf-8"))
LINKS = yaml.load((ROOT / "data/links.yml").read_text(encoding="utf-8"))
DOMAIN = read_project(ROOT)[0].domain
RESPONSES = {name: [str(item.content.get("text", "")) for item in items] for name, items in DOMAIN.responses.items()}


def plain(text: str) -> str:
    """Without what typography varies."""
    return re.sub(r"\s+", " ", text.replace("’", "'").replace("\u00a0", " ")).casefold()


def test_the_committed_page_is_the_official_one() -> None:
    assert shared("source/faq-bma.txt").read_text(encoding="utf-8") == PAGE


@pytest.mark.parametrize("name", FACTS)
def test_each_answer_states_its_facts(name: str) -> None:
    for text in RESPONSES[f"utter_{name}"]:
        for fact in FACTS[name]:
            assert plain(fact) in plain(text), f"{name}: {fact!r} is missing"


def test_every_answer_of_the_table_has_its_facts() -> None:
    table = shared("design/answers.md").read_text(encoding="utf-8")
    ids = re.findall(r"^\| ([a-z_]+) \|", table, re.M)
    listed = {item for item in ids if item not in ("id", "mot_de_passe")}
    assert listed <= {*FACTS, "aide"} | {"salutation", "au_revoir", "remerciement", "robot"}


def said() -> list[tuple[str, str]]:
    return [(name, text) for name, texts in RESPONSES.items() for text in texts]


@pytest.mark.parametrize(("name", "text"), said())
def test_no_number_mail_phone_or_url_that_the_page_lacks(name: str, text: str) -> None:
    known = PAGE + " " + " ".join(str(link["url"] or "") + " " + link.get("printed", "") for link in LINKS["links"])
    text = text.replace("{lien_page}", "")
    for token in re.findall(r"https?://[^\s)»]+|[\w.+-]+@[\w.-]+\w|\+?\d[\d\s()/.]*\d|\d+", text):
        assert token.strip() in known, f"{name}: {token!r} is not on the page"


@pytest.mark.parametrize(("name", "text"), [item for item in said() if item[0].removeprefix("utter_") in FACTS])
def test_answers_are_short_and_link_the_page(name: str, text: str) -> None:
    assert len(text) <= 500
    assert "{lien_page}" in text or any(f"{{{item}}}" in text for item in ("formulaire", "infographie"))


def test_no_promise_and_no_hour() -> None:
    for name, text in said():
        assert not re.search(r"\d+ ?h\b|heures?|minutes?|délai|garanti|24/7|gratuit", text, re.I), name


def test_buttons_have_human_titles_and_known_payloads() -> None:
    for name, variations in DOMAIN.responses.items():
        for variation in variations:
            for button in variation.content.get("buttons") or ():
                assert "_" not in button["title"], name
                assert button["payload"].removeprefix("/") in DOMAIN.intents, name
