"""Turns of conversations: read what counts, write a turn whole.

One thread owns one connection. Jobs that wait together are committed together, each in its savepoint, so that
one turn's failure leaves the others whole. A job's caller resumes after the commit: what was acknowledged is stored.
"""

from __future__ import annotations

import asyncio
import json
import queue
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.events import ActionExecuted, Event, Restarted, SessionStarted, SlotSet, UserUttered, event_from_json
from bot.storage.database import StorageError, connect, is_embedded, require_current
from bot.storage.schema import answers, conversations, events

T = TypeVar("T")
MAX_RECENT = 200
"""Conversations whose session is kept in memory."""
MAX_RECENT_EVENTS = 300
"""Events of a session that is kept in memory, at most."""
MAX_TOGETHER = 64
"""Jobs committed in one transaction at most."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A message that was answered before."""

    question: str
    """Keyed hash of its masked text."""
    answer: list[dict[str, Any]]
    """What was said, as stored."""


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """All that one turn writes."""

    sender_id: str
    events: Sequence[Event]
    at: float
    """Seconds since 1970."""
    message_id: str | None = None
    question: str = ""
    answer: Sequence[dict[str, Any]] = ()
    is_first: bool = False
    """Whether the conversation had no events before."""


class TurnStore:
    """Stores conversations in the database at `url`.

    Args:
        url: SQLAlchemy URL; of SQLite, the file's folder is made when missing.
    """

    def __init__(self, url: str) -> None:
        self.engine = connect(url)
        require_current(self.engine)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._recent: OrderedDict[str, list[Event]] | None = OrderedDict() if is_embedded(url) else None
        """Sessions as they were committed, latest last: with SQLite only this process writes them."""
        self._thread = threading.Thread(target=self._work, name="bma-storage", daemon=True)
        self._thread.start()

    async def load(self, sender_id: str, *, whole: bool = False) -> list[Event]:
        """Events of a conversation, oldest first: those of the current session, or all of them."""
        if not whole and self._recent is not None and sender_id in self._recent:
            self._recent.move_to_end(sender_id)
            return list(self._recent[sender_id])
        return await self._do(lambda connection: _load(connection, sender_id, whole))

    async def answered(self, sender_id: str, message_id: str) -> Answered | None:
        """The stored answer to a message id, or None."""
        return await self._do(lambda connection: _answered(connection, sender_id, message_id))

    async def commit(self, turn: TurnRecord) -> None:
        """Write one turn; returns after the commit.

        Raises:
            StorageError: nothing was written.
        """
        before = self._recent.pop(turn.sender_id, None) if self._recent is not None else None
        await self._do(lambda connection: _write(connection, turn))
        if self._recent is not None and (before is not None or turn.is_first):
            self._remember(turn.sender_id, [*(before or ()), *turn.events])

    async def erase(self, sender_id: str) -> bool:
        """Delete a conversation; tells whether there was one."""
        if self._recent is not None:
            self._recent.pop(sender_id, None)
        return await self._do(lambda connection: _erase(connection, sender_id))

    async def ping(self) -> None:
        """Raise StorageError unless the database answers."""
        await self._do(lambda connection: connection.execute(sa.text("SELECT 1")).scalar())

    def _remember(self, sender_id: str, known: list[Event]) -> None:
        assert self._recent is not None
        start = _session_position(known)
        session = known if start is None else known[start:]
        if len(session) <= MAX_RECENT_EVENTS:
            self._recent[sender_id] = session
        while len(self._recent) > MAX_RECENT:
            self._recent.popitem(last=False)

    def close(self) -> None:
        """Finish what waits and let go of the database."""
        self._jobs.put(None)
        self._thread.join()
        self.engine.dispose()

    async def _do(self, work: Callable[[Connection], T]) -> T:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(work, loop, future))
        return await future

    def _work(self) -> None:
        connection: Connection | None = None
        while (first := self._jobs.get()) is not None:
            jobs, stop = self._waiting(first)
            try:
                if connection is None or connection.closed:
                    connection = self.engine.connect()
                outcomes = _together(connection, jobs)
            except Exception as error:
                if connection is not None:
                    connection.invalidate()
                    connection.close()
                    connection = None
                outcomes = [StorageError(f"{type(error).__name__}")] * len(jobs)
            for job, outcome in zip(jobs, outcomes, strict=True):
                job.finish(outcome)
            if stop:
                break
        if connection is not None:
            connection.close()

    def _waiting(self, first: _Job) -> tuple[list[_Job], bool]:
        jobs = [first]
        while len(jobs) < MAX_TOGETHER:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                return jobs, True
            jobs.append(job)
        return jobs, False


@dataclass(slots=True)
class _Job:
    work: Callable[[Connection], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]

    def finish(self, outcome: Any) -> None:
        def settle() -> None:
            if self.future.cancelled():
                return
            if isinstance(outcome, StorageError):
                self.future.set_exception(outcome)
            else:
                self.future.set_result(outcome)

        try:
            self.loop.call_soon_threadsafe(settle)
        except RuntimeError:  # the loop is closed: nobody waits any more
            pass


def _together(connection: Connection, jobs: Sequence[_Job]) -> list[Any]:
    """Do all jobs in one transaction, each in a savepoint when there are several."""
    outcomes: list[Any] = []
    with connection.begin() as transaction:
        for job in jobs:
            try:
                if len(jobs) == 1:
                    outcomes.append(job.work(connection))
                else:
                    with connection.begin_nested():
                        outcomes.append(job.work(connection))
            except sa.exc.DBAPIError as error:
                if error.connection_invalidated:
                    raise
                outcomes.append(StorageError(type(error).__name__))
                if len(jobs) == 1:
                    transaction.rollback()
    return outcomes


def _load(connection: Connection, sender_id: str, whole: bool) -> list[Event]:
    query = sa.select(events.c.data).where(events.c.sender_id == sender_id).order_by(events.c.position)
    if not whole:
        first = sa.select(conversations.c.session_start).where(conversations.c.sender_id == sender_id)
        query = query.where(events.c.position >= first.scalar_subquery())
    return [event_from_json(json.loads(data)) for data in connection.execute(query).scalars()]


def _answered(connection: Connection, sender_id: str, message_id: str) -> Answered | None:
    query = sa.select(answers.c.question, answers.c.answer).where(
        answers.c.sender_id == sender_id, answers.c.message_id == message_id
    )
    row = connection.execute(query).first()
    return Answered(row.question, json.loads(row.answer)) if row else None


def _write(connection: Connection, turn: TurnRecord) -> None:
    mine = conversations.c.sender_id == turn.sender_id
    known = connection.execute(sa.select(conversations.c.last_position).where(mine)).scalar()
    if known is None:
        connection.execute(sa.insert(conversations), {"sender_id": turn.sender_id, "created_at": turn.at, "updated_at": turn.at})
    first = (known or 0) + 1
    changes: dict[str, Any] = {"updated_at": turn.at, "last_position": first + len(turn.events) - 1}
    session_at = _session_position(turn.events)
    if session_at is not None:
        changes["session_start"] = first + session_at
    connection.execute(sa.update(conversations).where(mine).values(changes))
    _insert_events(connection, turn.sender_id, first, turn.events)
    if turn.message_id is not None:
        connection.execute(
            sa.insert(answers),
            {
                "sender_id": turn.sender_id,
                "message_id": turn.message_id,
                "question": turn.question,
                "answer": json.dumps(list(turn.answer), ensure_ascii=False),
                "answered_at": turn.at,
            },
        )


def _session_position(known: Sequence[Event]) -> int | None:
    """Where the last new session begins: at its action_session_start or, after a restart, at the message that asked for it.

    What was said to a restart must be known to the next turn, which must not say it again.
    """
    start = next((at for at in range(len(known) - 1, -1, -1) if isinstance(known[at], SessionStarted)), None)
    if start is None:
        return None
    if start and isinstance(known[start - 1], ActionExecuted):
        start -= 1
    if start and isinstance(known[start - 1], Restarted):
        asked = (at for at in range(start - 1, -1, -1) if isinstance(known[at], UserUttered))
        return next(asked, start)
    return start


def _insert_events(connection: Connection, sender_id: str, first: int, batch: Sequence[Event]) -> None:
    if not batch:
        return
    connection.execute(
        sa.insert(events),
        [
            {
                "sender_id": sender_id,
                "type_name": event.type_name,
                "timestamp": event.timestamp,
                "intent_name": event.intent if isinstance(event, UserUttered) else None,
                "action_name": event.name if isinstance(event, ActionExecuted | SlotSet) else None,
                "data": json.dumps(event.to_json(), ensure_ascii=False),
                "position": position,
            }
            for position, event in enumerate(batch, first)
        ],
    )


def _erase(connection: Connection, sender_id: str) -> bool:
    for table in (answers, events):
        connection.execute(sa.delete(table).where(table.c.sender_id == sender_id))
    return bool(connection.execute(sa.delete(conversations).where(conversations.c.sender_id == sender_id)).rowcount)
