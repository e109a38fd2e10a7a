"""The domain's sections, gathered from one file or several before they are understood.

As in Rasa 3.6 lists are united and maps merged. A name written twice in one file is an error; in two files it is a
warning and the first file, in reading order, wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.project.model import Location
from bot.project.nodes import MapNode, Node, ScalarNode, is_null, plain
from bot.project.problems import Problems
from bot.project.shape import as_list, as_map, check_keys, named

LIST_SECTIONS = ("intents", "entities", "actions", "e2e_actions")
MAP_SECTIONS = ("slots", "responses", "forms")
DOMAIN_KEYS = ("intents", "entities", "slots", "responses", "actions", "forms", "session_config", "e2e_actions")
"""Keys that make a file a domain file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A named thing of the domain, as written."""

    name: str
    body: Node | None
    """What stands behind the name; None when the name stands alone."""
    location: Location


@dataclass(slots=True)
class DomainSections:
    """All sections, each name once, in reading order."""

    problems: Problems
    entries: dict[str, dict[str, Entry]] = field(
        default_factory=lambda: {section: {} for section in (*LIST_SECTIONS, *MAP_SECTIONS)}
    )
    session: MapNode | None = None
    config: MapNode | None = None

    def read(self, root: MapNode) -> None:
        """Add the domain's sections of one file; its other keys are none of ours."""
        for section in LIST_SECTIONS:
            self._read_list(section, root.get(section), root)
        for section in MAP_SECTIONS:
            self._read_map(section, root.get(section), root)
        self._read_settings(root)

    def add_retrieval_actions(self, bases: Mapping[str, Location]) -> None:
        """Add the action `utter_<base>` of each retrieval intent, as Rasa's importer does."""
        for base, location in bases.items():
            name = f"utter_{base}"
            self.entries["actions"].setdefault(name, Entry(name, None, location))

    def raw(self) -> dict[str, Any]:
        """The sections as plain values in Rasa's shape."""
        raw: dict[str, Any] = {"version": "3.1"}
        for section in ("intents", "entities"):
            raw[section] = [_list_item(entry) for entry in self.entries[section].values()]
        for section in MAP_SECTIONS:
            raw[section] = {name: _body(entry) for name, entry in self.entries[section].items()}
        for section in ("actions", "e2e_actions"):
            raw[section] = [_list_item(entry) for entry in self.entries[section].values()]
        raw["session_config"] = {
            "session_expiration_time": 60,
            "carry_over_slots_to_new_session": True,
            **{key: value for key, value in (plain(self.session) or {}).items() if value is not None},
        }
        if self.config is not None:
            raw["config"] = plain(self.config)
        return raw

    def _read_list(self, section: str, node: Node | None, root: MapNode) -> None:
        if node is None or is_null(node):
            return
        items = as_list(node, section, self.problems, root.location_of(section))
        for item in items.items if items else ():
            found = named(item, section, self.problems)
            if found is not None:
                name, body, location = found
                self._add(section, Entry(name, body, location), root.file)

    def _read_map(self, section: str, node: Node | None, root: MapNode) -> None:
        if node is None or is_null(node):
            return
        body = as_map(node, section, self.problems, root.location_of(section))
        for key, value in body.items if body else ():
            if not key.text.strip():
                self.problems.error("empty_text", key.location, key=section)
                continue
            self._add(section, Entry(key.text, value, key.location), root.file)

    def _add(self, section: str, entry: Entry, file: str) -> None:
        first = self.entries[section].setdefault(entry.name, entry)
        if first is entry:
            return
        details = {"section": section, "name": entry.name, "first": str(first.location)}
        if first.location.file == file:
            self.problems.error("duplicate_name", entry.location, **details)
        elif plain(first.body) != plain(entry.body):
            self.problems.warning("duplicate_across_files", entry.location, **details)

    def _read_settings(self, root: MapNode) -> None:
        for section in ("session_config", "config"):
            node = root.get(section)
            if node is None or is_null(node):
                continue
            body = as_map(node, section, self.problems, root.location_of(section))
            if body is None:
                continue
            if section == "config":
                check_keys(body, ("store_entities_as_slots",), self.problems)
                self.config = self.config or body
            elif self.session is None:
                self.session = body
            elif plain(self.session) != plain(body):
                self.problems.warning(
                    "duplicate_across_files",
                    body.location,
                    section=section,
                    name=section,
                    first=str(self.session.location),
                )


def _list_item(entry: Entry) -> Any:
    return entry.name if entry.body is None else {entry.name: plain(entry.body)}


def _body(entry: Entry) -> Any:
    empty = isinstance(entry.body, ScalarNode) and entry.body.value is None
    return {} if empty else plain(entry.body)
