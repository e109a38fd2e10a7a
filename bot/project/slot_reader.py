"""Slots and their mappings."""

from __future__ import annotations

from typing import cast, get_args

from bot.project.domain_sections import Entry
from bot.project.model import MappingCondition, MappingType, Slot, SlotMapping, SlotType
from bot.project.nodes import ListNode, MapNode, Node, ScalarNode, is_null, plain
from bot.project.problems import Problems, did_you_mean
from bot.project.shape import (
    as_list,
    as_map,
    check_keys,
    optional_flag,
    optional_list,
    optional_number,
    optional_text,
    required,
    required_text,
    shown,
    text_or_texts,
)

SLOT_TYPES: tuple[str, ...] = get_args(SlotType)
MAPPING_TYPES: tuple[str, ...] = get_args(MappingType)
OTHER = "__other__"
"""Category that Rasa adds to each categorical slot."""

_COMMON = ("type", "mappings", "initial_value", "influence_conversation", "value_reset_delay")
_OF_TYPE = {"categorical": ("values",), "float": ("min_value", "max_value")}
_MAPPING_COMMON = ("type", "intent", "not_intent", "conditions")
_OF_MAPPING = {
    "from_entity": ("entity", "role", "group"),
    "from_intent": ("value",),
    "from_trigger_intent": ("value",),
    "from_text": (),
    "custom": ("action",),
}


def read_slot(entry: Entry, problems: Problems) -> Slot | None:
    """Read a slot; None and a problem when it cannot be understood."""
    body = as_map(entry.body, entry.name, problems, entry.location)
    if body is None:
        return None
    kind = required_text(body, "type", problems)
    if kind is None:
        return None
    if kind not in SLOT_TYPES:
        suggestion = did_you_mean(kind, SLOT_TYPES)
        place = body.location_of("type")
        problems.error("unknown_slot_type", place, type=kind, suggestion=suggestion, known=", ".join(SLOT_TYPES))
        return None
    check_keys(body, (*_COMMON, *_OF_TYPE.get(kind, ())), problems)
    influences = optional_flag(body, "influence_conversation", kind != "any", problems)
    if kind == "any" and influences:
        problems.error("any_slot_influences", body.location_of("influence_conversation"), slot=entry.name)
    low, high = optional_number(body, "min_value", 0.0, problems), optional_number(body, "max_value", 1.0, problems)
    if low >= high:
        problems.error("float_bounds", entry.location, slot=entry.name, low=low, high=high)
    initial = plain(body.get("initial_value"))
    if kind == "float" and isinstance(initial, (int, float)) and not low <= initial <= high:
        place = body.location_of("initial_value")
        problems.warning("initial_value_outside", place, slot=entry.name, value=initial, low=low, high=high)
    return Slot(
        entry.name,
        cast(SlotType, kind),
        _mappings(entry, body, problems),
        initial,
        influences,
        _categories(entry, body, problems) if kind == "categorical" else (),
        float(low),
        float(high),
        entry.location,
    )


def _categories(entry: Entry, body: MapNode, problems: Problems) -> tuple[str, ...]:
    nodes = optional_list(body, "values", problems)
    if nodes is None or not nodes.items:
        problems.warning("categorical_without_values", entry.location, slot=entry.name)
        return (OTHER,)
    values: list[str] = []
    for node in nodes.items:
        if not isinstance(node, ScalarNode) or node.value is None:
            problems.error("not_a_text", node.location, key="values", found=shown(node))
            continue
        value = str(node.value).lower()
        if value not in values and value != OTHER:
            values.append(value)
    return (*values, OTHER)


def _mappings(entry: Entry, body: MapNode, problems: Problems) -> tuple[SlotMapping, ...]:
    if required(body, "mappings", problems) is None:
        return ()
    nodes = as_list(body.get("mappings"), "mappings", problems, body.location_of("mappings"))
    found = (_mapping(node, problems) for node in (nodes.items if nodes else ()))
    return tuple(mapping for mapping in found if mapping is not None)


def _mapping(node: Node, problems: Problems) -> SlotMapping | None:
    body = as_map(node, "mappings", problems, node.location)
    kind = required_text(body, "type", problems) if body else None
    if body is None or kind is None:
        return None
    if kind not in MAPPING_TYPES:
        suggestion = did_you_mean(kind, MAPPING_TYPES)
        known = ", ".join(MAPPING_TYPES)
        problems.error("unknown_mapping_type", body.location_of("type"), type=kind, suggestion=suggestion, known=known)
        return None
    own = _OF_MAPPING[kind]
    check_keys(body, (*_MAPPING_COMMON, *own), problems)
    for key in ("entity", "value"):
        if key in own and is_null(body.get(key)):
            problems.error("missing_key", body.location, key=key, near=f"type: {kind}")
    return SlotMapping(
        type=cast(MappingType, kind),
        entity=optional_text(body, "entity", problems),
        role=optional_text(body, "role", problems),
        group=optional_text(body, "group", problems),
        value=plain(body.get("value")),
        intents=text_or_texts(body, "intent", problems),
        not_intents=text_or_texts(body, "not_intent", problems),
        action=optional_text(body, "action", problems),
        conditions=_conditions(body, problems),
        location=body.location,
    )


def _conditions(body: MapNode, problems: Problems) -> tuple[MappingCondition, ...]:
    nodes: ListNode | None = optional_list(body, "conditions", problems)
    found = []
    for node in nodes.items if nodes else ():
        item = as_map(node, "conditions", problems, node.location)
        if item is None:
            continue
        check_keys(item, ("active_loop", "requested_slot"), problems)
        loop = optional_text(item, "active_loop", problems)
        found.append(MappingCondition(loop, optional_text(item, "requested_slot", problems)))
    return tuple(found)
