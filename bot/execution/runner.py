"""The protocol between the engine and whoever runs custom actions.

It is rasa-sdk's: the same request and answer, whether the action runs in this process or over HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class ActionCall:
    """What an action is told."""

    action: str
    sender_id: str
    tracker: Mapping[str, Any]
    """The tracker in Rasa's JSON."""
    domain: Mapping[str, Any]
    """The domain in Rasa's JSON."""

    def to_json(self) -> dict[str, Any]:
        """The request's body, with `domain`."""
        return {
            "next_action": self.action,
            "sender_id": self.sender_id,
            "tracker": self.tracker,
            "domain": self.domain,
            "version": PROTOCOL_VERSION,
        }


PROTOCOL_VERSION = "3.21.1"
"""Version of rasa-sdk whose protocol is spoken."""


@dataclass(frozen=True, slots=True)
class ActionAnswer:
    """What an action returned: events and responses in rasa-sdk's JSON."""

    events: Sequence[Mapping[str, Any]] = ()
    responses: Sequence[Mapping[str, Any]] = ()


class ActionRejected(Exception):
    """The action refused to run; other policies decide (rasa-sdk's ActionExecutionRejection)."""


class ActionFailed(Exception):
    """The action could not be run: unknown, raised, timed out, or answered nonsense. Safe to log."""


class ActionRunner(Protocol):
    """Runs custom actions."""

    async def run(self, call: ActionCall) -> ActionAnswer:
        """Run one action.

        Raises:
            ActionRejected: the action refused.
            ActionFailed: anything else went wrong.
        """
