"""Memoization: what a story does, do again (Rasa 3.6, `rasa/core/policies/memoization.py`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from bot import events as ev
from bot.dialogue.prediction import Prediction, Reason
from bot.dialogue.scripts import Script
from bot.dialogue.states import RuleOnly, State, state_key, states_of
from bot.events import Event
from bot.project.model import Domain
from bot.tracker import Tracker

PRIORITY = 3
OPTIONS: Mapping[str, Any] = {"max_history": None, "use_nlu_confidence_as_score": False}


class AugmentedMemoizationPolicy:
    """Remembers the stories; on a miss it forgets the oldest turn and tries again."""

    name = "AugmentedMemoizationPolicy"

    def __init__(self, memory: Mapping[str, Mapping[str, Any]], rule_only: RuleOnly, options: Mapping[str, Any]) -> None:
        self.memory = dict(memory)
        """Key of the last states to `{"action", "script", "file", "line"}`."""
        self.rule_only = rule_only
        self.options = {**OPTIONS, **options}

    @classmethod
    def train(cls, scripts: Sequence[Script], rule_only: RuleOnly, options: Mapping[str, Any]) -> AugmentedMemoizationPolicy:
        """Learn the stories' turns; states that lead to different actions are left out.

        Args:
            scripts: expanded rules and stories; rules are skipped.
            rule_only: slots and loops that only rules mention.
            options: the policy's options in `config.yml` (`max_history`: states, null for all).
        """
        policy = cls({}, rule_only, options)
        ambiguous: set[str] = set()
        for script in scripts:
            if script.is_rule:
                continue
            for turn in script.turns:
                key = policy._key(turn.states)
                known = policy.memory.get(key)
                if known is not None and known["action"] != turn.action:
                    ambiguous.add(key)
                place = {"script": script.name, "file": turn.location.file, "line": turn.location.line}
                policy.memory.setdefault(key, {"action": turn.action, **place})
        for key in ambiguous:
            del policy.memory[key]
        return policy

    @cached_property
    def depth(self) -> int:
        """States that the longest memory looks at."""
        return max((len(json.loads(key)) for key in self.memory), default=1)

    def predict(self, tracker: Tracker, domain: Domain) -> Prediction | None:
        """The action of the story that fits the conversation's end; None when no story does."""
        if not self.memory:
            return None
        events: list[Event] | None = tracker.applied
        previous: str | None = None
        first = True
        base = tracker.base
        if base is not None and self.options["max_history"] is None:
            events, first, base = _without_oldest_turn(tracker.applied, again=False), False, None
        while events is not None:
            key = self._key(states_of(events, domain, self.rule_only, base))
            base = None
            if key != previous and (found := self.memory.get(key)) is not None:
                reason = Reason(self.name, found["script"], found["file"], found["line"])
                return Prediction(found["action"], self._confidence(tracker), PRIORITY, reason)
            previous = key
            events = _without_oldest_turn(events, again=not first)
            first = False
        return None

    def _key(self, states: Sequence[State]) -> str:
        history = self.options["max_history"]
        return state_key(states if history is None else states[-int(history) :])

    def _confidence(self, tracker: Tracker) -> float:
        if self.options["use_nlu_confidence_as_score"] and tracker.latest_message:
            return float((tracker.latest_message.parse_data.get("intent") or {}).get("confidence") or 1.0)
        return 1.0

    def to_json(self) -> dict[str, Any]:
        """What the model archive keeps."""
        return {"memory": self.memory}


def _without_oldest_turn(events: list[Event], *, again: bool) -> list[Event] | None:
    """Events from the first action on; when that was tried already, from the second one on."""
    actions = [position for position, event in enumerate(events) if isinstance(event, ev.ActionExecuted)]
    wanted = 1 if again else 0
    if len(actions) <= wanted:
        return None
    return events[actions[wanted] :]
