"""The state of a conversation, always derivable from its events.

Follows Rasa 3.6 (`rasa/shared/core/trackers.py`): which events count after a restart, a rewind or a
repeated run of a loop, and the JSON that actions and tools read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from bot import events as ev
from bot.events import Event, Json
from bot.project.model import Slot

ACTION_LISTEN = "action_listen"
ACTION_SESSION_START = "action_session_start"

Verbosity = Literal["NONE", "APPLIED", "AFTER_RESTART", "ALL"]


@dataclass(frozen=True, slots=True)
class Loop:
    """The form or other loop that is active."""

    name: str
    is_interrupted: bool = False
    rejected: bool = False
    trigger: ev.UserUttered | None = None
    """The message that started it."""

    def to_json(self) -> Json:
        """The loop in the tracker's JSON."""
        return {
            "name": self.name,
            "is_interrupted": self.is_interrupted,
            "rejected": self.rejected,
            "trigger_message": dict(self.trigger.parse_data) if self.trigger and self.trigger.parse_data else None,
        }


@dataclass(frozen=True, slots=True)
class State:
    """What a conversation has come to at some moment."""

    slots: Mapping[str, Any]
    latest_message: ev.UserUttered | None
    latest_action_name: str | None
    latest_bot: ev.BotUttered | None
    active_loop: Loop | None
    followup_action: str | None
    paused: bool


BEGINNING = State({}, None, None, None, None, ACTION_LISTEN, False)
"""Nothing has happened: all slots have their initial values."""


class HistoryNeeded(Exception):
    """A tracker that was restored without its oldest events must go back to them."""


class Tracker:
    """What is known of one conversation.

    Args:
        sender_id: key of the conversation, as actions see it.
        slots: the domain's slots.
        events: past events, oldest first.
    """

    def __init__(self, sender_id: str, slots: Mapping[str, Slot], events: Iterable[Event] = ()) -> None:
        self.sender_id = sender_id
        self.slot_specs = slots
        self.events: list[Event] = []
        self.applied: list[Event] = []
        """Events that still count: without what restarts, rewinds and happy loops have made void."""
        self.base: State | None = None
        """The state before `applied`, when that does not reach back to the session's start."""
        self.loop_names: set[str] = set()
        """Loops that have ever been active."""
        self.last_position = 0
        """Position of the latest event."""
        self.bots_before = 0
        """Messages of the assistant in this session that `events` no longer holds."""
        self._reset()
        for event in events:
            self.update(event)

    @classmethod
    def restored(
        cls,
        sender_id: str,
        slots: Mapping[str, Slot],
        events: Iterable[Event],
        applied: Iterable[Event],
        base: State | None,
        now: State,
    ) -> Tracker:
        """A tracker as it was, without its oldest events.

        Args:
            sender_id: key of the conversation.
            slots: the domain's slots; values of others are dropped.
            events: the latest events, oldest first.
            applied: the latest of those that still count.
            base: the state before `applied`; None when `applied` is whole.
            now: the state after all of them.
        """
        tracker = cls(sender_id, slots)
        tracker.events, tracker.applied, tracker.base = list(events), list(applied), base
        tracker.take(now)
        return tracker

    def state(self) -> State:
        """What the conversation has come to."""
        return State(
            dict(self.slots),
            self.latest_message,
            self.latest_action_name,
            self.latest_bot,
            self.active_loop,
            self.followup_action,
            self.paused,
        )

    def take(self, state: State) -> None:
        """Go to a state; slots that the domain does not have are dropped."""
        given = state.slots
        self.slots: dict[str, Any] = {
            name: given[name] if name in given else slot.fresh_value() for name, slot in self.slot_specs.items()
        }
        self.latest_message: ev.UserUttered | None = state.latest_message
        self.latest_action_name: str | None = state.latest_action_name
        self.latest_bot: ev.BotUttered | None = state.latest_bot
        self.active_loop: Loop | None = state.active_loop
        self.followup_action: str | None = state.followup_action
        self.paused: bool = state.paused

    def _reset(self) -> None:
        self.take(BEGINNING)

    # --- reading ---

    @property
    def latest_intent(self) -> str | None:
        """Intent of the latest user message."""
        return self.latest_message.intent if self.latest_message else None

    @property
    def latest_event_time(self) -> float | None:
        """Time of the latest event, in seconds since 1970."""
        return self.events[-1].timestamp if self.events else None

    @property
    def latest_input_channel(self) -> str | None:
        """Channel of the latest user message."""
        for event in reversed(self.events):
            if isinstance(event, ev.UserUttered):
                return event.input_channel
        return None

    def events_of_session(self) -> list[Event]:
        """Events since the latest restart or start of a session, that event included."""
        for position in range(len(self.events) - 1, -1, -1):
            if isinstance(self.events[position], ev.Restarted | ev.SessionStarted):
                before = position - 1
                starts = self.events[before] if before >= 0 else None
                if isinstance(starts, ev.ActionExecuted) and starts.name == ACTION_SESSION_START:
                    return self.events[before:]
                return self.events[position:]
        return list(self.events)

    def to_json(self, verbosity: Verbosity = "ALL") -> Json:
        """The tracker as Rasa shows it and as actions receive it (rasa-compat section 13)."""
        chosen: list[Event] | None
        match verbosity:
            case "NONE":
                chosen = None
            case "APPLIED":
                chosen = self.applied
            case "AFTER_RESTART":
                chosen = self.events_of_session()
            case "ALL":
                chosen = self.events
        message = self.latest_message.parse_data if self.latest_message else {}
        return {
            "sender_id": self.sender_id,
            "slots": dict(self.slots),
            "latest_message": {"intent": {}, "entities": [], "text": None, "message_id": None, "metadata": {}} | dict(message),
            "latest_event_time": self.latest_event_time,
            "followup_action": self.followup_action,
            "paused": self.paused,
            "events": None if chosen is None else [event.to_json() for event in chosen],
            "latest_input_channel": self.latest_input_channel,
            "active_loop": self.active_loop.to_json() if self.active_loop else {},
            "latest_action": {"action_name": self.latest_action_name} if self.latest_action_name else {},
            "latest_action_name": self.latest_action_name,
        }

    def copy(self) -> Tracker:
        """A tracker that can go another way from here."""
        twin = object.__new__(Tracker)
        twin.__dict__.update(self.__dict__)
        twin.events, twin.applied = list(self.events), list(self.applied)
        twin.slots, twin.loop_names = dict(self.slots), set(self.loop_names)
        return twin

    # --- writing ---

    def update(self, event: Event) -> None:
        """Record an event and apply it to the state.

        Raises:
            HistoryNeeded: the event goes back to events that this tracker was restored without.
        """
        if not event.position:
            event = event.recorded(self.last_position + 1)
        self.last_position = event.position
        self.events.append(event)
        match event:
            case ev.Restarted() | ev.SessionStarted():
                self.applied, self.base = [], None
                self._reset()
                if isinstance(event, ev.Restarted):
                    self.followup_action = ACTION_SESSION_START
            case ev.UserUtteranceReverted():
                self._drop_until(ev.UserUttered)
                self._drop_until(ev.ActionExecuted)
                self._replay()
            case ev.ActionReverted():
                self._drop_until(ev.ActionExecuted)
                self._replay()
            case ev.ActionExecuted(name=name) if name in self.loop_names and not self._starts_loop(str(name)):
                _drop_previous_loop_run(str(name), self.applied)
                self._apply(event)
            case _:
                if isinstance(event, ev.ActiveLoop) and event.name:
                    self.loop_names.add(event.name)
                self.applied.append(event)
                self._apply(event)

    def _replay(self) -> None:
        if self.base is None:
            self._reset()
        else:
            self.take(self.base)
        for event in self.applied:
            self._apply(event)

    def apply(self, events: Iterable[Event]) -> None:
        """Apply events to the state without recording them."""
        for event in events:
            self._apply(event)

    def _drop_until(self, kind: type[Event]) -> None:
        """Remove applied events from the end, back to and including the last one of this kind."""
        while self.applied:
            if isinstance(self.applied.pop(), kind):
                return
        if self.base is not None:
            raise HistoryNeeded

    def _starts_loop(self, name: str) -> bool:
        found = _starts_loop(name, self.applied)
        if found is None and self.base is not None:
            raise HistoryNeeded
        return found is not False

    def _apply(self, event: Event) -> None:
        match event:
            case ev.UserUttered():
                self.latest_message = event
                self.followup_action = None
            case ev.ActionExecuted(name=name):
                self.latest_action_name = name
                self.followup_action = None
                if self.active_loop:
                    rejected = self.active_loop.rejected and name != self.active_loop.name
                    self.active_loop = replace(self.active_loop, is_interrupted=False, rejected=rejected)
            case ev.BotUttered():
                self.latest_bot = event
            case ev.SlotSet(name=name, value=value):
                if name in self.slot_specs:
                    self.slots[name] = _stored(self.slot_specs[name], value)
            case ev.ActiveLoop(name=name):
                self._change_loop(name)
            case ev.LoopInterrupted(is_interrupted=interrupted):
                if self.active_loop:
                    self.active_loop = replace(self.active_loop, is_interrupted=interrupted)
            case ev.ActionExecutionRejected(name=name):
                if self.active_loop and name == self.active_loop.name:
                    self.active_loop = replace(self.active_loop, rejected=True)
            case ev.FollowupAction(name=name):
                self.followup_action = name
            case ev.AllSlotsReset():
                self.slots = {name: slot.fresh_value() for name, slot in self.slot_specs.items()}
            case ev.ConversationPaused():
                self.paused = True
            case ev.ConversationResumed():
                self.paused = False
            case _:
                pass

    def _change_loop(self, name: str | None) -> None:
        self.active_loop = Loop(name, trigger=self.latest_message) if name else None


def _stored(slot: Slot, value: Any) -> Any:
    """Values are stored raw; only a list slot wraps a scalar (rasa-compat section 3)."""
    if slot.type == "list" and value is not None and not isinstance(value, list):
        return [value]
    return value


def _starts_loop(name: str, applied: list[Event]) -> bool | None:
    """Whether a loop that now runs starts, or comes back from another path than its happy one; None: these do not tell."""
    next_action: str | None = None
    for event in reversed(applied):
        match event:
            case ev.ActiveLoop(name=None):
                return True
            case ev.ActionExecutionRejected(name=rejected) if rejected == name:
                return True
            case ev.UserUttered() if next_action is not None and next_action != name:
                return True
            case ev.ActionExecuted(name=action):
                if action == name:
                    return False
                next_action = action
            case _:
                pass
    return None


def _drop_previous_loop_run(name: str, applied: list[Event]) -> None:
    """Remove what led from the loop's previous run to this one, slots and the run itself kept."""
    for position in range(len(applied) - 1, -1, -1):
        event = applied[position]
        if isinstance(event, ev.ActionExecuted) and event.name == name:
            return
        if isinstance(event, ev.ActionExecuted | ev.UserUttered | ev.UserFeaturization):
            del applied[position]


def stamped(events: Iterable[Event], now: float, metadata: Mapping[str, Any]) -> Iterator[Event]:
    """Give events their time and the metadata that each event carries (`model_id`, `assistant_id`).

    Args:
        events: events as actions returned them.
        now: time for those that have none, in seconds since 1970.
        metadata: keys to add where the event does not have them.
    """
    for event in events:
        yield event.at(event.timestamp or now, {**metadata, **event.metadata})
