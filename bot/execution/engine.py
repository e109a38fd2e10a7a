"""The dialogue loop: predict and run actions until the assistant listens (Rasa 3.6, `rasa/core/processor.py`)."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from bot import events as ev
from bot.dialogue.ensemble import NoPrediction, Policy, next_action
from bot.dialogue.prediction import Prediction, Reason
from bot.events import Event, EventError, event_from_json
from bot.execution.default_actions import DEFAULT_ACTIONS, Outcome
from bot.execution.runner import ActionCall, ActionFailed, ActionRejected, ActionRunner
from bot.execution.slot_filling import extracted_slots
from bot.project.model import Domain
from bot.responses import BotMessage, message_of, respond
from bot.tracker import ACTION_LISTEN, ACTION_SESSION_START, Tracker, stamped

log = logging.getLogger("bma.dialogue")

MAX_ACTIONS = 10
"""Actions in one turn, as in Rasa; beyond, the assistant apologises and listens."""
APOLOGY = "utter_erreur"
"""Response said when an action failed: an apology with the human contact."""
VALIDATE_SLOTS = "action_validate_slot_mappings"


class DialogueEngine:
    """Plays turns of conversations.

    Args:
        domain: the domain.
        policies: who chooses the next action.
        actions: who runs custom actions.
        stamp: metadata of every event (`model_id`, `assistant_id`).
        clock: time in seconds since 1970.
    """

    def __init__(
        self,
        domain: Domain,
        policies: Sequence[Policy],
        actions: ActionRunner,
        stamp: Mapping[str, Any],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.domain = domain
        self.policies = policies
        self.actions = actions
        self._stamp = dict(stamp)
        self._clock = clock
        self._custom = frozenset(domain.actions)

    def session_is_over(self, tracker: Tracker) -> bool:
        """Whether the next message begins a new session."""
        last_user = next((event for event in reversed(tracker.events) if isinstance(event, ev.UserUttered)), None)
        if not tracker.events or (last_user is None and not any(isinstance(e, ev.SessionStarted) for e in tracker.events)):
            return True
        minutes = self.domain.session.expiration_minutes
        if last_user is None or minutes <= 0:
            return False
        return self._clock() - last_user.timestamp > minutes * 60

    async def answer(self, tracker: Tracker, user: ev.UserUttered, channel: str) -> list[BotMessage]:
        """Play one turn: the tracker gets all its events; what is to be said is returned.

        Args:
            tracker: the conversation so far.
            user: what the user says, understood.
            channel: name of the output channel.
        """
        if self.session_is_over(tracker):
            await self._run(tracker, Prediction(ACTION_SESSION_START, 1.0, 0, Reason("")), channel, quiet=True)
        self._record(tracker, [user])
        if tracker.paused and user.intent != "restart":
            return []
        await self._fill_slots(tracker, channel)
        said: list[BotMessage] = []
        why = f"no {ACTION_LISTEN} after {MAX_ACTIONS} actions"
        for _ in range(MAX_ACTIONS):
            try:
                prediction = next_action(self.policies, tracker, self.domain)
            except NoPrediction as error:
                why = str(error)
                break
            said += await self._run(tracker, prediction, channel)
            if tracker.latest_action_name == ACTION_LISTEN and not tracker.followup_action:
                return said or self._apologise(tracker, channel, "silent turn")
        said += self._apologise(tracker, channel, why)
        self._record(tracker, [ev.ActionExecuted(name=ACTION_LISTEN)])
        return said

    def _record(self, tracker: Tracker, events: Iterable[Event]) -> None:
        for event in stamped(events, self._clock(), self._stamp):
            tracker.update(event)

    async def _fill_slots(self, tracker: Tracker, channel: str) -> None:
        events: Sequence[Event] = extracted_slots(tracker, self.domain)
        if events and VALIDATE_SLOTS in self._custom:
            draft = tracker.copy()
            for event in events:
                draft.update(event)
            outcome = await self._custom_outcome(VALIDATE_SLOTS, draft, channel)
            changed = {event.name: event for event in outcome.events if isinstance(event, ev.SlotSet)}
            events = [changed.pop(event.name, event) for event in events if isinstance(event, ev.SlotSet)]
            events = [*events, *changed.values()]
        self._record(tracker, events)

    async def _run(self, tracker: Tracker, prediction: Prediction, channel: str, quiet: bool = False) -> list[BotMessage]:
        """Run the predicted action and record, in Rasa's order, what came of it."""
        if tracker.latest_action_name == ACTION_LISTEN and not quiet:
            self._record(tracker, [ev.UserFeaturization()])
        try:
            outcome = await self._outcome(prediction.action, tracker, channel)
        except ActionRejected:
            rejection = ev.ActionExecutionRejected(
                name=prediction.action, policy=prediction.reason.policy or None, confidence=prediction.confidence
            )
            self._record(tracker, [rejection])
            return []
        done = ev.ActionExecuted(
            name=prediction.action,
            policy=prediction.reason.policy or None,
            confidence=prediction.confidence,
            hide_rule_turn=prediction.hide_rule_turn,
            metadata={"reason": prediction.reason.to_json()} if prediction.reason.policy else {},
        )
        self._record(tracker, [done, *(message.to_event() for message in outcome.messages), *outcome.events])
        if any(isinstance(event, ev.UserUttered) for event in outcome.events):
            await self._fill_slots(tracker, channel)
        return list(outcome.messages)

    async def _outcome(self, action: str, tracker: Tracker, channel: str) -> Outcome:
        if action in self._custom:
            return await self._custom_outcome(action, tracker, channel)
        if action in DEFAULT_ACTIONS:
            return DEFAULT_ACTIONS[action](tracker, self.domain, channel)
        message = respond(action, self.domain, tracker, channel)
        if message is None:
            log.error("response %s has no variation that can be said on %s", action, channel)
        return Outcome((message,) if message else ())

    async def _custom_outcome(self, action: str, tracker: Tracker, channel: str) -> Outcome:
        call = ActionCall(action, tracker.sender_id, tracker.to_json("ALL"), self.domain.raw)
        try:
            answer = await self.actions.run(call)
            events = tuple(event_from_json(body) for body in answer.events)
            messages = self._messages(answer.responses, tracker, events, channel)
        except ActionRejected:
            raise
        except (ActionFailed, EventError) as error:
            number = secrets.token_hex(4)
            log.error("action %s failed (error %s): %s", action, number, error)
            message = respond(APOLOGY, self.domain, tracker, channel)
            return Outcome((message,) if message else ())
        return Outcome(messages, events)

    def _messages(
        self, responses: Iterable[Mapping[str, Any]], tracker: Tracker, events: Iterable[Event], channel: str
    ) -> tuple[BotMessage, ...]:
        """Messages from rasa-sdk's responses; a named response is filled with the slots that the action sets."""
        after = tracker.copy()
        for event in events:
            if isinstance(event, ev.SlotSet):
                after.update(event)
        messages = []
        for body in responses:
            given = {key: value for key, value in body.items() if value not in (None, [], {})}
            name = given.pop("response", None) or given.pop("template", None)
            given.pop("template", None)
            message = respond(str(name), self.domain, after, channel, given) if name else message_of(given, None)
            if message is None:
                log.error("an action says the unknown response %s", name)
            elif not message.is_empty:
                messages.append(message)
        return tuple(messages)

    def _apologise(self, tracker: Tracker, channel: str, why: str) -> list[BotMessage]:
        """An apology in place of silence, recorded."""
        log.error("apology (error %s): %s", secrets.token_hex(4), why)
        message = respond(APOLOGY, self.domain, tracker, channel)
        if message is None:
            return []
        self._record(tracker, [message.to_event()])
        return [message]
