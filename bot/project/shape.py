"""Checked access to nodes: each function notes a problem when a value is not what it must be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.project.model import Location
from bot.project.nodes import ListNode, MapNode, Node, ScalarNode, is_null
from bot.project.problems import Problems, did_you_mean

_SHOWN = 40
"""Characters of a wrong value that a problem repeats."""


def shown(node: Node | None) -> str:
    """The beginning of a value, to be recognized by its author."""
    match node:
        case ScalarNode():
            text = node.text.strip().replace("\n", " ")
        case ListNode():
            text = f"- {shown(node.items[0])}" if node.items else "[]"
        case MapNode():
            text = f"{node.items[0][0].text}:" if node.items else "{}"
        case None:
            text = ""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def check_keys(node: MapNode, known: Sequence[str], problems: Problems) -> None:
    """Note each key that is not known, with the nearest that is."""
    for key, _ in node.items:
        if key.text not in known:
            problems.error(
                "unknown_key",
                key.location,
                key=key.text,
                suggestion=did_you_mean(key.text, known),
                known=", ".join(known),
            )


def as_map(node: Node | None, key: str, problems: Problems, where: Location) -> MapNode | None:
    """The node if it is a map; otherwise None and a problem."""
    if isinstance(node, MapNode):
        return node
    problems.error("not_a_map", node.location if node else where, key=key, found=shown(node))
    return None


def as_list(node: Node | None, key: str, problems: Problems, where: Location) -> ListNode | None:
    """The node if it is a list; otherwise None and a problem."""
    if isinstance(node, ListNode):
        return node
    problems.error("not_a_list", node.location if node else where, key=key, found=shown(node))
    return None


def as_text(node: Node | None, key: str, problems: Problems, where: Location) -> str | None:
    """The node's text, stripped, if it is a text with something in it; otherwise None and a problem."""
    if is_null(node):
        problems.error("empty_text", node.location if node else where, key=key)
    elif not isinstance(node, ScalarNode) or not isinstance(node.value, str):
        problems.error("not_a_text", node.location if node else where, key=key, found=shown(node))
    elif not node.value.strip():
        problems.error("empty_text", node.location, key=key)
    else:
        return node.value.strip()
    return None


def required(node: MapNode, key: str, problems: Problems) -> Node | None:
    """The value of a key that must be there, even if null; None and a problem when it is not."""
    value = node.get(key)
    if value is None:
        problems.error("missing_key", node.location, key=key, near=shown(node))
    return value


def required_text(node: MapNode, key: str, problems: Problems) -> str | None:
    """The text of a key that must be there."""
    value = required(node, key, problems)
    return None if value is None else as_text(value, key, problems, node.location)


def optional_text(node: MapNode, key: str, problems: Problems) -> str | None:
    """The text of a key that may be missing or null."""
    value = node.get(key)
    return None if is_null(value) else as_text(value, key, problems, node.location)


def optional_map(node: MapNode, key: str, problems: Problems) -> MapNode | None:
    """The map of a key that may be missing or null."""
    value = node.get(key)
    return None if is_null(value) else as_map(value, key, problems, node.location)


def optional_list(node: MapNode, key: str, problems: Problems) -> ListNode | None:
    """The list of a key that may be missing or null."""
    value = node.get(key)
    return None if is_null(value) else as_list(value, key, problems, node.location)


def optional_flag(node: MapNode, key: str, default: bool, problems: Problems) -> bool:
    """The true or false of a key that may be missing or null."""
    value = node.get(key)
    if is_null(value):
        return default
    if isinstance(value, ScalarNode) and isinstance(value.value, bool):
        return value.value
    problems.error("not_a_flag", node.location_of(key), key=key, found=shown(value))
    return default


def optional_number(node: MapNode, key: str, default: float, problems: Problems) -> float:
    """The number of a key that may be missing or null."""
    value = node.get(key)
    if is_null(value):
        return default
    if isinstance(value, ScalarNode) and isinstance(value.value, (int, float)) and not isinstance(value.value, bool):
        return value.value
    problems.error("not_a_number", node.location_of(key), key=key, found=shown(value))
    return default


def texts(nodes: Iterable[Node], key: str, problems: Problems) -> tuple[str, ...]:
    """All nodes as texts; those that are not are left out and noted."""
    found = (as_text(node, key, problems, node.location) for node in nodes)
    return tuple(text for text in found if text is not None)


def text_or_texts(node: MapNode, key: str, problems: Problems) -> tuple[str, ...]:
    """The texts of a key that takes one text or a list of them."""
    value = node.get(key)
    if is_null(value):
        return ()
    if isinstance(value, ListNode):
        return texts(value.items, key, problems)
    text = as_text(value, key, problems, node.location)
    return () if text is None else (text,)


def named(item: Node, key: str, problems: Problems) -> tuple[str, MapNode | None, Location] | None:
    """An item of a list that is either `name` or `name: {options}`.

    Returns:
        The name, its options if any, its place; None and a problem when the item is something else.
    """
    if not isinstance(item, MapNode):
        name = as_text(item, key, problems, item.location)
        return None if name is None else (name, None, item.location)
    if len(item.items) != 1:
        problems.error("one_name_expected", item.location, key=key, found=", ".join(item.names()))
        return None
    name_node, options = item.items[0]
    if is_null(options) or (isinstance(options, MapNode) and not options.items):
        problems.error("empty_body", name_node.location, name=name_node.text)
        return None
    body = as_map(options, name_node.text, problems, name_node.location)
    return None if body is None else (name_node.text, body, name_node.location)
