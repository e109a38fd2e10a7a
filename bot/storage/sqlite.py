"""Conversations in an SQLite file of this process.

One thread owns one connection. Jobs that wait together are committed together, each in its savepoint, so that
one turn's failure leaves the others whole. A job's caller resumes after the commit: what was acknowledged is on disk.
No transaction is open while NLU and actions run.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.events import Event
from bot.storage import conversations
from bot.storage.database import ServerLock, check, check_writing, connect, file_of, require_current
from bot.storage.errors import StorageError, failure
from bot.storage.locks import ConversationLocks
from bot.storage.reading import Reader
from bot.storage.recent import Recent, RecentConversations
from bot.storage.records import Known, T, TurnRecord

HARMLESS = ("busy", "conflict", "error")
"""Failures that say nothing of the disk."""
LOG_PAUSE = 0.1
"""Seconds between two tries to empty the write-ahead log."""
MAX_TOGETHER = 64
"""Jobs committed in one transaction at most."""


class SqliteStore:
    """A store in SQLite.

    Args:
        url: SQLAlchemy URL; the file's folder is made when missing, its schema brought up to date.
        wait: seconds to wait for the disk or for a conversation, at most.

        server: the right to serve the file, given back at the end; None for a visit that serves nobody.

    Raises:
        StorageError: the file cannot be used.
    """

    def __init__(self, url: str, wait: float = 3.0, server: ServerLock | None = None) -> None:
        self._wait = wait
        self._server = server
        self.engine = connect(url, wait=wait)
        require_current(self.engine)
        self._reader = None if file_of(url) is None else Reader(url, 2 * wait)
        self._failed = False
        self._locks = ConversationLocks(wait)
        self.recent = RecentConversations()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="bma-storage", daemon=True)
        self._thread.start()

    @asynccontextmanager
    async def turn(self, sender_id: str) -> AsyncIterator[_SqliteTurn]:
        """Have a conversation for one turn; see `bot.storage.records.Store`."""
        async with self._locks.hold(sender_id):
            yield _SqliteTurn(self, sender_id)

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Do something in a transaction; see `bot.storage.records.Store`."""
        return await self._do(work)

    async def look(self, work: Callable[[Connection], T]) -> T:
        """Read something on another connection and thread; see `bot.storage.records.Store`."""
        if self._reader is None:  # in memory: nobody else can see it
            return await self._do(partial(_reading, work=work))
        return await self._reader.look(work)

    async def check(self) -> None:
        """See `bot.storage.records.Store`."""
        await self._do(check)
        if self._failed:
            await self._do(check_writing)
            self._failed = False

    async def forget_deleted(self) -> None:
        """Empty the write-ahead log; deleted rows were overwritten when they were deleted (`secure_delete`).

        Who reads the file at that moment (a backup) is waited for, and turns go on meanwhile.
        """
        self.recent.clear()
        for _ in range(int(2 * self._wait / LOG_PAUSE)):
            if await self._do(_is_log_emptied, alone=True):
                return
            await asyncio.sleep(LOG_PAUSE)
        raise StorageError("another process is reading the file: its write-ahead log could not be emptied", "busy")

    async def close(self) -> None:
        """Finish what waits and let go of the file."""
        if self._reader is not None:
            await self._reader.close()
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)
        self.engine.dispose()
        if self._server is not None:
            self._server.release()

    async def _do(self, work: Callable[[Connection], T], *, alone: bool = False) -> T:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(work, loop, future, alone))
        try:
            async with asyncio.timeout(2 * self._wait):
                return await future
        except TimeoutError as error:
            raise StorageError(f"the disk has not answered for {2 * self._wait:g} s", "slow") from error

    def _work(self) -> None:
        connection: Connection | None = None
        backlog: deque[_Job | None] = deque()
        while (group := self._next(backlog)) is not None:
            try:
                if connection is None or connection.closed:
                    connection = self.engine.connect()
                outcomes = [group[0].do(connection)] if group[0].alone else _together(connection, group)
            except Exception as error:
                if connection is not None:
                    connection.invalidate()
                    connection.close()
                    connection = None
                outcomes = [failure(error)] * len(group)
            if any(isinstance(item, StorageError) and item.cause not in HARMLESS for item in outcomes):
                self._failed = True  # until something is written: reading goes on when a disk is full
            for job, outcome in zip(group, outcomes, strict=True):
                job.finish(outcome)
        if connection is not None:
            connection.close()

    def _next(self, backlog: deque[_Job | None]) -> list[_Job] | None:
        """The jobs to do now, in the order in which they came; None when there will be no more."""
        if not backlog:
            backlog.append(self._jobs.get())
        while len(backlog) < MAX_TOGETHER:
            try:
                backlog.append(self._jobs.get_nowait())
            except queue.Empty:
                break
        group: list[_Job] = []
        while backlog and (job := backlog[0]) is not None and not (group and (job.alone or group[0].alone)):
            group.append(job)
            backlog.popleft()
        return group or None


class _SqliteTurn:
    """A turn; see `bot.storage.records.Turn`."""

    def __init__(self, store: SqliteStore, sender_id: str) -> None:
        self._store = store
        self._sender_id = sender_id
        self._before = Recent(Known(None))

    async def known(self, message_id: str | None) -> Known:
        """What is stored, or what this process remembers of it: nobody else writes turns."""
        sender_id, recent = self._sender_id, self._store.recent.take(self._sender_id)
        if recent is None:
            found = await self._store.run(lambda connection: conversations.read(connection, sender_id, message_id))
            recent = Recent.read(found)
        elif message_id is not None and recent.may_have_answered(message_id):
            before = await self._store.run(lambda connection: conversations.answered(connection, sender_id, message_id))
            if before is not None:
                return Known(before)
        self._before = recent
        return recent.known

    async def session(self) -> list[Event]:
        """All events of the session."""
        start = self._before.known.session_start
        return await self._store.run(lambda connection: conversations.session(connection, self._sender_id, start))

    async def commit(self, record: TurnRecord) -> None:
        """Store the turn."""
        await self._store.run(lambda connection: conversations.write(connection, record))
        self._store.recent.put(self._before, record)


@dataclass(slots=True)
class _Job:
    work: Callable[[Connection], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    alone: bool
    """Outside any transaction."""

    def do(self, connection: Connection) -> Any:
        """Do it, unless its caller was told meanwhile that it was not done."""
        return None if self.future.cancelled() else self.work(connection)

    def finish(self, outcome: Any) -> None:
        def settle() -> None:
            if self.future.done():
                return
            if isinstance(outcome, Exception):
                self.future.set_exception(outcome)
            else:
                self.future.set_result(outcome)

        try:
            self.loop.call_soon_threadsafe(settle)
        except RuntimeError:  # the loop is closed: nobody waits any more
            pass


def _together(connection: Connection, jobs: Sequence[_Job]) -> list[Any]:
    """Do all jobs in one transaction, each in a savepoint when there are several.

    A full disk or an I/O error makes SQLite undo the whole transaction, not only the job that met it; a commit then succeeds and
    stores nothing (sqlite.org/lang_transaction.html, section 3). The jobs are then done again, each in a transaction of its own.
    """
    outcomes: list[Any] = []
    with connection.begin() as transaction:
        for job in jobs:
            part = connection.begin_nested() if len(jobs) > 1 else transaction
            try:
                outcomes.append(job.do(connection))
            except (sa.exc.DBAPIError, StorageError) as error:
                if isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated:
                    raise
                if len(jobs) > 1 and not _driver(connection).in_transaction:
                    transaction.rollback()
                    break
                part.rollback()
                outcomes.append(failure(error))
            except (sa.exc.SQLAlchemyError, sqlite3.Error, OSError):
                raise
            except Exception as error:  # the job's own, which its caller gets as it is and its neighbours do not feel
                part.rollback()
                outcomes.append(error)
            else:
                if part is not transaction:
                    part.commit()
    if len(outcomes) < len(jobs):
        return [outcome for job in jobs for outcome in _together(connection, [job])]
    return outcomes


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _reading(connection: Connection, work: Callable[[Connection], T]) -> T:
    _driver(connection).execute("PRAGMA query_only=ON")
    try:
        return work(connection)
    finally:
        _driver(connection).execute("PRAGMA query_only=OFF")


def _is_log_emptied(connection: Connection) -> bool:
    """Try to empty the write-ahead log, without waiting for those who read it."""
    driver = _driver(connection)
    (wait,) = driver.execute("PRAGMA busy_timeout").fetchone()
    driver.execute("PRAGMA busy_timeout=0")
    try:
        busy, _pages, _done = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        driver.execute(f"PRAGMA busy_timeout={wait}")
    return not busy
