"""What an action did."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.events import Event
from bot.responses import BotMessage
from bot.tracker import Tracker

Item = BotMessage | Event
"""One thing that an action did: a message said, or an event."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action did, in the order in which it is recorded."""

    items: tuple[Item, ...] = ()


def events_of(items: tuple[Item, ...] | list[Item]) -> tuple[Event, ...]:
    """Items as events: a message as the event that records it."""
    return tuple(item.to_event() if isinstance(item, BotMessage) else item for item in items)


Perform = Callable[[str, Tracker], Awaitable[Outcome]]
"""Runs an action by name on a tracker that it may read; raises ActionRejected when the action refuses."""
