"""Events in Rasa's JSON, as a foreign action server may write them."""

from typing import Any

import pytest

from bot.events import BotUttered, EventError, SlotSet, event_from_json


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "slot",
        {},
        {"event": 3},
        {"event": "nothing"},
        {"event": "slot"},
        {"event": "slot", "name": ["a"], "value": 1},
        {"event": "action", "name": {"a": 1}},
        {"event": "bot", "data": ["x"]},
        {"event": "bot", "text": 3},
        {"event": "bot", "metadata": "x"},
        {"event": "bot", "timestamp": "now"},
        {"event": "user", "parse_data": ["x"]},
        {"event": "entities", "entities": 3},
    ],
)
def test_what_is_no_event_is_refused_and_nothing_else_is_raised(body: Any) -> None:
    with pytest.raises(EventError):
        event_from_json(body)


def test_null_is_nothing_and_unknown_keys_are_dropped() -> None:
    body = {"event": "bot", "text": None, "data": None, "metadata": None, "timestamp": None, "more": 1}
    assert event_from_json(body) == BotUttered()
    assert event_from_json({"event": "slot", "name": "a", "value": ["x"], "timestamp": 2}) == SlotSet(
        name="a", value=["x"], timestamp=2
    )
