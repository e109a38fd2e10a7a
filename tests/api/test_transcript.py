"""A stored conversation, shown again."""

import pytest

from api import transcript
from api.answer_text import parse_answer
from api.transcript import exchanges
from bot import events as ev

MENU = {"buttons": [{"title": "Redirections", "payload": "/redirection"}, {"title": "Page", "url": "https://exemple.be"}]}
MODE = {"buttons": [{"title": "Oui", "payload": "/mot_de_passe_mode"}]}


def bot(text: str, data: dict | None = None, response: str = "utter_aide") -> ev.BotUttered:
    return ev.BotUttered(text=text, data=data or {}, metadata={"utter_action": response})


EVENTS = [
    ev.ActionExecuted(name="action_session_start"),
    ev.UserUttered(text="aide"),
    bot("Choisissez.", MENU),
    ev.UserUttered(text="mdp perdu"),
    bot("Connu dans MODE ?", MODE, "utter_ask_connu_mode"),
    ev.UserUttered(text="/redirection"),
    bot("Déconseillé."),
    bot("Autre chose ?", {"buttons": [{"title": "x", "url": "javascript:alert(1)"}, {"title": "y", "payload": "/y"}]}),
]


def test_a_button_that_was_pressed_is_shown_by_its_title() -> None:
    assert [each.question for each in exchanges(EVENTS, 10)] == ["aide", "mdp perdu", "Redirections"]


def test_choices_are_over_once_passed_except_those_of_mode() -> None:
    first, second, third = exchanges(EVENTS, 10)
    menu, mode, last = first.answers[0].buttons, second.answers[0].buttons, third.answers[1].buttons
    assert [(each.payload, each.href) for each in menu] == [(None, None), (None, "https://exemple.be")]
    assert [each.payload for each in mode] == ["/mot_de_passe_mode"]
    assert [(each.payload, each.href) for each in last] == [(None, None), ("/y", None)]


def test_only_the_last_ones() -> None:
    assert [each.question for each in exchanges(EVENTS, 1)] == ["Redirections"]
    assert exchanges([], 5) == []


def test_only_what_is_shown_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    monkeypatch.setattr(transcript, "parse_answer", lambda text: parsed.append(text) or parse_answer(text))
    exchanges(EVENTS, 2)
    assert parsed == ["Connu dans MODE ?", "Déconseillé.", "Autre chose ?"]
