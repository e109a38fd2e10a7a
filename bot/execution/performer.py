"""Runs any action by its name: custom, default, loop or response."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from bot import stopwatch
from bot.events import EventError, event_from_json
from bot.execution.default_actions import DEFAULT_ACTIONS
from bot.execution.form import FormLoop
from bot.execution.loop import run_loop
from bot.execution.outcome import Outcome
from bot.execution.runner import ActionCall, ActionFailed, ActionRunner
from bot.execution.two_stage import TwoStageFallback
from bot.project.model import Domain
from bot.responses import RASA_KEYS, BotMessage, message_of, respond
from bot.tracker import Tracker

log = logging.getLogger("bma.dialogue")

APOLOGY = "utter_erreur"
"""Response said when an action failed: an apology with the human contact."""


class Performer:
    """Runs actions for one output channel.

    Args:
        domain: the domain.
        actions: who runs custom actions.
        channel: name of the output channel.
    """

    def __init__(self, domain: Domain, actions: ActionRunner, channel: str) -> None:
        self._domain = domain
        self._actions = actions
        self._channel = channel
        self._custom = frozenset(domain.actions)

    async def perform(self, action: str, tracker: Tracker) -> Outcome:
        """Run an action.

        Args:
            action: its name.
            tracker: a draft of the conversation, which the action may change.

        Returns:
            What it did; an apology when it failed.

        Raises:
            ActionRejected: the action refused to run.
        """
        if action in self._custom:
            return await self._run_custom(action, tracker)
        if action in self._domain.forms:
            return await run_loop(FormLoop(self._domain.forms[action], self._domain, self.perform), tracker)
        if action == TwoStageFallback.name:
            return await run_loop(TwoStageFallback(self.perform), tracker)
        if action in DEFAULT_ACTIONS:
            return DEFAULT_ACTIONS[action](tracker, self._domain, self._channel)
        name = action if action in self._domain.responses else _selected(action, tracker)
        message = respond(name, self._domain, tracker, self._channel)
        if message is None:
            log.error("response %s has no variation that can be said on %s", action, self._channel)
        return Outcome((message,) if message else ())

    def knows(self, action: str) -> bool:
        """Whether there is such an action."""
        return (
            action in self._custom
            or action in self._domain.forms
            or action in self._domain.responses
            or any(name.startswith(f"{action}/") for name in self._domain.responses)
            or action in DEFAULT_ACTIONS
            or action == TwoStageFallback.name
        )

    def apology(self, tracker: Tracker, why: str) -> Outcome:
        """An apology with the human contact, in place of silence; `why` is logged with an id."""
        log.error("apology (error %s): %s", secrets.token_hex(4), why)
        message = respond(APOLOGY, self._domain, tracker, self._channel)
        return Outcome((message,) if message else ())

    async def _run_custom(self, action: str, tracker: Tracker) -> Outcome:
        call = ActionCall(action, tracker.sender_id, tracker.to_json("ALL"), self._domain.raw)
        before = stopwatch.begin("actions")
        try:
            answer = await self._actions.run(call)
            stopwatch.begin(before)
            events = tuple(event_from_json(body) for body in answer.events)
            return Outcome((*self._messages(answer.responses, tracker), *events))
        except (ActionFailed, EventError) as error:
            stopwatch.begin(before)
            return self.apology(tracker, f"action {action} failed: {error}")

    def _messages(self, responses: Iterable[Mapping[str, Any]], tracker: Tracker) -> Iterable[BotMessage]:
        """Messages from rasa-sdk's responses; slots are as they were before the action, as in Rasa."""
        draft = tracker.copy()
        for body in responses:
            given = {key: value for key, value in body.items() if key not in RASA_KEYS or value not in (None, [], {})}
            name = given.pop("response", None) or given.pop("template", None)
            given.pop("template", None)
            message = respond(str(name), self._domain, draft, self._channel, given) if name else message_of(given, None)
            if message is None:
                log.error("an action says the unknown response %s", name)
            elif not message.is_empty:
                yield message
                draft.update(message.to_event())


def _selected(action: str, tracker: Tracker) -> str:
    """The response that a retrieval intent's action says: `utter_faq/horaires` for `utter_faq` (Rasa's ResponseSelector)."""
    message = tracker.latest_message
    selector: Mapping[str, Any] = (message.parse_data.get("response_selector") if message else None) or {}
    chosen = selector.get(action.removeprefix("utter_")) or selector.get("default") or {}
    return str((chosen.get("response") or {}).get("utter_action") or action)
