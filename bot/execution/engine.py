"""The dialogue loop: predict and run actions until the assistant listens (Rasa 3.6, `rasa/core/processor.py`)."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from bot import events as ev
from bot.dialogue.ensemble import FOLLOWUP, NoPrediction, Policy, next_action
from bot.dialogue.prediction import Prediction, Reason
from bot.events import Event
from bot.execution.outcome import Item, events_of
from bot.execution.performer import Performer
from bot.execution.runner import ActionRejected, ActionRunner
from bot.execution.slot_filling import extract_slots
from bot.project.model import Domain
from bot.responses import BotMessage
from bot.tracker import ACTION_LISTEN, ACTION_SESSION_START, Tracker, stamped

log = logging.getLogger("bma.dialogue")

MAX_ACTIONS = 10
"""Actions for one question, as in Rasa for one turn; beyond, the assistant apologises and listens."""

MARGIN = 8
"""Actions beyond those that policies look at, for messages that take earlier ones back."""

SILENT = "session_start"
"""The one message that asks for no answer: a channel's wish to open a session."""


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
        self.depth = max((policy.depth for policy in policies), default=1) + MARGIN
        """Actions of a conversation that must be known for a turn."""
        self._stamp = dict(stamp)
        self._clock = clock

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

        A message with several questions (`parse_data.questions`) is one user event; its questions are answered one
        after the other, each as if it had been asked alone, before the assistant listens.

        Args:
            tracker: the conversation so far.
            user: what the user says, understood.
            channel: name of the output channel.
        """
        turn = _Turn(tracker, self.stamped)
        performer = Performer(self.domain, self.actions, channel)
        if self.session_is_over(tracker):
            await self._run(turn, Prediction(ACTION_SESSION_START, 1.0, 0, Reason("")), performer)
        turn.record([user])
        if tracker.paused and user.intent != "restart":
            return []
        listen = await self._answer_question(turn, performer)
        for question in user.parse_data.get("questions") or ():
            if tracker.paused:
                break
            turn.ask(question, user)
            await self._answer_question(turn, performer)
        turn.view = tracker
        if not turn.said and user.intent != SILENT:
            turn.add(performer.apology(tracker, "silent turn").items)
        if listen is not None:
            await self._run(turn, listen, performer)
        elif not turn.listens:
            turn.record([ev.ActionExecuted(name=ACTION_LISTEN)])
        return turn.said

    def stamped(self, events: Iterable[Event]) -> Iterable[Event]:
        """Events with their time and the metadata that each carries."""
        return stamped(events, self._clock(), self._stamp)

    async def _answer_question(self, turn: _Turn, performer: Performer) -> Prediction | None:
        """Fill slots and run actions until a policy says to listen; that prediction is returned, and not run.

        None: no policy could tell, or there were too many actions, and the apology has been said; or an action has
        itself made the assistant listen, as action_session_start does, or has paused the conversation.
        """
        turn.add(await extract_slots(turn.view, self.domain, performer.perform))
        why = f"no {ACTION_LISTEN} after {MAX_ACTIONS} actions"
        for _ in range(MAX_ACTIONS):
            if turn.view.followup_action and not performer.knows(turn.view.followup_action):
                log.error("an action asks for the unknown action %s to follow", turn.view.followup_action)
                turn.view.followup_action = None
            try:
                prediction = next_action(self.policies, turn.view, self.domain)
            except NoPrediction as error:
                why = str(error)
                break
            if prediction.action == ACTION_LISTEN or turn.has_asked(prediction.action):
                return prediction
            await self._run(turn, prediction, performer)
            if turn.listens or (turn.view.paused and turn.view.latest_intent != "restart"):
                return None
        turn.add(performer.apology(turn.view, why).items)
        return None

    async def _run(self, turn: _Turn, prediction: Prediction, performer: Performer) -> None:
        """Run the predicted action and record, in Rasa's order, what came of it; of a refusal, not the action itself."""
        policy = prediction.reason.policy or None
        before: list[Event] = []
        if turn.view.latest_action_name == ACTION_LISTEN and policy not in (None, FOLLOWUP):
            before.append(ev.UserFeaturization())
        before += prediction.events
        draft = turn.view.copy()
        for event in before:
            draft.update(event)
        try:
            outcome = await performer.perform(prediction.action, draft)
        except ActionRejected:
            rejection = ev.ActionExecutionRejected(name=prediction.action, policy=policy, confidence=prediction.confidence)
            turn.refuse(rejection)
            return
        done = ev.ActionExecuted(
            name=prediction.action,
            policy=policy,
            confidence=prediction.confidence,
            hide_rule_turn=prediction.hide_rule_turn,
            metadata={"reason": prediction.reason.to_json()} if policy else {},
        )
        if not any(isinstance(item, ev.ActionExecutionRejected) for item in outcome.items):
            turn.record([*before, done])
        turn.add(outcome.items)
        if any(isinstance(event, ev.UserUttered) for event in outcome.items):
            turn.add(await extract_slots(turn.view, self.domain, performer.perform))


class _Turn:
    """One turn being played.

    Args:
        tracker: the conversation, which gets all events.
        stamp: gives events their time and metadata.
    """

    def __init__(self, tracker: Tracker, stamp: Callable[[Iterable[Event]], Iterable[Event]]) -> None:
        self.tracker = tracker
        self.view = tracker
        """What policies and actions see: the tracker itself or, for a further question, a copy in which it was asked alone."""
        self.said: list[BotMessage] = []
        self._stamp = stamp
        self._asked: set[str] = set()

    @property
    def listens(self) -> bool:
        """Whether an action has made the assistant listen and no message has come since."""
        latest = next((e for e in reversed(self.view.events) if isinstance(e, ev.ActionExecuted | ev.UserUttered)), None)
        return isinstance(latest, ev.ActionExecuted) and latest.name == ACTION_LISTEN and self.view.followup_action is None

    def record(self, events: Iterable[Event]) -> None:
        """Record events, in the conversation and in the view."""
        for event in self._stamp(events):
            if self.view is self.tracker:
                self.tracker.update(event)
                continue
            if not self._is_the_questions_own(event):
                self.tracker.update(event)
            self.view.update(event)

    def _is_the_questions_own(self, event: Event) -> bool:
        """Whether an event of a further question would undo what was said before: a rewind, the end of a loop that asks."""
        match event:
            case ev.UserUtteranceReverted() | ev.ActionReverted():
                return True
            case ev.ActiveLoop(name=None) | ev.SlotSet(name="requested_slot", value=None):
                loop = self.tracker.active_loop
                return loop is not None and loop.name in self._asked
            case _:
                return False

    def refuse(self, rejection: ev.ActionExecutionRejected) -> None:
        """Record a refusal. A loop whose question stands already goes on waiting for its answer: only the view knows."""
        if rejection.name not in self._asked:
            self.record([rejection])
            return
        for event in self._stamp([rejection]):
            self.view.update(event)

    def add(self, items: Iterable[Item]) -> None:
        """Record what an action did; its messages are to be said."""
        items = list(items)
        self.record(events_of(items))
        self.said += [item for item in items if isinstance(item, BotMessage)]

    def ask(self, question: Mapping[str, Any], user: ev.UserUttered) -> None:
        """Turn to a further question of the user's message."""
        if self.view.active_loop is not None:
            self._asked.add(self.view.active_loop.name)
        start, end = int(question["start"]), int(question["end"])
        parsed = {**question, "text": (user.text or "")[start:end], "message_id": user.message_id}
        self.view = self.tracker.copy()
        for event in self._stamp(
            [
                ev.ActionExecuted(name=ACTION_LISTEN),
                ev.UserUttered(
                    text=parsed["text"], parse_data=parsed, input_channel=user.input_channel, message_id=user.message_id
                ),
            ]
        ):
            self.view.update(event)

    def has_asked(self, action: str) -> bool:
        """Whether this is a loop whose question stands already in this turn's answer, and which would only repeat it."""
        loop = self.view.active_loop
        return (
            action in self._asked and loop is not None and loop.name == action and self.view.latest_action_name != ACTION_LISTEN
        )
