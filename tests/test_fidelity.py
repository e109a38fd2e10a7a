"""Answers say what the official page says, and nothing that it does not (the table of facts is tests/data/facts.yml)."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.project import project
from tests.shared import shared

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "tests/data/faq-bma.txt").read_text(encoding="utf-8")
yaml = YAML(typ="safe", pure=True)
FACTS = yaml.load((ROOT / "tests/data/facts.yml").read_text(encoding="utf-8"))
LINKS = yaml.load((ROOT / "data/links.yml").read_text(encoding="utf-8"))
DOMAIN = project().domain
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


@pytest.mark.parametrize("name", ["utter_restart", "utter_back", "utter_abandon"])
def test_what_is_kept_is_not_said_to_be_forgotten(name: str) -> None:
    """Texts are kept for days after a restart."""
    for text in RESPONSES[name]:
        assert not re.search(r"oubli|effac|supprim", text), name


def test_buttons_have_human_titles_and_known_payloads() -> None:
    for name, variations in DOMAIN.responses.items():
        for variation in variations:
            for button in variation.content.get("buttons") or ():
                assert "_" not in button["title"], name
                assert button["payload"].removeprefix("/") in DOMAIN.intents, name


def plain_variations(name: str) -> list[str]:
    """Texts of the variations without a condition."""
    return [str(item.content["text"]) for item in DOMAIN.responses[name] if not item.conditions]


@pytest.mark.parametrize("name", RESPONSES)
def test_every_response_has_two_wordings(name: str) -> None:
    assert len(set(plain_variations(name))) >= 2


def simpler(name: str) -> list[str]:
    """Texts that are only said when the user has not understood."""
    return [
        str(item.content["text"])
        for item in DOMAIN.responses[name]
        if [(condition.slot, condition.value) for condition in item.conditions] == [("reformuler", True)]
    ]


@pytest.mark.parametrize("name", [name for name in FACTS if name != "hors_sujet"])
def test_every_topic_can_be_said_in_simpler_words(name: str) -> None:
    assert len(simpler(f"utter_{name}")) == 1
    assert simpler(f"utter_{name}")[0] not in plain_variations(f"utter_{name}")


def test_an_answer_from_memory_says_why() -> None:
    for status in ("mode", "hors_mode"):
        texts = [
            str(item.content["text"])
            for item in DOMAIN.responses[f"utter_mot_de_passe_{status}"]
            if [(condition.slot, condition.value) for condition in item.conditions] == [("mode_de_memoire", True)]
        ]
        assert len(texts) >= 2
        assert all(re.match(r"Comme v|D’après ce que vous m’avez dit", text) for text in texts)


def test_the_written_request_goes_where_the_page_says() -> None:
    request = yaml.load((ROOT / "data/demande.yml").read_text(encoding="utf-8"))["demande"]
    assert request["destinataire"] in PAGE
    assert all(word in request["texte"] for word in ("Nom : ______", "Prénom : ______", "{adresse}", "{probleme}"))
