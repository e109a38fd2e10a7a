"""What was said before changes how likely an intent is."""

from typing import Any

import pytest

from bot.nlu.context_prior import ContextPrior
from bot.nlu.message import Context, Message

OPTIONS = {
    "slot": "topic",
    "without_topic": {"intents": ["why"], "weight": 0.2},
    "same_topic": {"intents": ["yes"], "weight": 5},
    "topics": [
        {"after": ["size", "move"], "intents": ["size"], "weight": 3},
        {"after": ["move"], "intents": ["yes"], "weight": 0.1},
    ],
    "forms": {"ask": {"intents": ["yes"], "weight": 4, "elsewhere": 0.5}},
}


def weighed(context: Context | None, options: dict[str, Any] = OPTIONS) -> dict[str, float]:
    ranking = [{"name": "why", "confidence": 0.5}, {"name": "size", "confidence": 0.3}, {"name": "yes", "confidence": 0.2}]
    message = Message("…", ranking=ranking, intent=dict(ranking[0]), context=context)
    ContextPrior({**ContextPrior.OPTIONS, **options}).process(message)
    assert message.intent == message.ranking[0]
    assert [item["confidence"] for item in message.ranking] == sorted((i["confidence"] for i in message.ranking), reverse=True)
    return {item["name"]: item["confidence"] for item in message.ranking}


def test_a_text_without_its_conversation_is_left_alone() -> None:
    assert weighed(None) == {"why": 0.5, "size": 0.3, "yes": 0.2}


@pytest.mark.parametrize(
    ("context", "weights"),
    [
        (Context(), (0.2, 1, 0.5)),
        (Context({"topic": "size"}), (1, 3, 0.5)),
        (Context({"topic": "move"}), (1, 3, 0.5)),
        (Context({"topic": "move"}, form="ask"), (1, 3, 4)),
        (Context({"topic": "else"}, form="other"), (1, 1, 0.5)),
        (Context({"topic": "why"}), (1, 1, 0.5)),
        (Context({"topic": "yes"}), (1, 1, 0.5)),
    ],
)
def test_weights(context: Context, weights: tuple[float, float, float]) -> None:
    scores = [weight * before for weight, before in zip(weights, (0.5, 0.3, 0.2), strict=True)]
    expected = {name: score / sum(scores) for name, score in zip(("why", "size", "yes"), scores, strict=True)}
    assert weighed(context) == pytest.approx(expected)


def test_a_short_ranking_keeps_its_sum() -> None:
    message = Message("…", ranking=[{"name": "why", "confidence": 0.4}, {"name": "size", "confidence": 0.2}], context=Context())
    ContextPrior({**ContextPrior.OPTIONS, **OPTIONS}).process(message)
    assert sum(item["confidence"] for item in message.ranking) == pytest.approx(0.6)


def test_no_options_change_nothing() -> None:
    assert weighed(Context({"topic": "size"}), {}) == {"why": 0.5, "size": 0.3, "yes": 0.2}


def test_nothing_to_weigh() -> None:
    message = Message("…", context=Context())
    ContextPrior({**ContextPrior.OPTIONS, **OPTIONS}).process(message)
    assert (message.ranking, message.intent["name"]) == ([], None)
