"""The domain: from its merged sections to what the assistant knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.project.domain_sections import DomainSections, Entry
from bot.project.model import NOWHERE, Domain, Entity, Form, Intent, SessionConfig, Slot
from bot.project.nodes import MapNode, ScalarNode, is_null, node_of
from bot.project.problems import Problems, did_you_mean
from bot.project.response_reader import read_response
from bot.project.shape import (
    as_list,
    as_map,
    check_keys,
    optional_flag,
    optional_list,
    optional_number,
    text_or_texts,
    texts,
)
from bot.project.slot_reader import read_slot

DEFAULT_INTENTS = ("restart", "back", "out_of_scope", "session_start", "nlu_fallback")
"""Intents that Rasa always knows (`rasa/shared/core/constants.py`)."""
REQUESTED_SLOT = "requested_slot"
SESSION_METADATA_SLOT = "session_started_metadata"


def domain_from_raw(raw: Mapping[str, Any]) -> Domain:
    """Rebuild a domain from `Domain.raw`, such as a model archive keeps.

    Args:
        raw: the domain as plain values in Rasa's shape.

    Returns:
        The domain; its parts have no locations.

    Raises:
        ProjectError: `raw` is no valid domain.
    """
    problems = Problems()
    sections = DomainSections(problems)
    node = node_of(raw)
    if isinstance(node, MapNode):
        sections.read(node)
    domain = read_domain(sections)
    problems.raise_errors()
    return domain


def read_domain(sections: DomainSections) -> Domain:
    """Understand the sections.

    Args:
        sections: what the project's files say; problems are noted in its `problems`.

    Returns:
        The domain, Rasa's own intents and slots included.
    """
    problems = sections.problems
    entries = sections.entries
    entities = {name: _entity(entry, problems) for name, entry in entries["entities"].items()}
    forms = {name: _form(entry, problems) for name, entry in entries["forms"].items()}
    slots = {name: slot for name, entry in entries["slots"].items() if (slot := read_slot(entry, problems))}
    if forms:
        slots.setdefault(REQUESTED_SLOT, Slot(REQUESTED_SLOT, "text", influence_conversation=False))
    slots.setdefault(SESSION_METADATA_SLOT, Slot(SESSION_METADATA_SLOT, "any", influence_conversation=False))
    for entry in entries["actions"].values():
        _check_action(entry, problems)
    return Domain(
        intents=_intents(entries["intents"], entities, problems),
        entities=entities,
        slots=slots,
        responses={name: read_response(entry, problems) for name, entry in entries["responses"].items()},
        actions=tuple(name for name in entries["actions"] if name not in forms and not name.startswith("utter_")),
        forms=forms,
        session=_session(sections.session, problems),
        raw=sections.raw(),
    )


def _intents(entries: Mapping[str, Entry], entities: Mapping[str, Entity], problems: Problems) -> dict[str, Intent]:
    seen = frozenset(name for name, entity in entities.items() if entity.influence_conversation)
    unseen = frozenset(entities) - seen
    intents = {}
    for name, entry in entries.items():
        used = seen
        if isinstance(entry.body, MapNode):
            body = entry.body
            check_keys(body, ("use_entities", "ignore_entities"), problems)
            included = seen
            if not _is_true(body, "use_entities"):
                included = _entity_names(body, "use_entities", entities, problems)
            excluded = unseen
            if "ignore_entities" in body:
                excluded = _entity_names(body, "ignore_entities", entities, problems)
            used = included - excluded
        if "/" in name:
            problems.error("retrieval_intent_in_domain", entry.location, intent=name, base=name.partition("/")[0])
        intents[name] = Intent(name, used, entry.location)
    for name in DEFAULT_INTENTS:
        intents.setdefault(name, Intent(name, seen, NOWHERE))
    return intents


def _is_true(body: MapNode, key: str) -> bool:
    """Whether a key says true, as `use_entities` does when it is missing."""
    value = body.get(key)
    return value is None or (isinstance(value, ScalarNode) and value.value is True)


def _entity_names(body: MapNode, key: str, entities: Mapping[str, Entity], problems: Problems) -> frozenset[str]:
    value = body.get(key)
    if is_null(value) or (isinstance(value, ScalarNode) and value.value is False):
        return frozenset()
    nodes = as_list(value, key, problems, body.location)
    names = set()
    for node in nodes.items if nodes else ():
        for name in texts((node,), key, problems):
            base = name.partition("#")[0]
            if base not in entities:
                suggestion = did_you_mean(base, entities)
                problems.warning("unknown_entity", node.location, name=name, suggestion=suggestion)
            names.add(base)
    return frozenset(names)


def _entity(entry: Entry, problems: Problems) -> Entity:
    body = entry.body
    if not isinstance(body, MapNode):
        return Entity(entry.name, location=entry.location)
    check_keys(body, ("roles", "groups", "influence_conversation"), problems)
    roles, groups = optional_list(body, "roles", problems), optional_list(body, "groups", problems)
    return Entity(
        entry.name,
        texts(roles.items, "roles", problems) if roles else (),
        texts(groups.items, "groups", problems) if groups else (),
        optional_flag(body, "influence_conversation", True, problems),
        entry.location,
    )


def _form(entry: Entry, problems: Problems) -> Form:
    """A form; an empty body means that its slots come from code."""
    if is_null(entry.body):
        return Form(entry.name, location=entry.location)
    body = as_map(entry.body, entry.name, problems, entry.location)
    if body is None:
        return Form(entry.name, location=entry.location)
    check_keys(body, ("required_slots", "ignored_intents"), problems)
    required = body.get("required_slots")
    if "ignored_intents" in body and required is None:
        problems.error("ignored_without_required", body.location_of("ignored_intents"), form=entry.name)
    if isinstance(required, MapNode):
        problems.error("form_with_mappings", body.location_of("required_slots"), form=entry.name)
        required = None
    nodes = None if is_null(required) else as_list(required, "required_slots", problems, body.location)
    slots = texts(nodes.items, "required_slots", problems) if nodes else ()
    return Form(entry.name, slots, text_or_texts(body, "ignored_intents", problems), entry.location)


def _check_action(entry: Entry, problems: Problems) -> None:
    if isinstance(entry.body, MapNode):
        check_keys(entry.body, ("send_domain",), problems)
        optional_flag(entry.body, "send_domain", False, problems)


def _session(body: MapNode | None, problems: Problems) -> SessionConfig:
    if body is None:
        return SessionConfig()
    check_keys(body, ("session_expiration_time", "carry_over_slots_to_new_session"), problems)
    minutes = optional_number(body, "session_expiration_time", 60.0, problems)
    if minutes < 0:
        place = body.location_of("session_expiration_time")
        problems.error("negative_number", place, key="session_expiration_time", found=minutes)
    carry_over = optional_flag(body, "carry_over_slots_to_new_session", True, problems)
    return SessionConfig(float(minutes), carry_over)
