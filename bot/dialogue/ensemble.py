"""Several policies, one decision (Rasa 3.6, `rasa/core/policies/ensemble.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from bot import events as ev
from bot.dialogue.prediction import Prediction, Reason
from bot.project.model import Domain
from bot.tracker import Tracker

HIGHEST = 4
"""Priority of rules; no policy has a greater one."""
FOLLOWUP = "followup_action"
"""Name that events give as the policy of an action that another one asked for."""


class Policy(Protocol):
    """Whoever can say what should happen next."""

    name: str

    @property
    def depth(self) -> int:
        """States of the conversation that it looks at, at most."""

    def predict(self, tracker: Tracker, domain: Domain) -> Prediction | None:
        """The next action, or None for "I cannot tell"."""


class NoPrediction(RuntimeError):
    """No policy could tell what to do: a configuration without fallback."""


def next_action(policies: Sequence[Policy], tracker: Tracker, domain: Domain) -> Prediction:
    """Choose the next action.

    A follow-up asked for by an action comes first; then a loop's happy path; then the greatest confidence,
    the policy's priority deciding between equals. An action that has just refused to run scores 0; its policy's fallback
    stays. Events of all policies are kept, whoever wins.

    Raises:
        NoPrediction: no policy predicts anything.
    """
    if tracker.followup_action:
        return Prediction(tracker.followup_action, 1.0, 0, Reason(FOLLOWUP, note="followup"))
    rejected = _just_rejected(tracker)
    predictions: list[Prediction] = []
    usable: list[Prediction] = []
    for policy in policies:
        found = policy.predict(tracker, domain)
        if found is None:
            continue
        predictions.append(found)
        if found.action == rejected:
            if found.otherwise is None or found.otherwise.action == rejected:
                continue
            found = replace(found.otherwise, hide_rule_turn=found.hide_rule_turn, events=found.events)
        if found.confidence >= 1.0 and found.priority == HIGHEST:
            return found  # nothing can beat it: the others need not be asked
        usable.append(found)
    if not usable:
        raise NoPrediction(f"no policy can tell what follows {tracker.latest_action_name!r}")
    loops = [found for found in usable if found.no_user]
    best = max(loops or usable, key=lambda found: (found.confidence, found.priority))
    return replace(best, events=tuple(event for found in predictions for event in found.events))


def _just_rejected(tracker: Tracker) -> str | None:
    actions = (event for event in reversed(tracker.events) if isinstance(event, ev.ActionExecuted | ev.ActionExecutionRejected))
    latest = next(actions, None)
    return latest.name if isinstance(latest, ev.ActionExecutionRejected) else None
