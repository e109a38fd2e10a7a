"""Responses: what the assistant says under a name, in one or several wordings."""

from __future__ import annotations

from bot.project.domain_sections import Entry
from bot.project.model import ResponseCondition, ResponseVariation
from bot.project.nodes import MapNode, Node, ScalarNode, is_null, plain
from bot.project.problems import Problems
from bot.project.shape import (
    as_list,
    as_map,
    as_text,
    check_keys,
    optional_list,
    optional_map,
    optional_text,
    required,
    required_text,
)

VARIATION_KEYS = (
    "text",
    "buttons",
    "image",
    "custom",
    "attachment",
    "elements",
    "quick_replies",
    "button_type",
    "channel",
    "condition",
    "metadata",
    "id",
)
_TEXTS = ("image", "button_type", "id")
_MAPS = ("custom", "attachment")
_LISTS = ("buttons", "quick_replies", "elements")


def read_response(entry: Entry, problems: Problems) -> tuple[ResponseVariation, ...]:
    """Read all variations of a response."""
    if not entry.name.startswith("utter_"):
        problems.warning("response_without_utter", entry.location, name=entry.name)
    nodes = as_list(entry.body, entry.name, problems, entry.location)
    if nodes is None:
        return ()
    if not nodes.items:
        problems.error("response_without_variation", entry.location, name=entry.name)
    found = (_variation(node, entry.name, problems) for node in nodes.items)
    return tuple(variation for variation in found if variation is not None)


def _variation(node: Node, name: str, problems: Problems) -> ResponseVariation | None:
    body = as_map(node, name, problems, node.location)
    if body is None:
        return None
    check_keys(body, VARIATION_KEYS, problems)
    if is_null(body.get("text")) and is_null(body.get("custom")):
        problems.error("response_without_content", body.location, name=name)
    elif not _is_empty_text(body.get("text")):
        as_text(body.get("text"), "text", problems, body.location)
    for key in _TEXTS:
        optional_text(body, key, problems)
    for key in _MAPS:
        optional_map(body, key, problems)
    for key in _LISTS:
        _check_items(body, key, problems)
    content = {key: value for key, value in plain(body).items() if key not in ("condition", "channel")}
    channel = optional_text(body, "channel", problems)
    return ResponseVariation(content, channel, _conditions(body, problems), body.location)


def _is_empty_text(node: Node | None) -> bool:
    """Whether a text is empty, as beside an image."""
    return is_null(node) or (isinstance(node, ScalarNode) and node.value == "")


def _check_items(body: MapNode, key: str, problems: Problems) -> None:
    nodes = optional_list(body, key, problems)
    for node in nodes.items if nodes else ():
        item = as_map(node, key, problems, node.location)
        if item is None or key == "elements":
            continue
        required_text(item, "title", problems)
        payload = item.get("payload")
        if payload is not None:
            as_text(payload, "payload", problems, item.location)


def _conditions(body: MapNode, problems: Problems) -> tuple[ResponseCondition, ...]:
    nodes = optional_list(body, "condition", problems)
    found = []
    for node in nodes.items if nodes else ():
        item = as_map(node, "condition", problems, node.location)
        if item is None:
            continue
        check_keys(item, ("type", "name", "value"), problems)
        kind = item.get("type")
        if not isinstance(kind, ScalarNode) or kind.value != "slot":
            problems.error("bad_condition_type", item.location)
        name = required_text(item, "name", problems)
        value = required(item, "value", problems)
        if name is not None:
            found.append(ResponseCondition(name, plain(value)))
    return tuple(found)
