"""What a turn reads and what it writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sqlalchemy.engine import Connection

from bot.events import Event
from bot.json_text import json_text

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answered:
    """A message that was answered before."""

    question: str
    """Keyed hash of its masked text."""
    answer: list[dict[str, Any]]
    """What was said, as stored."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a turn begins with."""

    answered: Answered | None
    """The stored answer when the message's id came before; the rest is then left empty."""
    last_position: int = 0
    """Position of the latest event; 0 of a new conversation."""
    session_start: int = 0
    """Position where the current session begins."""
    snapshot: Mapping[str, Any] | None = None
    events: Sequence[Event] = ()
    """The events that the snapshot needs; without one, those of the session."""
    is_remembered: bool = False
    """Whether all of this is what an earlier turn left here; another process may then have written meanwhile."""


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """All that one turn writes."""

    sender_id: str
    known: int
    """Position of the conversation's latest event before the turn."""
    events: Sequence[Event]
    session_start: int
    snapshot: Mapping[str, Any] | None
    at: float
    """Seconds since 1970."""
    message_id: str
    question: str
    """Keyed hash of the masked text."""
    answer: Sequence[Mapping[str, Any]] = ()
    text: str = ""
    """The masked text, kept for review when there is a reason for it."""
    intent: str | None = None
    confidence: float | None = None
    review: str | None = None
    """Why somebody should look at this turn."""
    milliseconds: float | None = None
    """From the message's arrival to the answer, the commit left out."""

    @property
    def outcome(self) -> str | None:
        """Name of the first response that was said."""
        named = (item.get("metadata", {}).get("utter_action") for item in self.answer)
        return next((str(name) for name in named if name), None)

    @property
    def answer_json(self) -> str:
        """The answer as it is stored."""
        return json_text([dict(item) for item in self.answer])


class Turn(Protocol):
    """One turn of a conversation that nobody else has meanwhile."""

    async def known(self, message_id: str | None) -> Known:
        """What is stored; asked once, before anything else."""

    async def session(self) -> list[Event]:
        """All events of the session."""

    async def commit(self, record: TurnRecord) -> None:
        """Store the turn; returns when it is on disk."""


class Store(Protocol):
    """A database of conversations. Every method raises StorageError when the database cannot do it."""

    def turn(self, sender_id: str) -> AbstractAsyncContextManager[Turn]:
        """Have a conversation for one turn, first come first served; Busy when that takes too long."""

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Do something in a transaction; returns after the commit."""

    async def look(self, work: Callable[[Connection], T]) -> T:
        """Read something, all of one moment, without delaying turns; `work` that writes fails."""

    async def check(self) -> None:
        """Raise StorageError unless the database can be used, for writing too when that failed lately."""

    async def forget_deleted(self) -> None:
        """Leave nothing of what was deleted in the database's files, as far as that is ours to do."""

    async def close(self) -> None:
        """Finish what waits and let go of the database."""
