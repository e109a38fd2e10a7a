"""The database, whose failures are counted by their cause."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from types import TracebackType

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.metrics.definitions import Metrics
from api.metrics.sharing import is_shared
from bot.storage import StorageError, Store
from bot.storage.records import T, Turn


class MeasuredStore:
    """A store that notes what it could not do; see `bot.storage.records.Store`.

    Args:
        store: who does it.
        metrics: where failures are noted, and how many connections work.
    """

    def __init__(self, store: Store, metrics: Metrics) -> None:
        self._store = store
        self._notes = _Notes(metrics, getattr(store, "pool", None))

    def turn(self, sender_id: str) -> AbstractAsyncContextManager[Turn]:
        """Have a conversation for one turn."""
        return _Turn(self._store.turn(sender_id), self._notes)

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Do something in a transaction."""
        self._notes.sample()
        try:
            return await self._store.run(work)
        except StorageError as error:
            self._notes.failed(error)
            raise

    async def look(self, work: Callable[[Connection], T]) -> T:
        """Read without waiting for the turns."""
        self._notes.sample()
        try:
            return await self._store.look(work)
        except StorageError as error:
            self._notes.failed(error)
            raise

    async def check(self) -> None:
        """Raise StorageError unless the database can be used."""
        try:
            await self._store.check()
        except StorageError as error:
            self._notes.failed(error)
            raise

    async def forget_deleted(self) -> None:
        """Leave nothing of what was deleted."""
        try:
            await self._store.forget_deleted()
        except StorageError as error:
            self._notes.failed(error)
            raise

    async def close(self) -> None:
        """Finish what waits and let go of the database."""
        await self._store.close()


class _Turn:
    """A turn: as the store gives it. Written out, since a generator's context manager would cost every turn more."""

    __slots__ = ("_notes", "_turn")

    def __init__(self, turn: AbstractAsyncContextManager[Turn], notes: _Notes) -> None:
        self._turn = turn
        self._notes = notes

    async def __aenter__(self) -> Turn:
        self._notes.sample()
        try:
            return await self._turn.__aenter__()
        except StorageError as error:
            self._notes.failed(error)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        if isinstance(error, StorageError):
            self._notes.failed(error)
        try:
            return await self._turn.__aexit__(kind, error, trace)
        finally:
            self._notes.sample()


class _Notes:
    """Notes what happens to a database.

    Args:
        metrics: where.
        pool: the connections to PostgreSQL.
    """

    def __init__(self, metrics: Metrics, pool: sa.Pool | None) -> None:
        self._failures = metrics.storage_failures
        self._in_use = metrics.pool_in_use
        self._pool: sa.QueuePool | None = None
        if not isinstance(pool, sa.QueuePool):
            return
        metrics.pool_size.set(pool.size())
        if is_shared():
            self._pool = pool
        else:
            self._in_use.set_function(pool.checkedout)

    def failed(self, error: StorageError) -> None:
        """Count a failure, once: what was done inside a turn also ends the turn."""
        if not error.noted:
            error.noted = True
            self._failures.labels(error.cause).inc()

    def sample(self) -> None:
        """Write how many connections work, for the worker that is asked. SQLAlchemy's events come before its counter changes."""
        if self._pool is not None:
            self._in_use.set(self._pool.checkedout())
