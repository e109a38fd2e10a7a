"""Rasa's RegexEntityExtractor: entities by patterns and word lists (`rasa/nlu/extractors/regex_entity_extractor.py`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import chain
from typing import Any, ClassVar

from bot.nlu.component import Saved
from bot.nlu.literals import caseless, literals
from bot.nlu.message import Message, Options, TrainingSet


class RegexEntityExtractor:
    """Finds regexes and lookup items whose name is an entity annotated in the examples; regexes first.

    Options are Rasa's, and one of ours:
        only_in_body: entities that count in the body of a letter only (a signature's postal code is no FASE number).
    """

    OPTIONS: ClassVar[Mapping[str, Any]] = {
        "case_sensitive": False,
        "use_lookup_tables": True,
        "use_regexes": True,
        "use_word_boundaries": True,
        "only_in_body": (),
    }

    def __init__(self, options: Options) -> None:
        self._options = options
        self._patterns: list[tuple[str, str]] = []
        self._compiled: list[tuple[str, re.Pattern[str]]] = []
        self._always: list[int] = []
        """Numbers of the patterns that may be found in any text."""
        self._only_with: dict[str, list[int]] = {}
        """Numbers of those that are found only in a text that holds one of these."""

    def train(self, data: TrainingSet) -> None:
        """Collect the patterns of annotated entities."""
        annotated = {entity.entity for message in data.messages for entity in message.annotations}
        patterns: list[tuple[str, str]] = []
        if self._options["use_regexes"]:
            patterns += [(item.name, item.pattern) for item in data.nlu.regexes if item.name in annotated]
        if self._options["use_lookup_tables"]:
            patterns += [(table.name, self._alternation(table.items)) for table in data.nlu.lookups if table.name in annotated]
        self._compile(patterns)

    def _alternation(self, items: tuple[str, ...]) -> str:
        boundary = r"\b" if self._options["use_word_boundaries"] else ""
        longest_first = sorted(items, key=len, reverse=True)
        return "(" + "|".join(f"{boundary}{re.escape(item)}{boundary}" for item in longest_first) + ")"

    def _compile(self, patterns: list[tuple[str, str]]) -> None:
        flags = 0 if self._options["case_sensitive"] else re.IGNORECASE
        self._patterns = patterns
        self._compiled = [(name, re.compile(pattern, flags)) for name, pattern in patterns]
        self._always, self._only_with = [], {}
        for number, (_, compiled) in enumerate(self._compiled):
            found = sorted(literals(compiled))
            for text in found:
                self._only_with.setdefault(text, []).append(number)
            if not found:
                self._always.append(number)

    def process(self, message: Message) -> None:
        """Add the entities found, with Rasa's keys."""
        for name, pattern in self._to_try(message.text):
            start, end = message.body if name in self._options["only_in_body"] else (0, len(message.text))
            for found in pattern.finditer(message.text):
                if found.start() == found.end() or not start <= found.start() < end:
                    continue
                message.entities.append(
                    {
                        "entity": name,
                        "start": found.start(),
                        "end": found.end(),
                        "value": found.group(),
                        "extractor": "RegexEntityExtractor",
                    }
                )

    def _to_try(self, text: str) -> list[tuple[str, re.Pattern[str]]]:
        """The patterns that may be found in a text, in their order."""
        plain = caseless(text)
        numbers = {*self._always, *chain.from_iterable([found for part, found in self._only_with.items() if part in plain])}
        return [self._compiled[number] for number in sorted(numbers)]

    def save(self) -> Saved:
        """The patterns."""
        return Saved({"patterns": [list(item) for item in self._patterns]})

    def load(self, saved: Saved) -> None:
        """Compile the patterns again."""
        self._compile([(name, pattern) for name, pattern in saved.json["patterns"]])
