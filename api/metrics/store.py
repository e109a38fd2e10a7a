"""The database, whose failures are counted by their cause."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.metrics.definitions import Metrics
from bot.events import Event
from bot.storage import StorageError, Store
from bot.storage.records import Known, T, Turn, TurnRecord


class MeasuredStore:
    """A store that notes what it could not do; see `bot.storage.records.Store`.

    Args:
        store: who does it.
        metrics: where failures are noted, and how many connections work.
    """

    def __init__(self, store: Store, metrics: Metrics) -> None:
        self._store = store
        self._notes = _Notes(metrics, getattr(store, "pool", None))

    @asynccontextmanager
    async def turn(self, sender_id: str) -> AsyncIterator[Turn]:
        """Have a conversation for one turn."""
        try:
            async with AsyncExitStack() as stack:
                with self._notes.taken():
                    turn = await stack.enter_async_context(self._store.turn(sender_id))
                yield _MeasuredTurn(turn, self._notes)
        finally:
            self._notes.sample()

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Do something in a transaction."""
        with self._notes.taken():
            return await self._store.run(work)

    async def check(self) -> None:
        """Raise StorageError unless the database can be used."""
        with self._notes.taken():
            await self._store.check()

    async def forget_deleted(self) -> None:
        """Leave nothing of what was deleted."""
        with self._notes.taken():
            await self._store.forget_deleted()

    async def close(self) -> None:
        """Finish what waits and let go of the database."""
        await self._store.close()


class _MeasuredTurn:
    """A turn; see `bot.storage.records.Turn`."""

    __slots__ = ("_notes", "_turn")

    def __init__(self, turn: Turn, notes: _Notes) -> None:
        self._turn = turn
        self._notes = notes

    async def known(self, message_id: str | None) -> Known:
        """What is stored."""
        with self._notes.taken():
            return await self._turn.known(message_id)

    async def session(self) -> list[Event]:
        """All events of the session."""
        with self._notes.taken():
            return await self._turn.session()

    async def commit(self, record: TurnRecord) -> None:
        """Store the turn."""
        with self._notes.taken():
            await self._turn.commit(record)


class _Notes:
    """Notes what happens to a database.

    Args:
        metrics: where.
        pool: the connections to PostgreSQL.
    """

    def __init__(self, metrics: Metrics, pool: sa.Pool | None) -> None:
        self._failures = metrics.storage_failures
        self._in_use = metrics.pool_in_use
        self._pool = pool if isinstance(pool, sa.QueuePool) else None
        if self._pool is not None:
            metrics.pool_size.set(self._pool.size())

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Note what becomes of the block."""
        try:
            yield
        except StorageError as error:
            self._failures.labels(error.cause).inc()
            raise
        finally:
            self.sample()

    def sample(self) -> None:
        """Note how many connections work. SQLAlchemy's own events come before the pool's counter has changed."""
        if self._pool is not None:
            self._in_use.set(self._pool.checkedout())
