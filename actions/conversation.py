"""What actions ask of a conversation."""

from __future__ import annotations

from typing import Any

from rasa_sdk.interfaces import Tracker


def entity_values(tracker: Tracker, name: str) -> list[str]:
    """Values of an entity in the latest message, in the order they were found."""
    found: list[dict[str, Any]] = tracker.latest_message.get("entities") or []
    return [str(item.get("value")) for item in found if item.get("entity") == name]


def latest_intent(tracker: Tracker) -> str | None:
    """Intent of the latest message."""
    name = (tracker.latest_message.get("intent") or {}).get("name")
    return None if name is None else str(name)
