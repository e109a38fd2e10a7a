"""Reading beside turns: it sees what was committed, delays nobody and can write nothing."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.storage import StorageError, Store, open_store
from bot.storage.schema import answers, conversations
from tests.bot.storage.playing import play, texts

COUNTING = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT max(i) FROM n"


def count(connection: Connection) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(answers)).scalar_one()


def slow(connection: Connection) -> int:
    """Count, take half a second or more, and count again."""
    before = count(connection)
    pause = "SELECT pg_sleep(0.5)" if connection.dialect.name == "postgresql" else COUNTING.format(1_500_000)
    connection.execute(sa.text(pause))
    assert count(connection) == before
    return before


async def test_a_slow_look_delays_no_turn_and_sees_one_moment(store: Store) -> None:
    await play(store, "rest:a", 1)
    looking = asyncio.create_task(store.look(slow))
    await asyncio.sleep(0.1)
    for number in range(2, 12):
        await play(store, "rest:a", number)
    assert not looking.done()
    assert await looking == 1
    assert await store.look(count) == 11


async def test_a_look_sees_what_a_turn_has_just_stored(store: Store) -> None:
    for number in range(20):
        await play(store, "rest:a", number)
        assert await store.look(count) == number + 1


def write(connection: Connection) -> None:
    connection.execute(sa.update(conversations).values(created_at=0))


async def test_a_look_cannot_write_and_the_store_goes_on(store: Store) -> None:
    await play(store, "rest:a", 1)
    with pytest.raises(StorageError) as caught:
        await store.look(write)
    assert caught.value.cause == "read_only"
    await play(store, "rest:a", 2)
    assert await texts(store, "rest:a") == ["message 1", "message 2"]
    assert await store.look(count) == 2
    await store.check()


async def test_an_error_of_the_work_is_the_callers(store: Store) -> None:
    def work(_connection: Connection) -> None:
        raise KeyError("x")

    for _ in range(3):
        with pytest.raises(KeyError):
            await store.look(work)
    assert await store.look(count) == 0


async def test_many_looks_leave_connections_to_turns(store: Store) -> None:
    looking = [asyncio.create_task(store.look(slow)) for _ in range(4)]
    await asyncio.sleep(0.1)
    await asyncio.gather(*(play(store, f"rest:{number}", 1) for number in range(10)))
    assert not any(look.done() for look in looking)
    assert len(await asyncio.gather(*looking)) == 4


async def test_an_endless_look_is_given_up_and_the_next_one_is_served(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/bma.sqlite3", wait=0.2)
    began = time.monotonic()
    with pytest.raises(StorageError) as caught:
        await store.look(lambda connection: connection.execute(sa.text(COUNTING.format(10**12))).scalar())
    assert caught.value.cause == "slow"
    assert await store.look(count) == 0
    assert time.monotonic() - began < 3
    await store.close()


async def test_in_memory_too() -> None:
    store = open_store("sqlite://")
    await play(store, "rest:a", 1)
    assert await store.look(count) == 1
    with pytest.raises(StorageError):
        await store.look(write)
    await play(store, "rest:a", 2)
    assert await store.look(count) == 2
    await store.close()


OTHER_PROCESS = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("CREATE TABLE other (content BLOB)")
connection.execute("INSERT INTO other VALUES (zeroblob(6000000))")
connection.commit()
connection.close()
"""


async def test_another_process_that_closes_the_file_leaves_the_log_to_those_who_have_it_open(tmp_path: Path) -> None:
    file = tmp_path / "bma.sqlite3"
    store = open_store(f"sqlite:///{file}")
    try:
        await play(store, "rest:a", 1)
        assert await store.look(count) == 1
        await asyncio.to_thread(subprocess.run, [sys.executable, "-c", OTHER_PROCESS, str(file)], check=True)
        assert (tmp_path / "bma.sqlite3-wal").exists()  # it would be gone had the reader dropped the writer's locks
        await play(store, "rest:a", 2)
        assert await store.look(count) == 2
        assert await texts(store, "rest:a") == ["message 1", "message 2"]
    finally:
        await store.close()
