"""Reads one YAML 1.2 file into nodes that remember their lines.

Only data comes out: no tags that build objects, no dates, `yes`, `no` and `on` stay texts. What a hostile file may
cost is bounded: its size, how deep it nests, and how much its aliases repeat.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, MappingStartEvent, ScalarEvent, SequenceStartEvent
from ruamel.yaml.reader import ReaderError

from bot.project.model import Location
from bot.project.nodes import ListNode, MapNode, Node, ScalarNode, unstorable
from bot.project.problems import Problems

MAX_BYTES = 5_000_000
"""Size of a file."""
MAX_LINE = 50_000
"""Characters of a line; what the scanner does with some lines grows with the square of their length."""
MAX_DEPTH = 40
"""Levels of nesting, those that aliases bring included."""
MAX_NODES = 200_000
"""Values in a file, those that aliases repeat counted each time."""

_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
NO_TEXTS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
"""What some readers of YAML, this one or another, take for something else than a text, in any case of letters."""
_INTEGER = re.compile(r"[-+]?(?:0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)")
_FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*|[0-9][0-9_]*(?=[eE]))(?:[eE][-+]?[0-9]+)?")
_CORE_TAGS = ("str", "int", "float", "bool", "null", "map", "seq")

_CODES = (
    ("'\\t'", "yaml_tab"),
    ("mapping values are not allowed", "yaml_colon"),
    ("unexpected end of stream", "yaml_unclosed"),
    ("unexpected document separator", "yaml_unclosed"),
    ("expected ',' or", "yaml_unclosed"),
    ("could not find expected ':'", "yaml_no_colon"),
    ("expected <block end>", "yaml_indentation"),
    ("undefined alias", "yaml_alias"),
)
"""ruamel.yaml's messages that have a sentence of their own."""


def read_yaml(path: Path, file: str, problems: Problems) -> Node | None:
    """Read a file.

    Args:
        path: where it is.
        file: how to call it in problems: its path relative to the project's root.
        problems: gets what is wrong with it.

    Returns:
        Its content; None when it is empty or cannot be read.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        problems.error("unreadable_file", Location(file, 0), reason=error.strerror or str(error))
        return None
    return parse_yaml(data, file, problems)


def parse_yaml(data: bytes, file: str, problems: Problems) -> Node | None:
    """The same for bytes already in memory."""
    if len(data) > MAX_BYTES:
        problems.error("file_too_large", Location(file, 0), limit=MAX_BYTES // 1_000_000)
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.error("not_utf8", Location(file, data.count(b"\n", 0, error.start) + 1))
        return None
    too_long = next((number for number, line in enumerate(text.split("\n"), start=1) if len(line) > MAX_LINE), None)
    if too_long is not None:
        problems.error("line_too_long", Location(file, too_long), limit=MAX_LINE)
        return None
    try:
        return _Composer(file, problems).compose(text)
    except _RefusedError as error:
        problems.error(error.code, Location(file, error.line), **error.details)
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problems.error("control_character", Location(file, line), character=f"U+{ord(text[error.position]):04X}")
    except MarkedYAMLError as error:
        _note(error, file, problems)
    except (YAMLError, ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError) as error:
        # ruamel.yaml's scanner lets some errors of its own out on malformed input
        problems.error("yaml_syntax", Location(file, 0), detail=_short(str(error)) or type(error).__name__)
    return None


def _note(error: MarkedYAMLError, file: str, problems: Problems) -> None:
    message = str(error.problem or error.context or "YAML")
    code = next((code for part, code in _CODES if part in message), "yaml_syntax")
    opening = code in ("yaml_unclosed", "yaml_no_colon")
    mark = (error.context_mark if opening else None) or error.problem_mark or error.context_mark
    line = mark.line + 1 if mark is not None else 0
    problems.error(code, Location(file, line), detail=_short(message))


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"


class _RefusedError(Exception):
    """A file that is YAML, but not for us."""

    def __init__(self, code: str, line: int, **details: Any) -> None:
        super().__init__(code)
        self.code, self.line, self.details = code, line, details


@dataclass(frozen=True, slots=True)
class _Part:
    """A composed node, its height and the number of values in it."""

    node: Node
    height: int = 1
    size: int = 1


@dataclass(slots=True)
class _Composer:
    """From the parser's events to nodes."""

    file: str
    problems: Problems
    anchors: dict[str, _Part] = field(default_factory=dict)
    events: Iterator[Any] = field(default_factory=lambda: iter(()))
    nodes: int = 0

    def compose(self, text: str) -> Node | None:
        yaml = YAML(typ="safe", pure=True)
        self.events = yaml.parse(text)
        root: Node | None = None
        documents = 0
        for event in self.events:
            if isinstance(event, (ScalarEvent, MappingStartEvent, SequenceStartEvent, AliasEvent)):
                documents += 1
                if documents > 1:
                    raise _RefusedError("yaml_documents", event.start_mark.line + 1)
                root = self._part(event, 1).node
        return None if isinstance(root, ScalarNode) and root.value is None else root

    def _part(self, event: Any, depth: int, key_line: int = 0) -> _Part:
        line = event.start_mark.line + 1
        if key_line and isinstance(event, ScalarEvent) and not event.value and event.implicit[0]:
            line = key_line  # the parser places what is missing after its key at the next key
        if isinstance(event, AliasEvent):
            return self._alias(event.anchor, line, depth)
        self._count(1, depth, line)
        _check_tag(event, line)
        part: _Part
        if isinstance(event, ScalarEvent):
            part = _Part(_scalar(event, self.file, line))
        elif isinstance(event, SequenceStartEvent):
            part = self._list(line, depth)
        else:
            part = self._map(line, depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = part
        return part

    def _alias(self, anchor: str, line: int, depth: int) -> _Part:
        part = self.anchors.get(anchor)
        if part is None:
            raise _RefusedError("yaml_alias", line, detail=_short(anchor))
        self._count(part.size, depth + part.height - 1, line)
        return part

    def _count(self, nodes: int, depth: int, line: int) -> None:
        self.nodes += nodes
        if depth > MAX_DEPTH:
            raise _RefusedError("yaml_too_deep", line, limit=MAX_DEPTH)
        if self.nodes > MAX_NODES:
            raise _RefusedError("yaml_too_large", line, limit=MAX_NODES)

    def _until_end(self) -> Iterator[Any]:
        """Events of the items of the list or map being read."""
        starts = (ScalarEvent, MappingStartEvent, SequenceStartEvent, AliasEvent)
        for event in self.events:
            if not isinstance(event, starts):
                return
            yield event

    def _list(self, line: int, depth: int) -> _Part:
        parts = [self._part(event, depth + 1) for event in self._until_end()]
        node = ListNode(self.file, line, tuple(part.node for part in parts))
        return _Part(node, *_measures(parts))

    def _map(self, line: int, depth: int) -> _Part:
        parts: list[_Part] = []
        entries: dict[str, tuple[ScalarNode, Node]] = {}
        merged: list[MapNode] = []
        for event in self._until_end():
            key_line = event.start_mark.line + 1
            key = self._part(event, depth + 1)
            value = self._part(next(self.events), depth + 1, key_line)
            parts += (key, value)
            if not isinstance(key.node, ScalarNode):
                raise _RefusedError("yaml_key", key_line)
            name = key.node.text
            if name == "<<" and key.node.plain:
                merged += _maps_to_merge(value.node)
            elif name in entries:
                first = entries[name][0].line
                self.problems.error("duplicate_key", Location(self.file, key_line), key=_short(name), first=first)
            else:
                entries[name] = (key.node, value.node)
        for other in merged:
            for key_node, value_node in other.items:
                entries.setdefault(key_node.text, (key_node, value_node))
        node = MapNode(self.file, line, tuple(entries.values()))
        return _Part(node, *_measures(parts))


def _measures(parts: list[_Part]) -> tuple[int, int]:
    height = 1 + max((part.height for part in parts), default=0)
    return height, 1 + sum(part.size for part in parts)


def _maps_to_merge(node: Node) -> list[MapNode]:
    """The maps of `<<: *one` or `<<: [*one, *two]`."""
    nodes = node.items if isinstance(node, ListNode) else (node,)
    maps = [item for item in nodes if isinstance(item, MapNode)]
    if len(maps) != len(nodes):
        raise _RefusedError("yaml_merge", node.line)
    return maps


def _check_tag(event: Any, line: int) -> None:
    tag = event.ctag
    if tag is None or str(tag) == "!":
        return
    name = str(tag).removeprefix("tag:yaml.org,2002:").removeprefix("!!")
    if name not in _CORE_TAGS:
        raise _RefusedError("yaml_tag", line, tag=_short(str(tag)))


def _scalar(event: Any, file: str, line: int) -> ScalarNode:
    text: str = event.value
    if event.style == '"' and (character := unstorable(text)):
        raise _RefusedError("control_character", line, character=character)
    tag = str(event.ctag) if event.ctag is not None else ""
    plain = event.implicit[0] and not tag
    value = text if tag.endswith(("!", "str")) else scalar_value(text) if plain or tag else text
    return ScalarNode(file, line, value, text, plain=plain, literal=event.style == "|")


def scalar_value(text: str) -> str | int | float | bool | None:
    """The value of an unquoted scalar (YAML 1.2, as ruamel.yaml resolves it; dates stay texts)."""
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if text[0] not in "+-.0123456789":
        return text
    digits = text.replace("_", "")
    try:
        if _INTEGER.fullmatch(text):
            return int(digits, 0) if digits.lstrip("+-")[1:2] in ("b", "o", "x") else int(digits)
        if _FLOAT.fullmatch(text):
            number = float(digits)
            return number if isfinite(number) else text
    except ValueError:
        pass
    return text
