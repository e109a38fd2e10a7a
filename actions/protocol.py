"""rasa-sdk's protocol without its transport: a request's body to a status and an answer (rasa-compat section 14)."""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Mapping
from typing import Any

from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionMissingDomainException, ActionNotFoundException

log = logging.getLogger("bma.actions")
MAX_NAME = 200
"""Characters of an action's name, and of a domain's digest."""


class ActionProtocol:
    """Runs the actions of this package."""

    def __init__(self) -> None:
        self._executor = ActionExecutor()
        self._executor.register_package("actions")

    def names(self) -> list[str]:
        """Names of all actions."""
        return sorted(self._executor.actions)

    async def answer(self, body: Any) -> tuple[int, Any]:
        """Answer one request.

        Args:
            body: the decoded JSON: `next_action`, `tracker`, and `domain` or `domain_digest`.

        Returns:
            HTTP status and JSON: 200 events and responses (null without `next_action`), 400 the action refused or the
            body is no request, 404 unknown action, 449 the domain is missing, 500 the action failed.
        """
        if not isinstance(body, Mapping):
            return 400, {"error": "Invalid body request"}
        action = body.get("next_action")
        if action is None or action == "":
            return 200, None
        problem = _problem(body)
        if problem is not None:
            return 400, {"error": problem}
        try:
            result = await self._executor.run({**body, "tracker": _complete(body["tracker"])})
        except ActionExecutionRejection as error:
            return 400, {"error": str(error), "action_name": error.action_name}
        except ActionNotFoundException as error:
            return 404, {"error": str(error), "action_name": error.action_name}
        except ActionMissingDomainException as error:
            return 449, {"error": str(error), "action_name": error.action_name}
        except Exception as error:
            reference = secrets.token_hex(4)
            frames = "".join(traceback.format_tb(error.__traceback__))  # without the message: it may hold what a user typed
            kind = type(error).__name__
            log.error("action %s failed (error %s): %s\n%s", action, reference, kind, frames, extra={"action": action})
            return 500, {"error": f"{type(error).__name__} (reference {reference})", "action_name": action}
        return 200, result.model_dump() if result is not None else None


def _complete(tracker: Mapping[str, Any]) -> dict[str, Any]:
    """A tracker without null lists and maps: rasa-sdk's forms iterate over them."""
    return {**tracker, "slots": tracker.get("slots") or {}, "events": tracker.get("events") or []}


def _problem(body: Mapping[str, Any]) -> str | None:
    """What is wrong with a request, or None."""
    for key in ("next_action", "domain_digest"):
        value = body.get(key)
        if value is not None and not (isinstance(value, str) and len(value) <= MAX_NAME and value.isprintable()):
            return f"{key} must be a printable string of at most {MAX_NAME} characters"
    tracker = body.get("tracker")
    if not isinstance(tracker, Mapping) or not isinstance(tracker.get("sender_id"), str):
        return "tracker must be an object with a sender_id"
    for key, kind in (("slots", Mapping), ("latest_message", Mapping), ("events", list)):
        if tracker.get(key) is not None and not isinstance(tracker[key], kind):
            return f"tracker.{key} has the wrong type"
    if body.get("domain") is not None and not isinstance(body["domain"], Mapping):
        return "domain must be an object"
    return None
