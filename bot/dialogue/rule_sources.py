"""What makes the rules' predictions on training data: memoization must not see the turns that stories never make.

Rasa 3.6 calls it `RULES_NOT_IN_STORIES` (`rasa/core/policies/rule_policy.py`, `_analyze_rules`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from bot.dialogue.scripts import Script
from bot.dialogue.states import MUST_NOT_BE_SET, State
from bot.tracker import ACTION_LISTEN

ACTION_OF_INTENT = {"restart": "action_restart", "back": "action_back", "session_start": "action_session_start"}
"""What those of Rasa's own intents bring about that no rule needs to say."""

Match = Callable[[Sequence[State]], tuple[str, str] | None]
"""States to the source and the action of the rule that applies."""


def intent_source(intent: str) -> str:
    """The source of a prediction for one of Rasa's own intents."""
    return f"intent {intent}"


def loop_source(loop: str, action: str) -> str:
    """The source of a prediction on a loop's happy path: the loop itself, or listening after it."""
    return f"loop {loop}, then {ACTION_LISTEN}" if action == ACTION_LISTEN else f"loop {loop}"


def sources(scripts: Iterable[Script], match: Match) -> tuple[frozenset[str], frozenset[str]]:
    """Sources of the rules' predictions on rules, and those on stories that predict what the story does."""
    on_rules: set[str] = set()
    on_stories: set[str] = set()
    for script in scripts:
        for source, predicted, action in _predictions(script, match):
            if script.is_rule:
                on_rules.add(source)
            elif predicted == action:
                on_stories.add(source)
    return frozenset(on_rules), frozenset(on_stories)


def _predictions(script: Script, match: Match) -> Iterator[tuple[str, str, str]]:
    """Source, predicted action and written action of each turn but a conversation's first, which nothing predicts."""
    rejected: str | None = None
    for turn in script.turns:
        state = turn.states[-1]
        previous = state.get("prev_action", {}).get("action_name")
        if previous is None:
            continue
        loop = state.get("active_loop", {}).get("name")
        if loop in (None, MUST_NOT_BE_SET) or loop != rejected:
            rejected = None
        found = _by_default(state, previous) or _by_loop(loop, previous, rejected)
        if found is not None and loop is not None and found[1] == loop != turn.action:
            rejected, found = loop, None
        found = found or match(turn.states)
        if found is not None:
            yield (*found, turn.action)
        if turn.action == rejected:
            rejected = None


def _by_default(state: State, previous: str) -> tuple[str, str] | None:
    intent = state.get("user", {}).get("intent")
    if previous != ACTION_LISTEN or intent not in ACTION_OF_INTENT:
        return None
    return intent_source(intent), ACTION_OF_INTENT[intent]


def _by_loop(loop: str | None, previous: str, rejected: str | None) -> tuple[str, str] | None:
    if loop in (None, MUST_NOT_BE_SET, rejected):
        return None
    assert loop is not None
    action = ACTION_LISTEN if previous == loop else loop
    return loop_source(loop, action), action
