"""Active loops: actions that keep the conversation until they are done (Rasa 3.6, `rasa/core/actions/loops.py`)."""

from __future__ import annotations

from typing import Protocol

from bot import events as ev
from bot.execution.outcome import Item, Outcome
from bot.tracker import Tracker


class LoopAction(Protocol):
    """A loop; its methods may use the tracker, which is a draft, as they like."""

    name: str

    async def activate(self, tracker: Tracker) -> list[Item]:
        """What happens when the loop starts, besides its ActiveLoop event."""

    async def do(self, tracker: Tracker, so_far: list[Item]) -> list[Item]:
        """One round of the loop; `so_far` is what this run did before."""

    def is_done(self, tracker: Tracker, so_far: list[Item]) -> bool:
        """Whether the loop ends here."""

    async def deactivate(self, tracker: Tracker, so_far: list[Item]) -> list[Item]:
        """What happens when the loop ends, besides its ActiveLoop event."""


async def run_loop(loop: LoopAction, tracker: Tracker) -> Outcome:
    """Run a loop once: start it if need be, do a round, end it if it is done.

    Raises:
        ActionRejected: the loop cannot use the latest message.
    """
    items: list[Item] = []
    if tracker.active_loop is None or tracker.active_loop.name != loop.name:
        items += [ev.ActiveLoop(name=loop.name), *await loop.activate(tracker)]
    if not loop.is_done(tracker, items):
        items += await loop.do(tracker, items)
    if loop.is_done(tracker, items):
        items.append(ev.ActiveLoop(name=None))
        items += await loop.deactivate(tracker, items)
    return Outcome(tuple(items))
