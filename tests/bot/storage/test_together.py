"""SQLite commits what waits together: what is acknowledged is stored, whatever happens to its neighbours."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.storage import StorageError, Store, open_store
from bot.storage.conversations import make
from tests.bot.storage.playing import play, texts


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    found = open_store(f"sqlite:///{tmp_path}/bma.sqlite3")
    yield found
    await found.close()


@asynccontextmanager
async def held_up(store: Store) -> AsyncIterator[None]:
    """What is asked in the block waits together, and is done when it ends."""
    begun, goes_on = threading.Event(), threading.Event()

    def wait(_connection: Connection) -> None:
        begun.set()
        goes_on.wait(10)

    waiting = asyncio.create_task(store.run(wait))
    await asyncio.to_thread(begun.wait, 10)
    yield
    await asyncio.sleep(0)  # tasks of the block put their work into the queue
    goes_on.set()
    await waiting


UPDATED = ("conversations", "alembic_version")


async def refuse_updates(store: Store) -> None:
    """Refuse to write as a full disk does, and go on reading."""

    def work(connection: Connection) -> None:
        for table in UPDATED:
            refusal = "SELECT RAISE(ABORT, 'database or disk is full')"
            connection.exec_driver_sql(f"CREATE TEMP TRIGGER full_{table} BEFORE UPDATE ON {table} BEGIN {refusal}; END")

    await store.run(work)


async def limit(store: Store, pages: int) -> None:
    """Let the file grow by so many pages."""

    def work(connection: Connection) -> None:
        now = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {now + pages}").all()

    await store.run(work)


def too_much(connection: Connection) -> None:
    make(connection, "rest:large", 1.0)
    values = {"snapshot": "x" * 200_000}
    connection.execute(sa.text("UPDATE conversations SET snapshot = :snapshot WHERE sender_id = 'rest:large'"), values)


async def senders(store: Store) -> list[str]:
    query = sa.text("SELECT sender_id FROM conversations ORDER BY sender_id")
    return list(await store.run(lambda connection: connection.execute(query).scalars().all()))


async def test_a_disk_that_is_full_for_one_costs_no_other_what_was_acknowledged(store: Store) -> None:
    await limit(store, 3)
    async with held_up(store):
        before = asyncio.create_task(store.run(lambda connection: make(connection, "rest:before", 1.0)))
        large = asyncio.create_task(store.run(too_much))
        after = asyncio.create_task(store.run(lambda connection: make(connection, "rest:after", 1.0)))
    results = await asyncio.gather(before, large, after, return_exceptions=True)
    assert results[0] is None
    assert isinstance(results[1], StorageError)
    assert results[1].cause == "full"
    assert results[2] is None
    assert await senders(store) == ["rest:after", "rest:before"]


async def test_reading_does_not_hide_that_writing_fails(store: Store) -> None:
    await play(store, "rest:a", 1)
    await refuse_updates(store)
    with pytest.raises(StorageError):
        await play(store, "rest:a", 2)
    assert await texts(store, "rest:a") == ["message 1"]
    for _ in range(2):
        with pytest.raises(StorageError) as error:
            await store.check()
        assert error.value.cause == "full"
    await store.run(lambda connection: [connection.exec_driver_sql(f"DROP TRIGGER full_{table}") for table in UPDATED])
    await store.check()


async def test_what_was_given_up_while_it_waited_is_not_done(store: Store) -> None:
    async with held_up(store):
        given_up = asyncio.create_task(store.run(lambda connection: make(connection, "rest:late", 1.0)))
        await asyncio.sleep(0)
        given_up.cancel()
    assert await senders(store) == []


class OwnError(Exception):
    """An error of the work, not of the database."""


async def test_an_error_of_the_work_itself_is_its_callers_alone(store: Store) -> None:
    def fails(connection: Connection) -> None:
        make(connection, "rest:fails", 0.0)
        raise OwnError

    async with held_up(store):
        tasks = [
            asyncio.create_task(store.run(lambda connection: make(connection, "rest:before", 0.0))),
            asyncio.create_task(store.run(fails)),
            asyncio.create_task(store.run(lambda connection: make(connection, "rest:after", 0.0))),
        ]
    before, failed, after = await asyncio.gather(*tasks, return_exceptions=True)
    assert (before, after) == (None, None)
    assert isinstance(failed, OwnError)
    with pytest.raises(OwnError):
        await store.run(fails)
    found = await store.run(lambda connection: connection.exec_driver_sql("SELECT sender_id FROM conversations ORDER BY 1").all())
    assert [row[0] for row in found] == ["rest:after", "rest:before"]
