"""Cards: valid against the official schema for every answer, links only where they may be, readable without cards."""

import json
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft6Validator

from actions.links import may_be_shown
from api.channels.teams.cards import MAX_BYTES, MAX_LINE, parts
from api.channels.teams.links import runs
from api.channels.teams.texts import greeting_buttons, text
from bot.responses import message_of, pieces
from tests.project import project
from tests.shared import shared

WEBMAIL = "https://www.webmail@adm.cfwb.be"


@cache
def validator() -> Draft6Validator:
    return Draft6Validator(json.loads(shared("schemas/adaptive-card-1.5.0.json").read_text(encoding="utf-8")))


def require_valid(card: dict[str, Any]) -> None:
    """What the schema says, and what it forgets to say."""
    assert not [error.message for error in validator().iter_errors(card)]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.5")
    assert card["fallbackText"].strip()
    assert card["body"]
    assert len(json.dumps(card, ensure_ascii=False).encode("utf-16-le")) <= MAX_BYTES
    for action in actions(card):
        assert action["title"].strip()
        if action["type"] == "Action.OpenUrl":
            assert may_be_shown(action["url"])


def actions(node: Any) -> list[dict[str, Any]]:
    """All actions in a card, those of runs of text too."""
    if isinstance(node, list):
        return [action for item in node for action in actions(item)]
    if not isinstance(node, dict):
        return []
    own = [node] if str(node.get("type", "")).startswith("Action.") else []
    return own + [action for value in node.values() for action in actions(value)]


def links(card: dict[str, Any]) -> list[str]:
    return [action["url"] for action in actions(card) if action["type"] == "Action.OpenUrl"]


def shown(card: dict[str, Any]) -> str:
    """The text of a card's runs, with ordinary spaces."""
    blocks = [item["inlines"] for item in card["body"] if item["type"] == "RichTextBlock"]
    return "\n".join("".join(run["text"] for run in inlines) for inlines in blocks).replace("\xa0", " ")


def project_responses() -> list[tuple[str, int]]:
    domain = project().domain
    return [(name, number) for name, variations in domain.responses.items() for number, _ in enumerate(variations)]


@pytest.mark.parametrize(("name", "number"), project_responses())
def test_every_answer_is_a_valid_card(name: str, number: int) -> None:
    content = load_project_responses()[name][number].content
    for part in parts(pieces([message_of(content, name)]), "m"):
        require_valid(part.card)
        assert part.summary.strip()
        for button in content.get("buttons") or ():
            assert button["title"] in [action["title"] for action in actions(part.card)]


@cache
def load_project_responses() -> Any:
    return project().domain.responses


def card_of(*messages: dict[str, Any]) -> dict[str, Any]:
    (part,) = parts(messages, "m")
    require_valid(part.card)
    return part.card


def test_the_webmail_s_address_is_shown_and_is_no_link() -> None:
    card = card_of({"text": f"Les mails de la BMA se lisent à l’adresse que donne la page officielle : {WEBMAIL}"})
    assert links(card) == []
    assert WEBMAIL in shown(card)
    assert links(card_of({"text": WEBMAIL, "buttons": [{"title": "Ouvrir", "type": "web_url", "url": WEBMAIL}]})) == []
    assert links(card_of({"text": "Webmail (www.webmail@adm.cfwb.be)"})) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "Plus d’informations : http://www.enseignement.be/index.php?page=28724&navi=4989",
            ["http://www.enseignement.be/index.php?page=28724&navi=4989"],
        ),
        ("Voir https://exemple.be/a.", ["https://exemple.be/a"]),
        ("Support : +32 (0)2/800.10.10 ou support@etnic.be.", ["tel:+3228001010", "mailto:support@etnic.be"]),
        ("ec005464@adm.cfwb.be ou ecXXXXXX@adm.cfwb.be", []),
        ("javascript:alert(1) data:text/html,x vbscript:x file://localhost/etc/passwd", []),
        ("https://user:pw@evil.example/ http://evil.example@adm.cfwb.be ftp://x.be", []),
        ("[cliquez](https://evil.example) *gras* _x_ `code`", ["https://evil.example"]),
        ("<a href='https://evil.example'>x</a>", ["https://evil.example'"]),
        ("numéro 5464, le 20/08/2025 à 12:30", []),
        ("//evil.example/x www.evil.example", []),
    ],
)
def test_links_of_a_line(line: str, expected: list[str]) -> None:
    found = [run.url for run in runs(line) if run.url]
    assert found == expected
    assert all(may_be_shown(url) for url in found)
    if len(runs(line)) > 1:
        assert "".join(run.text for run in runs(line)) == line, "a link changes the text"


def test_a_titled_link_shows_its_title() -> None:
    card = card_of({"text": "Plus d’informations : https://exemple.be/une/longue/adresse?x=1"})
    assert shown(card) == "Plus d’informations"
    assert "https://exemple.be/une/longue/adresse?x=1" in card["fallbackText"]


def test_markdown_and_html_are_shown_as_they_are() -> None:
    text_ = "# Titre **gras** <b>x</b> | a | \\n & ![x](y)"
    assert shown(card_of({"text": text_})) == text_


def test_no_line_begins_with_a_french_sign() -> None:
    body = card_of({"text": "Le compte « EDU perso » : oublié ? +32 (0)2/800.10.10"})["body"]
    assert [run["text"] for run in body[1]["inlines"]] == [
        "Le compte «\xa0EDU perso\xa0»\xa0: oublié\xa0? ",
        "+32\xa0(0)2/800.10.10",
    ]


def test_buttons_carry_payload_and_question() -> None:
    card = card_of({"text": "Dans MODE ?", "buttons": [{"title": "Oui", "payload": "/mot_de_passe_mode"}]})
    (button,) = actions(card)
    expected = {"payload": "/mot_de_passe_mode", "question": "m"}
    assert button == {"type": "Action.Submit", "title": "Oui", "data": expected}
    assert card["fallbackText"].endswith("- Oui")


def test_the_request_opens_the_mail_program_and_can_be_copied() -> None:
    mailto = "mailto:support@etnic.be?subject=BMA&body=Bonjour%2C"
    button = {"title": "Ouvrir dans ma messagerie", "type": "web_url", "url": mailto, "payload": mailto}
    card = card_of({"text": "Voici votre demande.\nNom : ______", "buttons": [button]})
    assert links(card) == [mailto]
    assert "Nom : ______" in shown(card)


def test_two_answers_are_told_apart_and_pieces_of_one_are_not() -> None:
    def piece(words: str, name: str) -> dict[str, Any]:
        return {"text": words, "metadata": {"utter_action": name}}

    card = card_of(piece("un", "utter_a"), piece("deux", "utter_a"), piece("trois", "utter_b"))
    assert [item.get("separator", False) for item in card["body"][1:]] == [False, False, True]


def test_a_long_answer_is_several_cards_and_nothing_is_lost() -> None:
    lines = [f"ligne {number} " + "mot " * 200 for number in range(60)]
    found = parts([{"text": "\n".join(lines), "buttons": [{"title": "Oui", "payload": "/aide"}]}], "m")
    assert len(found) > 3
    for part in found:
        require_valid(part.card)
        assert part.card["body"][0]["text"].startswith("Assistant automatique")
    assert "\n".join(shown(part.card) for part in found) == "\n".join(line.strip() for line in lines)
    assert [len(actions(part.card)) for part in found] == [0] * (len(found) - 1) + [1]


def test_a_line_without_end_is_cut() -> None:
    found = parts([{"text": "é" * 30_000}], "m")
    assert "".join(shown(part.card).replace("\n", "") for part in found) == "é" * 30_000
    for part in found:
        require_valid(part.card)
        assert all(len(item["inlines"][0]["text"]) <= MAX_LINE for item in part.card["body"][1:])


@pytest.mark.parametrize(
    "message",
    [{}, {"text": ""}, {"custom": {"a": 1}}, {"image": "http://exemple.be/x.png"}, {"buttons": [{"title": "", "payload": ""}]}],
)
def test_what_cannot_be_shown_is_an_apology(message: dict[str, Any]) -> None:
    assert "support@etnic.be" in shown(card_of(message))


def test_images_have_a_text_and_come_over_https() -> None:
    card = card_of({"image": "https://exemple.be/x.png"}, {"attachment": "https://exemple.be/x.pdf"})
    assert card["body"][1] == {"type": "Image", "url": "https://exemple.be/x.png", "altText": "Illustration"}
    assert links(card) == ["https://exemple.be/x.pdf"]


def test_the_greeting_s_buttons_are_payloads_of_the_model() -> None:
    domain = project().domain
    card = card_of({"text": text("accueil"), "buttons": greeting_buttons()})
    payloads = [action["data"]["payload"] for action in actions(card)]
    assert payloads
    assert all(payload.removeprefix("/") in domain.intents for payload in payloads)
    assert "assistant automatique" in text("accueil")
    assert "assistant automatique" in text("accueil_groupe")
