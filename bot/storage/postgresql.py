"""Conversations in PostgreSQL, written by any number of processes.

A turn has the conversation's row locked from its first look to its commit, on one connection of the pool; other
conversations go in parallel, in this process and in others. Asynchronous, because a database that does not answer is then
left by a time-out and not by a thread that hangs. The SQL is the same as SQLite's (`bot.storage.conversations`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.events import Event
from bot.storage import conversations
from bot.storage.database import check, check_writing, connect, connect_async, require_current
from bot.storage.errors import Busy, SchemaError, StorageError, failure
from bot.storage.locks import ConversationLocks
from bot.storage.recent import Recent, RecentConversations
from bot.storage.records import Known, T, TurnRecord


class PostgresqlStore:
    """A store in PostgreSQL.

    Args:
        url: SQLAlchemy URL.
        pool: connections of this process, at most: turns at the same time.
        wait: seconds to wait for a connection, for a conversation or for an answer of the database, at most.

    Raises:
        SchemaError: the schema is not this code's.
    """

    def __init__(self, url: str, pool: int = 10, wait: float = 3.0) -> None:
        self._wait = wait
        self._failed = False
        self._patience = 2 * wait + 0.5
        engine = connect(url, pool=1, wait=wait)
        try:
            require_current(engine)
        except SchemaError:
            raise
        except StorageError:
            pass  # the database is down: it may come back, and its schema is then what it is
        finally:
            engine.dispose()
        self._engine = connect_async(url, pool=pool, wait=wait)
        self._locks = ConversationLocks(wait)
        self.recent = RecentConversations()
        self._looks = asyncio.Semaphore(max(1, pool // 2))

    @property
    def pool(self) -> sa.Pool:
        """The connections, for whoever counts them."""
        return self._engine.pool

    @asynccontextmanager
    async def turn(self, sender_id: str) -> AsyncIterator[_PostgresqlTurn]:
        """Have a conversation for one turn; see `bot.storage.records.Store`."""
        async with self._locks.hold(sender_id):
            turn = _PostgresqlTurn(self, sender_id)
            try:
                yield turn
            finally:
                await turn.leave()

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Do something in a transaction; see `bot.storage.records.Store`."""
        connection, result = await self.begin(work)
        await self.finish(connection)
        return result

    async def look(self, work: Callable[[Connection], T]) -> T:
        """Read something, leaving half of the pool to turns; see `bot.storage.records.Store`."""

        def read(connection: Connection) -> T:
            connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            return work(connection)

        try:
            async with asyncio.timeout(self._wait):
                await self._looks.acquire()
        except TimeoutError as error:
            raise Busy(f"others have been reading for {self._wait:g} s") from error
        try:
            connection, result = await self.begin(read)
            await self.work(connection, lambda found: found.rollback())
            await connection.close()
            return result
        finally:
            self._looks.release()

    async def begin(self, work: Callable[[Connection], T]) -> tuple[AsyncConnection, T]:
        """Begin a transaction with some work; once more when the connection had been lost before it."""
        try:
            return await self._begin(work)
        except _Lost:
            return await self._begin(work)

    async def _begin(self, work: Callable[[Connection], T]) -> tuple[AsyncConnection, T]:
        try:
            async with asyncio.timeout(self._wait + 1):
                connection = await self._engine.connect()
        except (sa.exc.TimeoutError, TimeoutError) as error:
            raise Busy(f"no connection for {self._wait:g} s") from error
        except (sa.exc.SQLAlchemyError, OSError) as error:
            raise failure(error) from error
        return connection, await self.work(connection, work)

    async def work(self, connection: AsyncConnection, work: Callable[[Connection], T]) -> T:
        """Do something on a connection, which is closed when it fails.

        Raises:
            StorageError: the database refused, or did not answer in time.
        """
        try:
            async with asyncio.timeout(self._patience):
                return await connection.run_sync(work)
        except TimeoutError as error:
            await _drop(connection)
            raise StorageError(f"the database has not answered for {self._patience:g} s", "slow") from error
        except sa.exc.DBAPIError as error:
            await _drop(connection)
            failed = failure(error)
            self._failed |= failed.cause in ("full", "read_only")
            if error.connection_invalidated:
                raise _Lost(str(failed), "unreachable") from error
            raise failed from error
        except BaseException:
            await _drop(connection)
            raise

    async def finish(self, connection: AsyncConnection) -> None:
        """Commit and give the connection back."""
        await self.work(connection, lambda found: found.commit())
        await connection.close()

    async def check(self) -> None:
        """See `bot.storage.records.Store`."""
        await self.run(check)
        if self._failed:
            await self.run(check_writing)
            self._failed = False

    async def forget_deleted(self) -> None:
        """Forget what is remembered here; PostgreSQL's vacuum and write-ahead log are its operator's (docs/operators.md)."""
        self.recent.clear()

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()


class _Lost(StorageError):
    """The connection was lost."""


async def _drop(connection: AsyncConnection) -> None:
    """Close a connection without waiting for the database."""
    if not connection.closed:
        await connection.invalidate()
        await connection.close()


class _PostgresqlTurn:
    """A turn; see `bot.storage.records.Turn`."""

    def __init__(self, store: PostgresqlStore, sender_id: str) -> None:
        self._store = store
        self._sender_id = sender_id
        self._connection: AsyncConnection | None = None
        self._before = Recent(Known(None))

    async def known(self, message_id: str | None) -> Known:
        """Lock the conversation; what is stored."""
        recent = self._store.recent.take(self._sender_id)
        self._connection, self._before = await self._store.begin(
            lambda connection: _locked(connection, self._sender_id, message_id, recent)
        )
        return self._before.known

    async def session(self) -> list[Event]:
        """All events of the session."""
        assert self._connection is not None
        start = self._before.known.session_start
        return await self._store.work(
            self._connection, lambda connection: conversations.session(connection, self._sender_id, start)
        )

    async def commit(self, record: TurnRecord) -> None:
        """Store the turn."""
        assert self._connection is not None

        def store(connection: Connection) -> None:
            conversations.write(connection, record)
            connection.commit()

        connection, self._connection = self._connection, None
        await self._store.work(connection, store)
        self._store.recent.put(self._before, record)
        await connection.close()

    async def leave(self) -> None:
        """Undo what was not committed and let others have the conversation."""
        connection, self._connection = self._connection, None
        if connection is None or connection.closed:
            return
        try:
            await self._store.work(connection, lambda found: found.rollback())
            await connection.close()
        except StorageError:
            pass  # the connection is dropped, and the database forgets the transaction


def _locked(connection: Connection, sender_id: str, message_id: str | None, recent: Recent | None) -> Recent:
    for _ in range(4):  # more than once only while others erase it
        row = conversations.locked(connection, sender_id)
        if row is not None:
            break
        conversations.make(connection, sender_id, 0.0)
    else:
        raise Busy("the conversation is being erased")
    if recent is None or not conversations.is_as(row, recent):
        return Recent.read(conversations.known(connection, sender_id, message_id, row))
    if message_id is not None and recent.may_have_answered(message_id):
        before = conversations.answered(connection, sender_id, message_id)
        if before is not None:
            return Recent(Known(before))
    return recent
