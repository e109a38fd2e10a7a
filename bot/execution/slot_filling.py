"""Slots from a user message (Rasa's action_extract_slots, rasa-compat section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.events import SlotSet
from bot.execution.outcome import Item, Perform
from bot.execution.runner import ActionRejected
from bot.project.model import NOWHERE, Domain, MappingCondition, SlotMapping
from bot.responses import BotMessage
from bot.tracker import Tracker

VALIDATION = "action_validate_slot_mappings"


async def extract_slots(tracker: Tracker, domain: Domain, perform: Perform) -> list[Item]:
    """What the latest user message says of the domain's slots.

    Slots come in the domain's order; of a slot's mappings the first that yields a value wins. All mappings see the
    tracker as it was before extraction. A custom mapping's action runs once; its slots and messages are kept.
    `action_validate_slot_mappings`, when the domain lists it, may change values: its events come first.

    Args:
        tracker: the conversation, the message recorded.
        domain: the domain.
        perform: runs the custom actions.
    """
    if tracker.latest_message is None:
        return []
    items: list[Item] = []
    done: set[str] = set()
    intent = tracker.latest_intent
    for slot in domain.slots.values():
        for mapping in slot.mappings:
            if (mapping.intents and intent not in mapping.intents) or not _applies(mapping, slot.name, tracker, domain):
                continue
            values = _mapped(mapping, tracker)
            value = values if slot.type == "list" else values[-1] if values else None
            if values and (value is not None or tracker.slots.get(slot.name) is not None):
                items.append(SlotSet(name=slot.name, value=value))
                break
            if mapping.type == "custom" and mapping.action and mapping.action not in done:
                done.add(mapping.action)
                items += await _custom(mapping.action, tracker, perform)
    if VALIDATION not in domain.actions:
        return items
    draft = tracker.copy()
    slots = [item for item in items if isinstance(item, SlotSet)]
    for event in slots:
        draft.update(event)
    validated = await _custom(VALIDATION, draft, perform)
    names = {item.name for item in validated if isinstance(item, SlotSet)}
    return [*validated, *(event for event in slots if event.name not in names)]


async def _custom(action: str, tracker: Tracker, perform: Perform) -> list[Item]:
    """Slots and messages of an action; one that refuses or fails has said nothing."""
    try:
        outcome = await perform(action, tracker)
    except ActionRejected:
        return []
    return [item for item in outcome.items if isinstance(item, SlotSet | BotMessage)]


def _mapped(mapping: SlotMapping, tracker: Tracker) -> list[Any]:
    """What a mapping finds: a list slot takes all, another one the last."""
    message = tracker.latest_message
    assert message is not None
    match mapping.type:
        case "from_entity":
            return [entity.get("value") for entity in message.entities if _matches(mapping, entity)]
        case "from_intent" | "from_trigger_intent":
            return [mapping.value]
        case "from_text":
            return [message.text] if message.text else []
        case "custom":
            return []


def _matches(mapping: SlotMapping, entity: Mapping[str, Any]) -> bool:
    """Type, role and group must all be equal; absent equals only absent."""
    return entity.get("entity") == mapping.entity and entity.get("role") == mapping.role and entity.get("group") == mapping.group


def _applies(mapping: SlotMapping, slot: str, tracker: Tracker, domain: Domain) -> bool:
    """Whether a mapping, whose intents are any or hold that of the message, says something now."""
    intent = tracker.latest_intent
    loop = tracker.active_loop
    if mapping.type == "from_trigger_intent":
        named = {condition.active_loop for condition in mapping.conditions if condition.active_loop}
        return loop is not None and (not named or loop.name in named) and intent in mapping.intents
    if not mapping.intents:
        form = domain.forms.get(loop.name) if loop else None
        if intent in mapping.not_intents or (form and intent in form.ignored_intents):
            return False
    if mapping.conditions:
        if loop is not None and loop.rejected and tracker.slots.get("requested_slot") == slot:
            return False
        if not any(_holds(condition, tracker) for condition in mapping.conditions):
            return False
    return _fills_one_slot_only(mapping, slot, tracker, domain)


def _holds(condition: MappingCondition, tracker: Tracker) -> bool:
    if tracker.active_loop is None or condition.active_loop is None:
        return tracker.active_loop is None and condition.active_loop is None
    if tracker.active_loop.name != condition.active_loop:
        return False
    return condition.requested_slot is None or condition.requested_slot == tracker.slots.get("requested_slot")


def _fills_one_slot_only(mapping: SlotMapping, slot: str, tracker: Tracker, domain: Domain) -> bool:
    """In a form, an entity that could fill several of its slots fills the one that is asked for."""
    form = domain.forms.get(tracker.active_loop.name) if tracker.active_loop else None
    if form is None or mapping.type != "from_entity" or tracker.slots.get("requested_slot") == slot:
        return True
    if slot not in form.required_slots:
        return True
    same = [
        other
        for name in form.required_slots
        if name in domain.slots
        for other in domain.slots[name].mappings
        if _are_alike(mapping, other)
    ]
    return len(same) < 2


def _are_alike(one: SlotMapping, other: SlotMapping) -> bool:
    """Whether two mappings say the same, wherever they are written."""
    return one is other or (one.type == other.type and replace(one, location=NOWHERE) == replace(other, location=NOWHERE))
