"""Slots from a user message (Rasa's action_extract_slots, rasa-compat section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.events import SlotSet
from bot.project.model import Domain, Slot, SlotMapping
from bot.tracker import Tracker

_NOTHING = object()


def extracted_slots(tracker: Tracker, domain: Domain) -> list[SlotSet]:
    """Slot events for the latest user message.

    Slots come in the domain's order; of a slot's mappings the first that yields a value wins. All mappings see the
    tracker as it was before extraction.
    """
    if tracker.latest_message is None:
        return []
    events = []
    for name, slot in domain.slots.items():
        value = _value(slot, tracker, domain)
        if value is not _NOTHING:
            events.append(SlotSet(name=name, value=value))
    return events


def _value(slot: Slot, tracker: Tracker, domain: Domain) -> Any:
    for mapping in slot.mappings:
        if _applies(mapping, slot.name, tracker, domain):
            value = _mapped(mapping, slot, tracker)
            if value is not _NOTHING:
                return value
    return _NOTHING


def _mapped(mapping: SlotMapping, slot: Slot, tracker: Tracker) -> Any:
    message = tracker.latest_message
    assert message is not None
    match mapping.type:
        case "from_entity":
            values = [entity.get("value") for entity in message.entities if _matches(mapping, entity)]
            if not values:
                return _NOTHING
            return values if slot.type == "list" else values[-1]
        case "from_intent" | "from_trigger_intent":
            return mapping.value
        case "from_text":
            return message.text if message.text else _NOTHING
        case "custom":
            return _NOTHING


def _matches(mapping: SlotMapping, entity: Mapping[str, Any]) -> bool:
    """Type, role and group must all be equal; absent equals only absent."""
    return entity.get("entity") == mapping.entity and entity.get("role") == mapping.role and entity.get("group") == mapping.group


def _applies(mapping: SlotMapping, slot: str, tracker: Tracker, domain: Domain) -> bool:
    intent = tracker.latest_intent
    loop = tracker.active_loop
    if mapping.type == "from_trigger_intent":
        named = {condition.active_loop for condition in mapping.conditions if condition.active_loop}
        return loop is not None and (not named or loop.name in named) and intent in mapping.intents
    if mapping.intents:
        if intent not in mapping.intents:
            return False
    else:
        form = domain.forms.get(loop.name) if loop else None
        if intent in mapping.not_intents or (form and intent in form.ignored_intents):
            return False
    if not mapping.conditions:
        return True
    if loop is not None and loop.rejected and tracker.slots.get("requested_slot") == slot:
        return False
    return any(_condition_holds(condition.active_loop, condition.requested_slot, tracker) for condition in mapping.conditions)


def _condition_holds(active_loop: str | None, requested_slot: str | None, tracker: Tracker) -> bool:
    current = tracker.active_loop.name if tracker.active_loop else None
    if current != active_loop:
        return False
    return requested_slot is None or tracker.slots.get("requested_slot") == requested_slot
