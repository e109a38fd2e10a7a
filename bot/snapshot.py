"""A conversation's state as JSON: what the next turn needs besides a bounded number of its latest events.

A snapshot holds no text of a message: events are named by their position. It can always be made again from the session's events.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from bot import events as ev
from bot.events import Event
from bot.project.model import Slot
from bot.tracker import HistoryNeeded, Loop, State, Tracker

FORMAT = 1
RECENT_MESSAGES = 10
"""Messages of the user whose events, with all that followed them, actions see."""


@dataclass(frozen=True, slots=True)
class Needed:
    """Which events a snapshot is restored with: all from a position on, and some earlier ones."""

    since: int
    also: tuple[int, ...] = ()


def needed(snapshot: Mapping[str, Any] | None, session_start: int) -> Needed:
    """The events that a conversation is restored with; without a usable snapshot those of its session."""
    if not is_usable(snapshot):
        return Needed(session_start)
    assert snapshot is not None
    return Needed(int(snapshot["since"]), tuple(snapshot["also"]))


def is_usable(snapshot: Mapping[str, Any] | None) -> bool:
    """Whether there is a snapshot that this code can read."""
    return snapshot is not None and snapshot.get("format") == FORMAT


def take(tracker: Tracker, session_start: int, depth: int) -> dict[str, Any]:
    """A tracker's snapshot.

    Args:
        tracker: the conversation.
        session_start: position of the first event that the next turn may see.
        depth: actions that policies may look back at.
    """
    since = _recent(tracker.events, session_start)
    applied, base = _shortened(tracker, depth)
    now = tracker.state()
    named = {event.position for event in (*applied, *_events_of(now), *(_events_of(base) if base else ()))}
    return {
        "format": FORMAT,
        "since": since,
        "also": sorted(position for position in named if position < since),
        "applied": [event.position for event in applied],
        "base": _state_json(base, tracker) if base else None,
        "now": _state_json(now, tracker),
        "loops": sorted(tracker.loop_names),
        "bots": tracker.bots_before + sum(isinstance(event, ev.BotUttered) for event in _before(tracker.events, since)),
    }


def restore(sender_id: str, slots: Mapping[str, Slot], snapshot: Mapping[str, Any], events: Sequence[Event]) -> Tracker:
    """The tracker of a snapshot.

    Args:
        sender_id: key of the conversation.
        slots: the domain's slots.
        snapshot: what `take` made.
        events: those that `needed` names, oldest first.

    Raises:
        HistoryNeeded: some of them are no longer there.
    """
    known = {event.position: event for event in events}
    try:
        applied = [known[position] for position in snapshot["applied"]]
        base = _read_state(snapshot["base"], slots, known) if snapshot["base"] else None
        now = _read_state(snapshot["now"], slots, known)
    except KeyError as error:
        raise HistoryNeeded from error
    recent = [event for event in events if event.position >= snapshot["since"]]
    tracker = Tracker.restored(sender_id, slots, recent, applied, base, now)
    tracker.loop_names = set(snapshot["loops"])
    tracker.bots_before = int(snapshot["bots"])
    tracker.last_position = events[-1].position if events else 0
    return tracker


def _recent(events: Sequence[Event], session_start: int) -> int:
    """Position of the first of the latest messages, in the session."""
    messages = 0
    for event in reversed(events):
        if event.position < session_start:
            break
        messages += isinstance(event, ev.UserUttered)
        if messages == RECENT_MESSAGES:
            return event.position
    return max(session_start, events[0].position if events else 0)


def _before(events: Iterable[Event], since: int) -> Iterable[Event]:
    """The oldest events, up to a position."""
    return takewhile(lambda event: event.position < since, events)


def _shortened(tracker: Tracker, depth: int) -> tuple[list[Event], State | None]:
    """The latest applied events, from an action on, and the state before them; None when they are all."""
    applied = _without_repeats(tracker.applied)
    actions = [place for place, event in enumerate(applied) if isinstance(event, ev.ActionExecuted)]
    if len(actions) <= depth or actions[-depth] == 0:
        return applied, tracker.base
    start = actions[-depth]
    past = Tracker(tracker.sender_id, tracker.slot_specs)
    if tracker.base is not None:
        past.take(tracker.base)
    past.apply(applied[:start])
    return applied[start:], past.state()


def _without_repeats(applied: Sequence[Event]) -> list[Event]:
    """Applied events without those that a later one of the same kind makes void before anything is done or said.

    A form that asks again and again leaves nothing but these behind.
    """
    kept: list[Event] = []
    seen: set[str] = set()
    for event in reversed(applied):
        match event:
            case ev.ActionExecuted() | ev.UserUttered() | ev.AllSlotsReset() | ev.ActiveLoop():
                seen.clear()
            case ev.SlotSet(name=name):
                if f"slot {name}" in seen:
                    continue
                seen.add(f"slot {name}")
            case ev.BotUttered() | ev.LoopInterrupted():
                if event.type_name in seen:
                    continue
                seen.add(event.type_name)
            case _:
                pass
        kept.append(event)
    return kept[::-1]


def _events_of(state: State) -> Iterable[Event]:
    trigger = state.active_loop.trigger if state.active_loop else None
    return [event for event in (state.latest_message, state.latest_bot, trigger) if event is not None]


def _state_json(state: State, tracker: Tracker) -> dict[str, Any]:
    specs = tracker.slot_specs
    loop = state.active_loop
    return {
        "slots": {name: value for name, value in state.slots.items() if value != specs[name].initial_value},
        "message": _position(state.latest_message),
        "action": state.latest_action_name,
        "bot": _position(state.latest_bot),
        "loop": loop and [loop.name, loop.is_interrupted, loop.rejected, _position(loop.trigger)],
        "followup": state.followup_action,
        "paused": state.paused,
    }


def _position(event: Event | None) -> int | None:
    return event.position if event is not None else None


def _read_state(body: Mapping[str, Any], slots: Mapping[str, Slot], known: Mapping[int, Event]) -> State:
    def found(position: int | None) -> Any:
        return known[position] if position is not None else None

    loop = body["loop"]
    initial = {name: slot.fresh_value() for name, slot in slots.items()}
    given = {name: copy.deepcopy(value) for name, value in body["slots"].items() if name in slots}  # the snapshot may be kept
    return State(
        slots=initial | given,
        latest_message=found(body["message"]),
        latest_action_name=body["action"],
        latest_bot=found(body["bot"]),
        active_loop=loop and Loop(loop[0], loop[1], loop[2], found(loop[3])),
        followup_action=body["followup"],
        paused=body["paused"],
    )
