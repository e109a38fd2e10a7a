"""What a policy says should happen next, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.events import Event


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an action was chosen, for the person who debugs a conversation."""

    policy: str
    """Name of the policy, such as `RulePolicy`."""
    script: str = ""
    """Name of the rule or story that says so; empty for defaults and fallbacks."""
    file: str = ""
    line: int = 0
    note: str = ""
    """Code of the default that applied (`core_fallback`, `default_intent`, `followup`, `loop`)."""

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Reason:
        """The reason that `to_json` made."""
        return cls(**body)

    def to_json(self) -> dict[str, Any]:
        """The reason as the API shows it."""
        return {"policy": self.policy, "script": self.script, "file": self.file, "line": self.line, "note": self.note}


@dataclass(frozen=True, slots=True)
class Prediction:
    """The next action that a policy, or the ensemble of policies, chose."""

    action: str
    confidence: float
    """1.0 for a rule or a remembered story; the fallback threshold for the core fallback."""
    priority: int
    """Decides between equal confidences: rules 4, memoization 3 (Rasa's constants)."""
    reason: Reason
    hide_rule_turn: bool = False
    """Whether memoization must not see this turn, because only rules know it."""
    no_user: bool = False
    """Whether the prediction does not depend on the user's message (happy path of a loop); beats all others."""
    otherwise: Prediction | None = None
    """What the same policy says when this action has just refused to run."""
    events: tuple[Event, ...] = ()
    """Recorded before the action runs (`loop_interrupted`), whichever policy wins."""
