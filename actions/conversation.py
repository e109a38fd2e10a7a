"""What actions ask of a conversation. Trackers come from outside: odd values read as "nothing said"."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from rasa_sdk.interfaces import Tracker


def _latest(tracker: Tracker, key: str, kind: type) -> Any:
    message: Any = tracker.latest_message
    value = message.get(key) if isinstance(message, Mapping) else None
    return value if isinstance(value, kind) else kind()


def entity_values(tracker: Tracker, name: str) -> list[str]:
    """Values of an entity in the latest message, in the order they were found."""
    found = _latest(tracker, "entities", list)
    items = [item for item in found if isinstance(item, Mapping) and item.get("entity") == name]
    return [str(item["value"]) for item in items if isinstance(item.get("value"), str | int)]


def slot_text(tracker: Tracker, name: str) -> str | None:
    """A slot's text; None when it holds no text."""
    slots: Any = tracker.slots
    value = slots.get(name) if isinstance(slots, Mapping) else None
    return value if isinstance(value, str) else None


def latest_intent(tracker: Tracker) -> str | None:
    """Intent of the latest message."""
    name = _latest(tracker, "intent", dict).get("name")
    return name if isinstance(name, str) else None


def intent_ranking(tracker: Tracker) -> list[tuple[str, float]]:
    """Intents and confidences of the latest message, likeliest first."""
    pairs = []
    for item in _latest(tracker, "intent_ranking", list):
        if isinstance(item, Mapping) and isinstance(item.get("name"), str) and isinstance(item.get("confidence"), int | float):
            pairs.append((item["name"], float(item["confidence"])))
    return sorted(pairs, key=lambda pair: -pair[1])


def canonical(value: str | None) -> str:
    """A value to compare: lower case, composed accents."""
    return unicodedata.normalize("NFC", value or "").casefold()
