"""Rules: fixed answers to fixed situations (Rasa 3.6, `rasa/core/policies/rule_policy.py`).

A rule's states are compared backwards with the conversation's; a rule's state only constrains the parts it
names. Of several that match, the one with most constraints wins; Rasa takes the one whose JSON is longest,
which stays the tie-break here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from bot import events as ev
from bot.dialogue.loop_markers import LoopMarker, loop_markers
from bot.dialogue.prediction import Prediction, Reason
from bot.dialogue.rule_sources import ACTION_OF_INTENT, intent_source, loop_source, sources
from bot.dialogue.scripts import Script, Turn
from bot.dialogue.states import MUST_NOT_BE_SET, RuleOnly, State, state_key, states_of, with_tuples
from bot.events import Event
from bot.project.model import Domain, Location
from bot.project.problems import Problem
from bot.tracker import ACTION_LISTEN, Tracker

PRIORITY = 4
OPTIONS: Mapping[str, Any] = {
    "core_fallback_threshold": 0.3,
    "core_fallback_action_name": "action_default_fallback",
    "enable_fallback_prediction": True,
    "restrict_rules": True,
    "check_for_contradictions": True,
    "use_nlu_confidence_as_score": False,
}


@dataclass(frozen=True, slots=True)
class LearnedRule:
    """One prediction that a rule makes."""

    states: tuple[State, ...]
    action: str
    script: str
    location: Location
    hidden: bool
    """Whether it is a turn of rules that no story takes."""
    rank: tuple[int, int]
    """Number of constraints, then length of Rasa's key: the greatest wins."""

    def to_json(self) -> dict[str, Any]:
        """The rule as the model archive keeps it."""
        return {
            "states": list(self.states),
            "action": self.action,
            "script": self.script,
            "file": self.location.file,
            "line": self.location.line,
            "hidden": self.hidden,
        }


class RulePolicy:
    """Predicts by rules."""

    name = "RulePolicy"

    def __init__(
        self,
        rules: Iterable[LearnedRule],
        rule_only: RuleOnly,
        options: Mapping[str, Any],
        markers: Iterable[LoopMarker] = (),
        on_rules: Iterable[str] = (),
        on_stories: Iterable[str] = (),
    ) -> None:
        self.rules = tuple(rules)
        self.markers = tuple(markers)
        self.on_rules = frozenset(on_rules)
        """Sources, other than rules, of predictions that rules make (`bot.dialogue.rule_sources`)."""
        self.on_stories = frozenset(on_stories)
        """Those of predictions that stories make."""
        self.rule_only = rule_only
        self.options = {**OPTIONS, **options}
        self._by_last_state: dict[tuple[str | None, str | None], list[LearnedRule]] = {}
        for rule in self.rules:
            self._by_last_state.setdefault(_signature(rule.states[-1]), []).append(rule)

    @classmethod
    def train(cls, scripts: Sequence[Script], options: Mapping[str, Any]) -> RulePolicy:
        """Learn from rules; stories only tell which of their turns memoization may see.

        Args:
            scripts: expanded rules and stories.
            options: the policy's options in `config.yml`.
        """
        rules = [script for script in scripts if script.is_rule]
        stories = [script for script in scripts if not script.is_rule]
        rule_only = RuleOnly(
            _mentioned(rules, "slots") - _mentioned(stories, "slots"),
            _mentioned(rules, "loops") - _mentioned(stories, "loops"),
        )
        learned: dict[tuple[str, str], LearnedRule] = {}
        for script in rules:
            for turn in script.turns:
                rule = _ranked(turn.states, turn.action, script.name, turn.location, hidden=True)
                learned.setdefault((state_key(rule.states), rule.action), rule)
        draft = cls(learned.values(), rule_only, options, loop_markers(scripts))
        on_rules, on_stories = sources(scripts, draft._source)
        hidden = on_rules - on_stories
        final = [replace(rule, hidden=_key(rule) in hidden) for rule in learned.values()]
        keys = {_key(rule) for rule in final}
        return cls(final, rule_only, options, draft.markers, on_rules - keys, on_stories - keys)

    def _source(self, states: Sequence[State]) -> tuple[str, str] | None:
        loop = states[-1].get("active_loop", {}).get("name")
        rule, action, _ = self._chosen(states, None if loop == MUST_NOT_BE_SET else loop)
        return (_key(rule), action) if rule and action else None

    @cached_property
    def depth(self) -> int:
        """States that the longest rule looks at."""
        return max([1, *(len(rule.states) for rule in self.rules), *(len(marker.states) for marker in self.markers)])

    def match(self, states: Sequence[State]) -> LearnedRule | None:
        """The rule that applies to these states, the last one being now."""
        if not states:
            return None
        best: LearnedRule | None = None
        for signature in _signatures_for(states[-1]):
            for rule in self._by_last_state.get(signature, ()):
                if (best is None or rule.rank > best.rank) and applies(rule.states, states):
                    best = rule
        return best

    def predict(self, tracker: Tracker, domain: Domain) -> Prediction | None:
        """The next action by default intents, loops, rules, or the core fallback; None when disabled."""
        default = self._default_intent(tracker) or self._loop(tracker, domain)
        if default is not None:
            return default
        loop = tracker.active_loop.name if tracker.active_loop else None
        states = states_of(tracker.applied, domain, base=tracker.base, last=self.depth)
        rule, action, interrupted = self._chosen(states, loop)
        events = (ev.LoopInterrupted(is_interrupted=True),) if interrupted else ()
        if rule is not None and action is not None:
            return self._by_rule(rule, tracker, action, events)
        fallback = self._fallback()
        return fallback and replace(fallback, hide_rule_turn=rule is not None and rule.hidden, events=events)

    def _chosen(self, states: Sequence[State], loop: str | None) -> tuple[LearnedRule | None, str | None, bool]:
        """The rule that applies, the action that follows, and whether the active loop is told that it was interrupted.

        Where a rule that knows nothing of the active loop would listen, the loop comes back, or no rule says what follows.
        """
        rule = self.match(states)
        marked = self._marks(states) if loop else frozenset()
        interrupted = "interrupted" in marked
        if rule is None or loop is None or rule.action != ACTION_LISTEN or "active_loop" in rule.states[-1]:
            return rule, rule.action if rule else None, interrupted
        return (rule, None, interrupted) if "not_the_loop" in marked else (rule, loop, False)

    def _fallback(self) -> Prediction | None:
        if not self.options["enable_fallback_prediction"]:
            return None
        confidence = float(self.options["core_fallback_threshold"])
        reason = Reason(self.name, note="core_fallback")
        return Prediction(str(self.options["core_fallback_action_name"]), confidence, PRIORITY, reason)

    def _by_rule(self, rule: LearnedRule, tracker: Tracker, action: str, events: tuple[Event, ...]) -> Prediction:
        reason = Reason(self.name, rule.script, rule.location.file, rule.location.line)
        confidence = self._confidence(tracker)
        otherwise = self._fallback()
        return Prediction(action, confidence, PRIORITY, reason, hide_rule_turn=rule.hidden, events=events, otherwise=otherwise)

    def _marks(self, states: Sequence[State]) -> frozenset[str]:
        return frozenset(marker.kind for marker in self.markers if applies(marker.states, states))

    def _default_intent(self, tracker: Tracker) -> Prediction | None:
        if tracker.latest_action_name != ACTION_LISTEN or tracker.latest_intent not in ACTION_OF_INTENT:
            return None
        action = ACTION_OF_INTENT[tracker.latest_intent]
        reason = Reason(self.name, note="default_intent")
        hidden = intent_source(tracker.latest_intent) not in self.on_stories
        return Prediction(action, 1.0, PRIORITY, reason, hide_rule_turn=hidden, otherwise=self._fallback())

    def _loop(self, tracker: Tracker, domain: Domain) -> Prediction | None:
        """Happy path of the active loop: the loop after a message, then listening."""
        loop = tracker.active_loop
        if loop is None or loop.rejected or tracker.latest_action_name is None:
            return None
        action = ACTION_LISTEN if tracker.latest_action_name == loop.name else loop.name
        source = loop_source(loop.name, action)
        hidden = source not in self.on_stories and (loop.name in domain.forms or source in self.on_rules)
        return Prediction(action, 1.0, PRIORITY, Reason(self.name, note="loop"), hide_rule_turn=hidden, no_user=True)

    def _confidence(self, tracker: Tracker) -> float:
        if self.options["use_nlu_confidence_as_score"] and tracker.latest_message:
            return float((tracker.latest_message.parse_data.get("intent") or {}).get("confidence") or 1.0)
        return 1.0

    def to_json(self) -> dict[str, Any]:
        """What the model archive keeps."""
        return {
            "rules": [rule.to_json() for rule in self.rules],
            "rule_only": {"slots": sorted(self.rule_only.slots), "loops": sorted(self.rule_only.loops)},
            "markers": [marker.to_json() for marker in self.markers],
            "sources": {"on_rules": sorted(self.on_rules), "on_stories": sorted(self.on_stories)},
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any], options: Mapping[str, Any]) -> RulePolicy:
        """The policy that `to_json` wrote."""
        rules = [
            _ranked(item["states"], item["action"], item["script"], Location(item["file"], item["line"]), item["hidden"])
            for item in body["rules"]
        ]
        markers = [LoopMarker(tuple(with_tuples(state) for state in item["states"]), item["kind"]) for item in body["markers"]]
        rule_only = RuleOnly(body["rule_only"]["slots"], body["rule_only"]["loops"])
        return cls(rules, rule_only, options, markers, **body["sources"])


def contradictions(policy: RulePolicy, scripts: Sequence[Script]) -> list[Problem]:
    """Turns for which the rules predict something else than what is written (Rasa's InvalidRule).

    Args:
        policy: the trained rules.
        scripts: all expanded rules and stories.

    Returns:
        One error for each such turn, naming the two places.
    """
    found: dict[tuple[Location, Location], Problem] = {}
    for script in scripts:
        for turn in script.turns:
            rule = policy.match(turn.states)
            if rule is None or rule.action == turn.action or _predicted_otherwise(turn):
                continue
            details = {
                "script": script.name,
                "action": turn.action,
                "other": rule.script,
                "other_place": str(rule.location),
                "other_action": rule.action,
            }
            problem = Problem("rule_contradiction", turn.location, "error", tuple(details.items()))
            found.setdefault((turn.location, rule.location), problem)
    return list(found.values())


def _predicted_otherwise(turn: Turn) -> bool:
    """Loops predict themselves on their happy path, whatever rules say."""
    loop = turn.states[-1].get("active_loop", {}).get("name")
    return bool(loop) and loop in (turn.action, turn.states[-1].get("prev_action", {}).get("action_name"))


def applies(rule: Sequence[State], conversation: Sequence[State]) -> bool:
    """Whether a rule's states fit the end of a conversation's states."""
    for distance, wanted in enumerate(reversed(rule), 1):
        if distance > len(conversation):
            return False
        found = conversation[-distance]
        starts, started = "prev_action" not in wanted, "prev_action" not in found
        if starts and started:
            continue
        if starts or started or not _fits(wanted, found):
            return False
    return True


def _fits(wanted: State, found: State) -> bool:
    for part, constraints in wanted.items():
        present = found.get(part) or {}
        for key, value in constraints.items():
            actual = present.get(key)
            if value == MUST_NOT_BE_SET:
                if actual and actual != MUST_NOT_BE_SET:
                    return False
            elif actual != value:
                return False
    return True


def _key(rule: LearnedRule) -> str:
    return f"rule {state_key(rule.states)}"


def _ranked(states: Sequence[State], action: str, script: str, location: Location, hidden: bool) -> LearnedRule:
    frozen = tuple(with_tuples(state) for state in states)
    constraints = sum(len(part) for state in frozen for part in state.values())
    rank = (constraints, len(json.dumps(list(frozen), sort_keys=True, ensure_ascii=False)))
    return LearnedRule(frozen, action, script, location, hidden, rank)


def _signature(state: State) -> tuple[str | None, str | None]:
    return state.get("prev_action", {}).get("action_name"), state.get("user", {}).get("intent")


def _signatures_for(state: State) -> list[tuple[str | None, str | None]]:
    action, intent = _signature(state)
    return [(action, intent), (action, None)] if intent is not None else [(action, None)]


def _mentioned(scripts: Iterable[Script], what: str) -> set[str]:
    return {name for script in scripts for name in getattr(script, what)}
