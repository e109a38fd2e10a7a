"""NLU training data: intents with examples, synonyms, regular expressions, lookup tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.project.entity_annotation import read_annotations
from bot.project.model import AnnotatedEntity, Example, Location, LookupTable, NluData, RegexFeature
from bot.project.nodes import ListNode, MapNode, Node, ScalarNode, is_null, plain
from bot.project.problems import Problems, did_you_mean
from bot.project.shape import as_list, as_map, as_text, check_keys, required_text, shown

KINDS = ("intent", "synonym", "regex", "lookup")
"""Kinds of item, in the order in which Rasa looks for them."""
MAX_EXAMPLE = 2_000
"""Characters of a line; looking for annotations in longer ones could take very long."""


@dataclass(slots=True)
class NluReader:
    """Gathers the NLU data of files, read in path order."""

    problems: Problems
    examples: list[Example] = field(default_factory=list)
    synonyms: dict[str, str] = field(default_factory=dict)
    regexes: list[RegexFeature] = field(default_factory=list)
    lookups: dict[str, tuple[list[str], Location]] = field(default_factory=dict)
    blocks: int = 0

    def read(self, section: Node | None) -> None:
        """Read what stands under the key `nlu` of a file."""
        if section is None or is_null(section):
            return
        items = as_list(section, "nlu", self.problems, section.location)
        for item in items.items if items else ():
            body = as_map(item, "nlu", self.problems, item.location)
            if body is not None:
                self._item(body)

    def data(self) -> NluData:
        """All that was read."""
        lookups = (LookupTable(name, tuple(items), place) for name, (items, place) in self.lookups.items())
        return NluData(tuple(self.examples), dict(self.synonyms), tuple(self.regexes), tuple(lookups))

    def _item(self, item: MapNode) -> None:
        kind = next((kind for kind in KINDS if kind in item), None)
        if kind is None:
            first = item.names()[0] if item.items else ""
            suggestion = did_you_mean(first, KINDS)
            self.problems.error("unknown_nlu_item", item.location, found=shown(item), suggestion=suggestion)
            return
        check_keys(item, (kind, "examples", *(("metadata",) if kind == "intent" else ())), self.problems)
        name = required_text(item, kind, self.problems)
        examples = item.get("examples")
        if name is None:
            return
        place = item.location_of(kind)
        if is_null(examples) or (isinstance(examples, ListNode) and not examples.items):
            self.problems.warning("no_examples", place, kind=kind, name=name)
            return
        if kind == "intent":
            self._intent(name, place, examples, item.get("metadata"))
            return
        if as_text(examples, "examples", self.problems, place) is None or not isinstance(examples, ScalarNode):
            return
        for line, location in self._lines(examples, name):
            self._named(kind, name, line, location, place)

    def _named(self, kind: str, name: str, text: str, location: Location, place: Location) -> None:
        if kind == "synonym":
            self._synonym(text, name, location)
        elif kind == "lookup":
            self.lookups.setdefault(name, ([], place))[0].append(text)
        else:
            try:
                re.compile(text)
            except (re.error, OverflowError, RecursionError) as error:
                self.problems.error("bad_pattern", location, name=name, pattern=text, reason=error)
            else:
                self.regexes.append(RegexFeature(name, text, location))

    def _intent(self, name: str, place: Location, examples: Node | None, metadata: Node | None) -> None:
        base, slash, key = name.partition("/")
        if slash and (not base or not key or "/" in key):
            self.problems.error("bad_retrieval_intent", place, name=name)
            return
        common = {} if is_null(metadata) else {"intent": plain(metadata)}
        count = len(self.examples)
        self.blocks += 1
        for text, location, own in self._examples(examples, name, place):
            sentence, entities = read_annotations(text, location, self.problems)
            merged = {**common, **own}
            full_name = name if slash else None
            self.examples.append(Example(sentence, base, full_name, entities, merged, location, self.blocks))
            for entity in entities:
                self._annotated_synonym(sentence, entity, location)
        if len(self.examples) == count:
            self.problems.warning("no_examples", place, kind="intent", name=name)

    def _annotated_synonym(self, sentence: str, entity: AnnotatedEntity, location: Location) -> None:
        text = sentence[entity.start : entity.end]
        if text != entity.value:
            self._synonym(text, entity.value, location)

    def _examples(self, node: Node | None, name: str, place: Location) -> Iterator[tuple[str, Location, dict[str, Any]]]:
        """Each example's text, place and metadata."""
        if not isinstance(node, ListNode):
            if isinstance(node, ScalarNode) and isinstance(node.value, str):
                for line, place in self._lines(node, name):
                    yield line, place, {}
            else:
                found = shown(node)
                self.problems.error("bad_examples", node.location if node else place, name=name, found=found)
            return
        for item in node.items:
            body = as_map(item, "examples", self.problems, item.location)
            if body is None:
                continue
            check_keys(body, ("text", "metadata"), self.problems)
            value = body.get("text")
            text = required_text(body, "text", self.problems)
            if text is None or value is None:
                continue
            location = value.first_line if isinstance(value, ScalarNode) else value.location
            if self._fits(text, location):
                metadata = body.get("metadata")
                yield text, location, {} if is_null(metadata) else {"example": plain(metadata)}

    def _lines(self, node: ScalarNode, name: str) -> Iterator[tuple[str, Location]]:
        """The lines of a block of examples without their dashes."""
        for line, location in node.lines():
            if not line.startswith("-"):
                if line.strip():
                    self.problems.warning("example_without_dash", location, name=name, line=line.strip())
                continue
            text = line[1:].strip("\n\r ")
            if not text:
                self.problems.warning("empty_example", location, name=name)
            elif self._fits(text, location):
                yield text, location

    def _fits(self, text: str, location: Location) -> bool:
        if len(text) > MAX_EXAMPLE:
            self.problems.error("example_too_long", location, length=len(text), limit=MAX_EXAMPLE)
        return len(text) <= MAX_EXAMPLE

    def _synonym(self, text: str, value: str, location: Location) -> None:
        if text == value:
            return
        known = self.synonyms.get(text.lower())
        if known is not None and known != value:
            self.problems.warning("synonym_conflict", location, text=text, value=value, other=known)
        self.synonyms[text.lower()] = value
