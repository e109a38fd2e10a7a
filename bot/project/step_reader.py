"""One step of a story or rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.project.entity_annotation import read_annotations
from bot.project.model import (
    ANY_VALUE,
    ActionStep,
    BotStep,
    CheckpointStep,
    IntentStep,
    LoopStep,
    OrStep,
    SlotStep,
    Step,
)
from bot.project.nlu_reader import MAX_EXAMPLE
from bot.project.nodes import MapNode, Node, plain
from bot.project.problems import Problems, did_you_mean
from bot.project.shape import (
    as_list,
    as_map,
    as_text,
    check_keys,
    optional_list,
    optional_text,
    required_text,
    shown,
)

STORY_STEPS = ("user", "intent", "or", "action", "bot", "checkpoint", "slot_was_set", "active_loop", "metadata")
"""What a step may be, in the order in which Rasa looks for it."""
TEST_STEPS = tuple(kind for kind in STORY_STEPS if kind not in ("or", "checkpoint"))
"""A test story is one conversation: it takes no alternatives and is not joined with another."""
RULE_STEPS = tuple(kind for kind in STORY_STEPS if kind not in ("bot", "checkpoint"))


@dataclass(frozen=True, slots=True)
class StepReader:
    """Reads the steps that one kind of story allows."""

    problems: Problems
    kinds: Sequence[str]
    full_intents: bool = False
    """Keep `faq/horaires`; training stories know the base intent only."""

    def step(self, node: Node) -> Step | None:
        """Read one step; None and a problem when it is none, None alone for metadata."""
        item = as_map(node, "steps", self.problems, node.location)
        if item is None:
            return None
        kind = next((kind for kind in STORY_STEPS if kind in item), None)
        if kind is None or kind not in self.kinds:
            found = kind or (item.names()[0] if item.items else "")
            suggestion = "" if kind else did_you_mean(found, self.kinds)
            known = ", ".join(self.kinds)
            self.problems.error("unknown_step", item.location, found=found, suggestion=suggestion, known=known)
            return None
        match kind:
            case "user" | "intent":
                return self._intent(item)
            case "or":
                return self._or(item)
            case "action":
                check_keys(item, ("action",), self.problems)
                name = required_text(item, "action", self.problems)
                return None if name is None else ActionStep(name, item.location)
            case "bot":
                check_keys(item, ("bot",), self.problems)
                text = required_text(item, "bot", self.problems)
                return None if text is None else BotStep(text, item.location)
            case "checkpoint":
                check_keys(item, ("checkpoint", "slot_was_set"), self.problems)
                name = required_text(item, "checkpoint", self.problems)
                slots = self._slots(item)
                return None if name is None else CheckpointStep(name, slots, item.location)
            case "slot_was_set":
                check_keys(item, ("slot_was_set",), self.problems)
                slots = self._slots(item)
                return SlotStep(slots, item.location) if slots else None
            case "active_loop":
                check_keys(item, ("active_loop",), self.problems)
                return LoopStep(optional_text(item, "active_loop", self.problems), item.location)
            case _:
                check_keys(item, ("metadata",), self.problems)
                return None

    def _intent(self, item: MapNode) -> IntentStep | None:
        check_keys(item, ("user", "intent", "entities", "metadata"), self.problems)
        if "intent" not in item:
            self.problems.error("user_without_intent", item.location)
            return None
        name = required_text(item, "intent", self.problems)
        if name is None:
            return None
        place = item.location_of("intent")
        if name.startswith("/"):
            self.problems.warning("intent_with_slash", place, intent=name, name=name[1:])
            name = name[1:]
        base, slash, _ = name.partition("/")
        if slash and not self.full_intents:
            self.problems.warning("retrieval_intent_in_story", place, intent=name, base=base)
            name = base
        text = optional_text(item, "user", self.problems)
        if text is None or text.startswith("/"):
            return IntentStep(name, self._entities(item), text, item.location)
        if len(text) > MAX_EXAMPLE:
            self.problems.error("example_too_long", item.location_of("user"), length=len(text), limit=MAX_EXAMPLE)
            return None
        sentence, annotated = read_annotations(text, item.location_of("user"), self.problems)
        marked = [
            {"entity": entity.entity, "value": entity.value, "role": entity.role, "group": entity.group} for entity in annotated
        ]
        found = tuple({key: value for key, value in entity.items() if value is not None} for entity in marked)
        return IntentStep(name, found or self._entities(item), sentence, item.location)

    def _entities(self, item: MapNode) -> tuple[Mapping[str, Any], ...]:
        nodes = optional_list(item, "entities", self.problems)
        found = (self._entity(node) for node in (nodes.items if nodes else ()))
        return tuple(entity for entity in found if entity is not None)

    def _entity(self, node: Node) -> Mapping[str, Any] | None:
        """`name`, `name: value` (with role and group beside it), or a map with `entity`."""
        if not isinstance(node, MapNode):
            name = as_text(node, "entities", self.problems, node.location)
            return None if name is None else {"entity": name}
        body = {key.text: plain(value) for key, value in node.items}
        if "entity" not in body:
            names = [key for key in body if key not in ("role", "group")]
            if len(names) != 1:
                self.problems.error("bad_entity_step", node.location, found=", ".join(body))
                return None
            value = body.pop(names[0])
            body = {"entity": names[0], "value": value, **body}
        else:
            check_keys(node, ("entity", "value", "role", "group"), self.problems)
        if not all(isinstance(body.get(key) or "", str) for key in ("entity", "role", "group")) or not body["entity"]:
            self.problems.error("bad_entity_step", node.location, found=shown(node))
            return None
        return {key: value for key, value in body.items() if value is not None}

    def _slots(self, item: MapNode) -> tuple[tuple[str, Any], ...]:
        """The items of `slot_was_set`: `name`, or `name: value`."""
        if "slot_was_set" not in item:
            return ()
        nodes = as_list(item.get("slot_was_set"), "slot_was_set", self.problems, item.location)
        slots: list[tuple[str, Any]] = []
        if nodes is not None and not nodes.items:
            self.problems.error("empty_text", nodes.location, key="slot_was_set")
        for node in nodes.items if nodes else ():
            if isinstance(node, MapNode):
                slots += ((key.text, plain(value)) for key, value in node.items)
            elif (name := as_text(node, "slot_was_set", self.problems, node.location)) is not None:
                slots.append((name, ANY_VALUE))
        return tuple(slots)

    def _or(self, item: MapNode) -> OrStep | None:
        """Intent steps, or slot_was_set steps; nothing else."""
        check_keys(item, ("or",), self.problems)
        nodes = as_list(item.get("or"), "or", self.problems, item.location)
        if nodes is None:
            return None
        kinds = {
            kind
            for node in nodes.items
            for kind in [next((kind for kind in STORY_STEPS if isinstance(node, MapNode) and kind in node), "")]
        }
        if not nodes.items or not (kinds <= {"intent", "user"} or kinds == {"slot_was_set"}):
            self.problems.error("bad_or", item.location)
            return None
        choices = [step for node in nodes.items if isinstance(step := self.step(node), (IntentStep, SlotStep))]
        return OrStep(tuple(choices), item.location) if choices else None
