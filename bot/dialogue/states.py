"""Dialogue states: what policies see of a conversation.

A state is `{"user": {"intent", "entities"?}, "slots": {name: features}, "prev_action": {"action_name"},
"active_loop": {"name"}}`, empty parts dropped (Rasa 3.6, `rasa/shared/core/domain.py`). There is one state
for each action taken, and one for the action to take.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot import events as ev
from bot.events import Event
from bot.project.model import Domain, Slot
from bot.tracker import State as Past

State = dict[str, Any]

MUST_NOT_BE_SET = "should_not_be_set"
"""In a rule's state: this slot or loop must be absent from the conversation's state."""


def state_key(states: Iterable[State]) -> str:
    """States as one string, equal for equal states."""
    return json.dumps(list(states), sort_keys=True, ensure_ascii=False)


def with_tuples(state: State) -> State:
    """JSON gives lists where states have tuples."""
    return {
        part: {key: tuple(value) if isinstance(value, list) else value for key, value in body.items()}
        for part, body in state.items()
    }


def slot_features(slot: Slot, value: Any) -> tuple[float, ...] | None:
    """What a slot's value looks like to policies; None when it looks unset.

    Args:
        slot: the slot's description.
        value: its value, as stored.

    Returns:
        One number a feature (rasa-compat section 3): text and list (1,), bool (1, v),
        float (1, x in 0..1), categorical one-hot in the order of `slot.values`.
    """
    if value is None or not slot.influence_conversation:
        return None
    match slot.type:
        case "text":
            return (1.0,)
        case "list":
            return (1.0,) if value else None
        case "bool":
            true = value is True or str(value).casefold() in ("true", "1", "1.0")
            return (1.0, float(true)) if true or str(value).casefold() in ("false", "0", "0.0") else None
        case "float":
            try:
                number = min(max(float(value), slot.min_value), slot.max_value)
            except (TypeError, ValueError):
                return None
            width = slot.max_value - slot.min_value
            return (1.0, (number - slot.min_value) / width if width else 0.0)
        case "categorical":
            folded = str(value).lower()
            known = folded if folded in slot.values else "__other__"
            return tuple(float(item == known) for item in slot.values) if known in slot.values else None
        case "any":
            return None


class StateWriter:
    """Follows a conversation event by event and tells its current state.

    Args:
        domain: the domain.
        slots: those that have their initial values at the start; all by default.
    """

    def __init__(self, domain: Domain, slots: Iterable[Slot] | None = None) -> None:
        self._domain = domain
        self._said: tuple[str | None, Iterable[Mapping[str, Any]]] = (None, ())
        self._user: dict[str, Any] | None = None
        """What states show of `_said`; None until one is asked for."""
        self._slots: dict[str, Any] = {}
        self._action: str | None = None
        self._loop: str | None = None
        for slot in domain.slots.values() if slots is None else slots:
            self.set_slot(slot.name, slot.initial_value)

    @classmethod
    def going_on(cls, domain: Domain, base: Past) -> StateWriter:
        """A writer that goes on from where a conversation has come to."""
        writer = cls(domain, ())
        for name, value in base.slots.items():
            writer.set_slot(name, value)
        if base.latest_message is not None:
            writer.user(base.latest_message.intent, base.latest_message.entities)
        writer.action(base.latest_action_name)
        writer.loop(base.active_loop.name if base.active_loop else None)
        return writer

    def user(self, intent: str | None, entities: Iterable[Mapping[str, Any]]) -> None:
        """The user said something."""
        self._said, self._user = (intent, entities), None

    def action(self, name: str | None) -> None:
        """The assistant did something."""
        self._action = name

    def set_slot(self, name: str, value: Any) -> None:
        """A slot changed."""
        if value is None:
            self._slots.pop(name, None)
            return
        slot = self._domain.slots.get(name)
        if value == MUST_NOT_BE_SET:
            if slot is not None and slot.influence_conversation:
                self._slots[name] = value
            return
        features = slot_features(slot, value) if slot else None
        if features is None or not any(features):
            self._slots.pop(name, None)
        else:
            self._slots[name] = features

    def forbid_slot(self, name: str) -> None:
        """In a rule: this slot must not be set."""
        self._slots[name] = MUST_NOT_BE_SET

    def loop(self, name: str | None) -> None:
        """A loop started or ended."""
        self._loop = name

    def state(self) -> State:
        """The state now."""
        state: State = {}
        if self._user is None:
            self._user = self._seen(*self._said)
        if self._user:
            state["user"] = dict(self._user)
        if self._slots:
            state["slots"] = dict(self._slots)
        if self._action:
            state["prev_action"] = {"action_name": self._action}
        if self._loop:
            state["active_loop"] = {"name": self._loop}
        return state

    def _seen(self, intent: str | None, entities: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        if not intent:
            return {}
        seen = self._seen_entities(intent, entities)
        return {"intent": intent, "entities": seen} if seen else {"intent": intent}

    def _seen_entities(self, intent: str, entities: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
        spec = self._domain.intents.get(intent)
        used = spec.used_entities if spec else frozenset(self._domain.entities)
        seen: set[str] = set()
        for entity in entities:
            name = str(entity.get("entity"))
            known = self._domain.entities.get(name)
            if name not in used or known is None or not known.influence_conversation:
                continue
            seen.add(name)
            for part in ("role", "group"):
                if entity.get(part):
                    seen.add(f"{name}#{entity[part]}")
        return tuple(sorted(seen))


def states_of(
    events: Sequence[Event],
    domain: Domain,
    rule_only: RuleOnly | None = None,
    base: Past | None = None,
    last: int | None = None,
) -> list[State]:
    """States of a conversation: one before each action taken, and the current one.

    Args:
        events: applied events, oldest first.
        domain: the domain.
        rule_only: what only rules know; given, the turns that only rules predicted and the slots and loops
            found in rules only are left out, as for Rasa's memoization policies.
        base: what the conversation had come to before these events; None at its start.
        last: how many of the latest states are wanted; all by default. Without `rule_only`.
    """
    writer = StateWriter(domain) if base is None else StateWriter.going_on(domain, base)
    states: list[State] = []
    visible_action: str | None = None
    previous_hidden = False
    loop = base.active_loop.name if base is not None and base.active_loop else None
    action = base.latest_action_name if base is not None else None
    followup = base is None or base.followup_action is not None  # a conversation begins by being told to listen
    unwanted = 0 if last is None else sum(isinstance(event, ev.ActionExecuted) for event in events) + 1 - last

    def add(hidden_now: bool) -> None:
        nonlocal visible_action, previous_hidden, unwanted
        if unwanted > 0:
            unwanted -= 1
            return
        state = writer.state()
        if rule_only is None:
            states.append(state)
            return
        if not previous_hidden:
            visible_action = action
        if not followup and not (action and action == loop):
            previous_hidden = hidden_now
        if previous_hidden:
            return
        rule_only.clean(state)
        if states and state.get("prev_action", {}).get("action_name") != "action_listen":
            _copy_user(states[-1], state)
        if visible_action:
            state["prev_action"] = {"action_name": visible_action}
        states.append(state)

    for event in events:
        match event:
            case ev.SlotSet(name=name, value=value):
                writer.set_slot(name, value)
            case ev.BotUttered():
                pass
            case ev.ActionExecuted(name=name):
                add(event.hide_rule_turn)
                writer.action(name)
                action, followup = name, False
            case ev.UserUttered():
                writer.user(event.intent, event.entities)
                followup = False
            case ev.AllSlotsReset():
                for slot_name, slot in domain.slots.items():
                    writer.set_slot(slot_name, slot.initial_value)
            case ev.ActiveLoop(name=name):
                loop = name
                writer.loop(name)
            case ev.FollowupAction():
                followup = True
            case _:
                pass
    add(False)
    return states


def _copy_user(source: State, target: State) -> None:
    """Within one turn the user's part stays that of the turn's first visible state."""
    if "user" in source:
        target["user"] = dict(source["user"])
    else:
        target.pop("user", None)


class RuleOnly:
    """Slots and loops that stories never mention: memoization must not see them."""

    def __init__(self, slots: Iterable[str] = (), loops: Iterable[str] = ()) -> None:
        self.slots = frozenset(slots)
        self.loops = frozenset(loops)

    def clean(self, state: State) -> None:
        """Take the rules' own features out of a state."""
        if "slots" in state:
            state["slots"] = {name: value for name, value in state["slots"].items() if name not in self.slots}
            if not state["slots"]:
                del state["slots"]
        if state.get("active_loop", {}).get("name") in self.loops:
            del state["active_loop"]
