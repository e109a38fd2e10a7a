"""A YAML file's content: texts, lists and maps, each with the line where it was written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.project.model import Location


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """A single value."""

    file: str
    line: int
    value: str | int | float | bool | None
    text: str
    """As written, escapes and folding resolved."""
    plain: bool = True
    """Written without quotes, on a line or more."""
    literal: bool = False
    """Written as a `|` block: its Nth line is N lines below."""

    @property
    def location(self) -> Location:
        """Where it was written."""
        return Location(self.file, self.line)

    def lines(self) -> Iterator[tuple[str, Location]]:
        """Each line of the text, and where it is."""
        for number, line in enumerate(self.text.split("\n"), start=1):
            yield line, Location(self.file, self.line + number if self.literal else self.line)

    @property
    def first_line(self) -> Location:
        """Where its text starts."""
        return Location(self.file, self.line + 1) if self.literal else self.location


@dataclass(frozen=True, slots=True)
class ListNode:
    """A list of values."""

    file: str
    line: int
    items: tuple[Node, ...]

    @property
    def location(self) -> Location:
        """Where it was written."""
        return Location(self.file, self.line)


@dataclass(frozen=True, slots=True)
class MapNode:
    """Keys and their values, in the order of the file; each key once."""

    file: str
    line: int
    items: tuple[tuple[ScalarNode, Node], ...]

    @property
    def location(self) -> Location:
        """Where it was written."""
        return Location(self.file, self.line)

    def __contains__(self, name: str) -> bool:
        """Whether there is such a key."""
        return any(key.text == name for key, _ in self.items)

    def get(self, name: str) -> Node | None:
        """The value of a key, None when there is none."""
        return next((value for key, value in self.items if key.text == name), None)

    def location_of(self, name: str) -> Location:
        """Where a key was written; the map's own place when it is missing."""
        return next((key.location for key, _ in self.items if key.text == name), self.location)

    def names(self) -> list[str]:
        """All keys."""
        return [key.text for key, _ in self.items]


_UNSTORABLE = re.compile("[\\x00\ud800-\udfff]")
"""NUL, and halves of surrogate pairs."""

Node = ScalarNode | ListNode | MapNode


def unstorable(text: str) -> str | None:
    """The first character that an escape can write but no database or message can hold, as `U+0000`."""
    found = _UNSTORABLE.search(text)
    return f"U+{ord(found[0]):04X}" if found else None


def is_null(node: Node | None) -> bool:
    """Whether there is no value: no key, or nothing behind it."""
    return node is None or (isinstance(node, ScalarNode) and node.value is None)


def plain(node: Node | None) -> Any:
    """The node as plain values that JSON can hold; None for no node."""
    match node:
        case ScalarNode():
            return node.value
        case ListNode():
            return [plain(item) for item in node.items]
        case MapNode():
            return {key.text: plain(value) for key, value in node.items}
        case None:
            return None


def node_of(value: Any, file: str = "") -> Node:
    """Plain values as a node without lines: the inverse of `plain`."""
    match value:
        case Mapping():
            items = ((ScalarNode(file, 0, str(key), str(key)), node_of(item, file)) for key, item in value.items())
            return MapNode(file, 0, tuple(items))
        case list() | tuple():
            return ListNode(file, 0, tuple(node_of(item, file) for item in value))
        case None:
            return ScalarNode(file, 0, None, "")
        case bool() | int() | float() | str():
            return ScalarNode(file, 0, value, str(value))
        case _:
            raise TypeError(f"{type(value).__name__} is not a JSON value")
