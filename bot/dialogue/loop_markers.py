"""What rules and stories inside a loop say of its unhappy paths (Rasa 3.6, `rasa/core/policies/rule_policy.py`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from bot.dialogue.scripts import Script
from bot.dialogue.states import MUST_NOT_BE_SET, State, state_key, with_tuples
from bot.tracker import ACTION_LISTEN


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


def loop_markers(scripts: Iterable[Script]) -> list[LoopMarker]:
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
            found[state_key(states)] = LoopMarker(tuple(with_tuples(state) for state in states), kind)
    return list(found.values())
