"""An answer and a question in one message, while a form asks."""

import pytest

from bot.nlu.answer_splitter import AnswerSplitter
from bot.nlu.message import Context, Message

OPTIONS = {
    "forms": {"ask": ["yes", "no"]},
    "questions": ["size", "move"],
    "cuts": ["mais", "et"],
    "not_yet": ["attendez"],
    "not_alone": ["non"],
}
ASKED = Context({}, "ask")


def splitter() -> AnswerSplitter:
    return AnswerSplitter({**AnswerSplitter.OPTIONS, **OPTIONS})


def understood(text: str, intent: str, confidence: float = 0.9) -> Message:
    ranking = [{"name": intent, "confidence": confidence}]
    return Message(text, intent=dict(ranking[0]), ranking=ranking)


def proposed(text: str, context: Context | None = ASKED) -> list[str]:
    message = Message(text, context=context, segments=[(0, 1)])
    splitter().process(message)
    return [text[start:end] for start, end in message.segments]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("oui, la taille aussi", ["oui", "la taille aussi"]),
        ("oui. Et la taille ?", ["oui", "la taille ?"]),
        ("je crois que oui mais la taille ?", ["je crois que oui", "la taille ?"]),
        ("on y est, mais la taille", ["on y est", "la taille"]),
        ("non mais la taille d'abord", []),
        ("non, attendez, la taille", []),
        ("oui mais la taille", ["oui", "la taille"]),
        ("oui", []),
        ("oui, merci", []),
        (", la taille", []),
        ("Étrange, l'émail et là", ["Étrange", "l'émail et là"]),
    ],
)
def test_parts(text: str, parts: list[str]) -> None:
    assert proposed(text) == parts


@pytest.mark.parametrize("context", [None, Context(), Context({}, "other")])
def test_nothing_without_its_form(context: Context | None) -> None:
    assert proposed("oui, la taille aussi", context) == []


def test_a_letter_is_no_answer() -> None:
    assert proposed("oui, la taille " + "aussi " * 60) == []


@pytest.mark.parametrize(
    ("first", "second", "intents"),
    [
        (("yes", 0.9), ("size", 0.9), ["yes", "size"]),
        (("yes", 0.5), ("size", 0.9), ["whole"]),
        (("yes", 0.9), ("size", 0.5), ["whole"]),
        (("size", 0.9), ("move", 0.9), ["whole"]),
        (("yes", 0.9), ("no", 0.9), ["whole"]),
    ],
)
def test_choice(first: tuple[str, float], second: tuple[str, float], intents: list[str]) -> None:
    text = "oui, la taille aussi"
    message = understood(text, "whole", 0.6)
    message.context = ASKED
    message.entities = [{"entity": "e", "value": "v", "start": 8, "end": 14}]
    ours = splitter()
    ours.process(message)
    ours.choose(message, [understood("oui", *first), understood("la taille aussi", *second)])
    assert [message.intent["name"], *(item["intent"]["name"] for item in message.questions)] == intents
    if len(intents) == 2:
        assert message.entities == []
        assert [(item["start"], item["end"]) for item in message.questions] == [(5, 20)]


def test_questions_that_were_found_before_stay() -> None:
    message = Message("oui, la taille aussi", context=ASKED, questions=[{"start": 0, "end": 3}])
    splitter().process(message)
    assert (message.segments, len(message.questions)) == ([], 1)
