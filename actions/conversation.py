"""What actions ask of a conversation. Trackers come from outside: odd values read as "nothing said"."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rasa_sdk.interfaces import Tracker

SUSPENDED = "suspended_response"
"""Key in the metadata of a notice: the response that it stood for."""


def _latest(tracker: Tracker, key: str, kind: type) -> Any:
    message: Any = tracker.latest_message
    value = message.get(key) if isinstance(message, Mapping) else None
    return value if isinstance(value, kind) else kind()


def entity_values(tracker: Tracker, name: str) -> list[str]:
    """Values of an entity in the latest message, in the order they were found."""
    found = _latest(tracker, "entities", list)
    items = [item for item in found if isinstance(item, Mapping) and item.get("entity") == name]
    return [str(item["value"]) for item in items if isinstance(item.get("value"), str | int)]


def values_outside(tracker: Tracker, name: str, other: str) -> list[str]:
    """Values of an entity in the latest message, without those that stand inside an entity `other`."""
    found = [item for item in _latest(tracker, "entities", list) if isinstance(item, Mapping)]
    spans = [(item.get("start"), item.get("end")) for item in found if item.get("entity") == other]
    return [
        str(item["value"])
        for item in found
        if item.get("entity") == name
        and isinstance(item.get("value"), str | int)
        and not any(
            isinstance(start, int) and isinstance(end, int) and start <= item.get("start", -1) < end for start, end in spans
        )
    ]


def slot_text(tracker: Tracker, name: str) -> str | None:
    """A slot's text; None when it holds no text."""
    slots: Any = tracker.slots
    value = slots.get(name) if isinstance(slots, Mapping) else None
    return value if isinstance(value, str) else None


def is_asked(tracker: Tracker, form: str, slot: str) -> bool:
    """Whether this form's question for this slot is the one that waits for an answer."""
    loop: Any = tracker.active_loop
    return isinstance(loop, Mapping) and loop.get("name") == form and slot_text(tracker, "requested_slot") == slot


def message_text(tracker: Tracker) -> str:
    """Text of the latest message; empty when it is a payload (a clicked button)."""
    text = _latest(tracker, "text", str)
    return "" if is_payload(tracker) else str(text)


def is_payload(tracker: Tracker) -> bool:
    """Whether the latest message is a clicked button: `/` and its intent."""
    intent = latest_intent(tracker)
    return intent is not None and bool(_latest(tracker, "text", str).startswith(f"/{intent}"))


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


def likeliest_intent(tracker: Tracker) -> str | None:
    """What the latest message means, doubt set aside: its intent, or in doubt the likeliest one."""
    if latest_intent(tracker) != FALLBACK:
        return latest_intent(tracker)
    return next((name for name, _ in intent_ranking(tracker) if name != FALLBACK), None)


def asks_something(tracker: Tracker) -> bool:
    """Whether the latest message is written as a question."""
    return "?" in message_text(tracker)


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that the assistant said."""

    response: str
    """Its name; where a notice stood for a suspended response, the name of that one."""
    buttons: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class PastTurn:
    """A message of the user and what was answered."""

    intent: str | None
    said: tuple[Said, ...]


def last_turn(tracker: Tracker) -> PastTurn | None:
    """The turn before the latest message; None at the beginning, and after a restart."""
    said: list[Said] = []
    is_past = False
    events: list[Any] = tracker.events if isinstance(tracker.events, list) else []
    for event in reversed(events):
        kind = event.get("event") if isinstance(event, Mapping) else None
        if kind in ("restart", "session_started"):
            return None
        if kind == "user" and is_past:
            return PastTurn(_intent_of(event), tuple(reversed(said)))
        if kind == "user":
            is_past = True
        elif kind == "bot" and is_past and (one := _said(event)):
            said.append(one)
    return None


def _intent_of(event: Mapping[str, Any]) -> str | None:
    parsed = event.get("parse_data")
    intent = parsed.get("intent") if isinstance(parsed, Mapping) else None
    name = intent.get("name") if isinstance(intent, Mapping) else None
    return name if isinstance(name, str) else None


def _said(event: Mapping[str, Any]) -> Said | None:
    metadata, data = event.get("metadata"), event.get("data")
    name = (metadata.get(SUSPENDED) or metadata.get("utter_action")) if isinstance(metadata, Mapping) else None
    if not isinstance(name, str):
        return None
    buttons = data.get("buttons") if isinstance(data, Mapping) else None
    kept = tuple(dict(button) for button in buttons if isinstance(button, Mapping)) if isinstance(buttons, list) else ()
    return Said(name, kept)


def times_said_since(tracker: Tracker, response: str, action: str) -> int:
    """How often a response was said before the latest message, and after an action last ran or a form was given up."""
    is_past, times = False, 0
    for event in reversed(tracker.events if isinstance(tracker.events, list) else []):
        kind, name = (event.get("event"), event.get("name")) if isinstance(event, Mapping) else (None, None)
        if kind in ("restart", "session_started") or (kind == "action" and name in (action, "action_deactivate_loop")):
            break
        if kind == "user":
            is_past = True
        elif kind == "bot" and is_past and (said := _said(event)) and said.response == response:
            times += 1
    return times


def was_left(tracker: Tracker, form: str) -> bool:
    """Whether a form was left for another one before it was done, and neither taken up again nor given up."""
    current: Any = None
    left = False
    for event in tracker.events if isinstance(tracker.events, list) else ():
        kind, name = (event.get("event"), event.get("name")) if isinstance(event, Mapping) else (None, None)
        if kind in ("restart", "session_started"):
            current, left = None, False
        elif kind == "action" and name == "action_deactivate_loop":
            left = False
        elif kind == "active_loop":
            left = name != form and (left or (name is not None and current == form))
            current = name
    return left


FALLBACK = "nlu_fallback"
OUT_OF_SCOPE = "hors_sujet"
NO_ANSWER = frozenset({"affirmation", "negation", "bien_recu", "donner_fase", "dire_type"})
"""Short messages that belong to the question that was asked, whatever they mean."""


def deserves_a_repeat(tracker: Tracker) -> bool:
    """Whether a form should simply ask again: a short message that did not fit, or a first doubt.

    A second doubt in a row is left to `action_clarification`, which gives the human contact; so is what is likeliest
    something else altogether.
    """
    intent = latest_intent(tracker)
    if intent == FALLBACK:
        before = last_turn(tracker)
        return likeliest_intent(tracker) != OUT_OF_SCOPE and not (before and before.intent == FALLBACK)
    return intent in NO_ANSWER


def canonical(value: str | None) -> str:
    """A value to compare: lower case, composed accents."""
    return unicodedata.normalize("NFC", value or "").casefold()
