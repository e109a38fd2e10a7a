"""Rules: fixed answers to fixed situations (Rasa 3.6, `rasa/core/policies/rule_policy.py`).

A rule's states are compared backwards with the conversation's; a rule's state only constrains the parts it
names. Of several that match, the one with most constraints wins; Rasa takes the one whose JSON is longest,
which stays the tie-break here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from bot import events as ev
from bot.dialogue.prediction import Prediction, Reason
from bot.dialogue.scripts import Script, Turn
from bot.dialogue.states import MUST_NOT_BE_SET, RuleOnly, State, state_key, states_of
from bot.project.model import Domain, Location
from bot.project.problems import Problem
from bot.tracker import ACTION_LISTEN, Tracker

PRIORITY = 4
DEFAULT_INTENTS = {"restart": "action_restart", "back": "action_back", "session_start": "action_session_start"}
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
    """Whether no story takes this turn too."""
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


@dataclass(frozen=True, slots=True)
class LoopMarker:
    """What rules and stories inside a loop say of its unhappy paths."""

    states: tuple[State, ...]
    kind: Literal["interrupted", "not_the_loop"]
    """interrupted: the loop comes back after another question and must not take this message as an answer;
    not_the_loop: something else than the loop follows here."""

    def to_json(self) -> dict[str, Any]:
        """The marker as the model archive keeps it."""
        return {"states": list(self.states), "kind": self.kind}


class RulePolicy:
    """Predicts by rules."""

    name = "RulePolicy"

    def __init__(
        self,
        rules: Iterable[LearnedRule],
        rule_only: RuleOnly,
        options: Mapping[str, Any],
        markers: Iterable[LoopMarker] = (),
    ) -> None:
        self.rules = tuple(rules)
        self.markers = tuple(markers)
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
                rule = _learn(script, turn, hidden=True)
                learned.setdefault((state_key(rule.states), rule.action), rule)
        draft = cls(learned.values(), rule_only, options)
        used = {id(match) for story in stories for turn in story.turns if (match := draft.match(turn.states))}
        final = [rule if id(rule) not in used else _visible(rule) for rule in learned.values()]
        return cls(final, rule_only, options, _loop_markers(scripts))

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
        default = self._default_intent(tracker) or self._loop(tracker)
        if default is not None:
            return default
        states = states_of(tracker.applied, domain)
        rule = self.match(states)
        marked = self._marks(states) if tracker.active_loop else frozenset()
        if rule is not None and tracker.active_loop and rule.action == ACTION_LISTEN and "active_loop" not in rule.states[-1]:
            if "not_the_loop" not in marked:
                return self._by_rule(rule, tracker, tracker.active_loop.name)
            rule = None
        events = (ev.LoopInterrupted(is_interrupted=True),) if "interrupted" in marked else ()
        if rule is not None:
            return replace(self._by_rule(rule, tracker, rule.action), events=events)
        if not self.options["enable_fallback_prediction"]:
            return None
        return Prediction(
            str(self.options["core_fallback_action_name"]),
            float(self.options["core_fallback_threshold"]),
            PRIORITY,
            Reason(self.name, note="core_fallback"),
            events=events,
        )

    def _by_rule(self, rule: LearnedRule, tracker: Tracker, action: str) -> Prediction:
        reason = Reason(self.name, rule.script, rule.location.file, rule.location.line)
        return Prediction(action, self._confidence(tracker), PRIORITY, reason, hide_rule_turn=rule.hidden)

    def _marks(self, states: Sequence[State]) -> frozenset[str]:
        return frozenset(marker.kind for marker in self.markers if applies(marker.states, states))

    def _default_intent(self, tracker: Tracker) -> Prediction | None:
        if tracker.latest_action_name != ACTION_LISTEN or tracker.latest_intent not in DEFAULT_INTENTS:
            return None
        action = DEFAULT_INTENTS[tracker.latest_intent]
        return Prediction(action, 1.0, PRIORITY, Reason(self.name, note="default_intent"))

    def _loop(self, tracker: Tracker) -> Prediction | None:
        """Happy path of the active loop: the loop after a message, then listening."""
        loop = tracker.active_loop
        if loop is None or loop.rejected or tracker.latest_action_name is None:
            return None
        action = ACTION_LISTEN if tracker.latest_action_name == loop.name else loop.name
        hidden = loop.name in self.rule_only.loops
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
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any], options: Mapping[str, Any]) -> RulePolicy:
        """The policy that `to_json` wrote."""
        rules = [
            _ranked(item["states"], item["action"], item["script"], Location(item["file"], item["line"]), item["hidden"])
            for item in body["rules"]
        ]
        markers = [LoopMarker(tuple(_with_tuples(state) for state in item["states"]), item["kind"]) for item in body["markers"]]
        return cls(rules, RuleOnly(body["rule_only"]["slots"], body["rule_only"]["loops"]), options, markers)


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


def _loop_markers(scripts: Iterable[Script]) -> list[LoopMarker]:
    """Markers of all turns inside a loop (Rasa's `_create_loop_unhappy_lookup_from_states`)."""
    found: dict[str, LoopMarker] = {}
    for script in scripts:
        for turn in script.turns:
            last = turn.states[-1]
            loop = last.get("active_loop", {}).get("name")
            if not loop or loop == MUST_NOT_BE_SET:
                continue
            listened = last.get("prev_action", {}).get("action_name") == ACTION_LISTEN
            if listened != (turn.action == loop):
                continue
            before = turn.states[-2].get("prev_action") if len(turn.states) > 1 else None
            states = ({"prev_action": before}, last) if before else (last,)
            kind: Literal["interrupted", "not_the_loop"] = "interrupted" if listened else "not_the_loop"
            found[state_key(states)] = LoopMarker(tuple(_with_tuples(state) for state in states), kind)
    return list(found.values())


def _learn(script: Script, turn: Turn, *, hidden: bool) -> LearnedRule:
    return _ranked(turn.states, turn.action, script.name, turn.location, hidden)


def _visible(rule: LearnedRule) -> LearnedRule:
    return LearnedRule(rule.states, rule.action, rule.script, rule.location, False, rule.rank)


def _ranked(states: Sequence[State], action: str, script: str, location: Location, hidden: bool) -> LearnedRule:
    frozen = tuple(_with_tuples(state) for state in states)
    constraints = sum(len(part) for state in frozen for part in state.values())
    rank = (constraints, len(json.dumps(list(frozen), sort_keys=True, ensure_ascii=False)))
    return LearnedRule(frozen, action, script, location, hidden, rank)


def _with_tuples(state: State) -> State:
    """JSON gives lists where states have tuples."""
    return {
        part: {key: tuple(value) if isinstance(value, list) else value for key, value in body.items()}
        for part, body in state.items()
    }


def _signature(state: State) -> tuple[str | None, str | None]:
    return state.get("prev_action", {}).get("action_name"), state.get("user", {}).get("intent")


def _signatures_for(state: State) -> list[tuple[str | None, str | None]]:
    action, intent = _signature(state)
    return [(action, intent), (action, None)] if intent is not None else [(action, None)]


def _mentioned(scripts: Iterable[Script], what: str) -> set[str]:
    return {name for script in scripts for name in getattr(script, what)}
