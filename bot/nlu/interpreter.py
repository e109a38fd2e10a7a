"""The pipeline: text in, parse result out; and payloads (`/intent{…}`), which skip it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.nlu.component import Batched, Component, Saved, Stateless
from bot.nlu.message import Context, Message, TrainingSet
from bot.nlu.parts import Splitter
from bot.nlu.registry import kind_of, make
from bot.project.model import ComponentSpec, Domain, NluData

_PAYLOAD = re.compile(r"^/([^{@]+)(@[0-9.]+)?(\{.+\})?(.*)$", re.S)

Watch = Callable[[ComponentSpec, Message], None]
"""Whoever looks on while a message goes through the pipeline."""


class Interpreter:
    """Components in the order of `config.yml`.

    Args:
        specs: the entries of `pipeline`.
        components: the components, one for each entry.
    """

    def __init__(self, specs: Sequence[ComponentSpec], components: Sequence[Component]) -> None:
        self.specs = tuple(specs)
        self.components = tuple(components)

    @classmethod
    def train(
        cls,
        specs: Sequence[ComponentSpec],
        nlu: NluData,
        progress: Callable[[str, int, int], None] | None = None,
    ) -> Interpreter:
        """Train the components one after the other, each on what those before it have added.

        What stands after the last one that learns sees no training sentence.

        Args:
            specs: the entries of `pipeline`.
            nlu: the training data.
            progress: called with a component's name, its number and their count, before it trains.
        """
        messages = [Message(item.text, label=item.intent, annotations=item.entities, block=item.block) for item in nlu.examples]
        data = TrainingSet(messages, nlu)
        components: list[Component] = []
        last = max((number for number, spec in enumerate(specs, 1) if not issubclass(kind_of(spec), Stateless)), default=0)
        for number, spec in enumerate(specs, 1):
            if progress:
                progress(spec.name, number, len(specs))
            component = make(spec)
            component.train(data)
            components.append(component)
            if number < last and isinstance(component, Batched):
                component.process_all(messages)
            elif number < last:
                for message in messages:
                    component.process(message)
        return cls(specs, components)

    def understand(self, text: str, context: Context | None = None, watch: Watch | None = None) -> Message:
        """Send a text through the pipeline.

        Args:
            text: what the user typed, secrets masked.
            context: the conversation in which it was typed.
            watch: called after each component with its entry and what is understood so far; the parts that a splitter
                has understood belong to it.
        """
        message = Message(text, context=context)
        for number, component in enumerate(self.components):
            component.process(message)
            if message.segments and isinstance(component, Splitter):
                component.choose(message, [self._part(message, start, end, number) for start, end in message.segments])
            if watch is not None:
                watch(self.specs[number], message)
        return message

    def _part(self, whole: Message, start: int, end: int, count: int) -> Message:
        """A part of a text, understood alone by the first `count` components."""
        part = Message(whole.text[start:end], context=whole.context)
        for component in self.components[:count]:
            component.process(part)
        return part

    def parse(self, text: str, context: Context | None = None) -> dict[str, Any]:
        """Understand a text.

        Args:
            text: what the user typed, secrets masked.
            context: the conversation in which it was typed.

        Returns:
            Rasa's parse result (rasa-compat section 2).
        """
        return self.understand(text, context).to_json()

    def save(self) -> list[Saved]:
        """What `load` needs of each component."""
        return [component.save() for component in self.components]

    @classmethod
    def load(cls, specs: Sequence[ComponentSpec], saved: Sequence[Saved]) -> Interpreter:
        """The interpreter that was saved."""
        components = [make(spec) for spec in specs]
        for component, part in zip(components, saved, strict=True):
            component.load(part)
        return cls(specs, components)


def read_payload(text: str, domain: Domain) -> dict[str, Any] | None:
    """Read `/intent@confidence{"entity": "value"}`, as Rasa's regex handler does.

    Args:
        text: a message that begins with `/`.
        domain: its intents are the only ones that count.

    Returns:
        A parse result without `text_tokens` and `response_selector`, or None when it is no payload.
    """
    found = _PAYLOAD.match(text.strip())
    if found is None or (name := found[1].strip()) not in domain.intents:
        return None
    try:
        confidence = float((found[2] or "@1.0")[1:])
        values: Mapping[str, Any] = json.loads(found[3]) if found[3] else {}
    except ValueError:
        return None
    if not isinstance(values, Mapping):
        return None
    entities = [
        {"entity": entity, "value": value, "start": 0, "end": len(text), "extractor": "RegexMessageHandler"}
        for entity, given in values.items()
        for value in (given if isinstance(given, list) else [given])
    ]
    intent = {"name": name, "confidence": confidence}
    return {"text": text, "intent": intent, "entities": entities, "intent_ranking": [dict(intent)]}
