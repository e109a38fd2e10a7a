"""Turns in a real SQLite file and a real PostgreSQL."""

import asyncio
import uuid
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bot import events as ev
from bot.storage import Busy, StorageError, Store, conversations, open_store
from bot.storage.conversations import Overtaken
from bot.storage.database import connect, upgrade
from bot.storage.errors import DatabaseInUse, SchemaError
from bot.storage.postgresql import PostgresqlStore
from bot.storage.records import Known
from tests.bot.storage.playing import play, record, texts
from tests.databases import database, migrated


async def test_what_was_committed_is_known(store: Store) -> None:
    await play(store, "a", 1)
    await play(store, "b", 2)
    known = await play(store, "a", 3)
    assert [event.text for event in known.events if isinstance(event, ev.UserUttered)] == ["message 1"]
    assert known.last_position == 2
    assert await texts(store, "a") == ["message 1", "message 3"]
    assert await texts(store, "c") == []


async def test_a_snapshot_says_which_events_are_read(store: Store) -> None:
    for number in range(5):
        await play(store, "a", number)
    async with store.turn("a") as turn:
        known = await turn.known(None)
        snapshot = {"format": 1, "since": 9, "also": [2, 4]}
        await turn.commit(replace(record("a", known, 5), snapshot=snapshot))
    async with store.turn("a") as turn:
        known = await turn.known(None)
        assert known.snapshot == snapshot
        assert [event.position for event in known.events] == [2, 4, 9, 10, 11, 12]
        assert [event.position for event in await turn.session()] == list(range(1, 13))


async def test_an_answer_is_found_by_its_message_id(store: Store) -> None:
    await play(store, "a", 1, "m")
    again = await play(store, "a", 2, "m")
    assert again.answered is not None
    assert again.answered.question == "q"
    assert again.answered.answer[0]["text"] == "réponse 1"
    assert (await play(store, "b", 3, "m")).answered is None


async def test_a_turn_that_is_left_stores_nothing(store: Store) -> None:
    async def fail() -> None:
        async with store.turn("a") as turn:
            await turn.known(None)
            raise ZeroDivisionError

    async with store.turn("a") as turn:
        await turn.known(None)
    with pytest.raises(ZeroDivisionError):
        await fail()
    assert (await play(store, "a", 1)).last_position == 0


async def test_a_conversation_that_changed_meanwhile_is_not_overwritten(store: Store) -> None:
    async def commit(stale: Known) -> None:
        async with store.turn("a") as turn:
            await turn.known(None)
            await turn.commit(record("a", stale, 2))

    await play(store, "a", 1)
    with pytest.raises(StorageError):
        await commit(Known(None, 0))
    with pytest.raises(Overtaken):
        await commit(Known(None, 7, 1))
    assert await texts(store, "a") == ["message 1"]


async def test_one_turn_s_failure_leaves_the_others(store: Store) -> None:
    async def fail() -> None:
        async with store.turn("a") as turn:
            known = await turn.known(None)
            await turn.commit(replace(record("a", known, 1), known=5))

    results = await asyncio.gather(fail(), *(play(store, f"o{number}", number) for number in range(20)), return_exceptions=True)
    assert isinstance(results[0], StorageError)
    assert all(isinstance(result, Known) for result in results[1:])
    assert await texts(store, "a") == []
    assert await texts(store, "o7") == ["message 7"]


async def test_many_turns_at_once_keep_the_order_of_each_conversation(store: Store) -> None:
    async def talk(sender: str) -> None:
        await asyncio.gather(*(play(store, sender, number) for number in range(10)))

    senders = [uuid.uuid4().hex for _ in range(20)]
    await asyncio.gather(*(talk(sender) for sender in senders))
    for sender in senders:
        assert await texts(store, sender) == [f"message {number}" for number in range(10)]


async def test_who_waits_too_long_for_a_conversation_is_told(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/x.sqlite3", wait=0.05)
    async with store.turn("a"):
        with pytest.raises(Busy):
            async with store.turn("a"):
                pass
    assert (await play(store, "a", 1)).last_position == 0
    await store.close()


async def test_more_turns_than_connections_wait_and_then_are_told(tmp_path: Path) -> None:
    with migrated("postgresql", tmp_path) as url:
        store = open_store(url, pool=2, wait=0.3)
        async with store.turn("a") as first, store.turn("b") as second:
            await first.known(None)
            await second.known(None)
            with pytest.raises(Busy):
                await play(store, "c", 1)
        await play(store, "c", 1)
        await store.close()


async def test_two_processes_have_a_conversation_in_turn(tmp_path: Path) -> None:
    with migrated("postgresql", tmp_path) as url:
        one, two = PostgresqlStore(url, 2, 0.5), PostgresqlStore(url, 2, 0.5)
        async with one.turn("a") as turn:
            known = await turn.known(None)
            with pytest.raises(Busy):
                await play(two, "a", 2)
            await play(two, "b", 3)
            waiting = asyncio.create_task(play(two, "a", 2))
            await turn.commit(record("a", known, 1))
        assert (await waiting).last_position == 2
        assert await texts(one, "a") == ["message 1", "message 2"]
        await one.close()
        await two.close()


async def test_a_second_process_may_not_have_the_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.sqlite3"
    store = open_store(url)
    with pytest.raises(DatabaseInUse):
        open_store(url)
    await store.close()
    await open_store(url).close()


async def test_postgresql_with_another_schema_is_refused(tmp_path: Path) -> None:
    with database("postgresql", tmp_path) as url:
        with pytest.raises(SchemaError):
            open_store(url)
        engine = connect(url)
        upgrade(engine, "0001")
        with pytest.raises(SchemaError) as error:
            open_store(url)
        assert error.value.found == "0001"
        engine.dispose()


async def test_the_events_of_the_latest_messages(store: Store) -> None:
    for number in range(1, 8):
        await play(store, "rest:a", number)
        await play(store, "rest:b", number)

    async def latest(messages: int) -> list[str | None]:
        found = await store.look(partial(conversations.latest, sender_id="rest:a", messages=messages))
        assert found[0] == next(event for event in found if isinstance(event, ev.UserUttered))
        assert [event.position for event in found] == list(range(found[0].position, 15))
        return [event.text for event in found if isinstance(event, ev.UserUttered)]

    assert await latest(2) == ["message 6", "message 7"]
    assert await latest(7) == await latest(40) == [f"message {number}" for number in range(1, 8)]
    assert await store.look(partial(conversations.latest, sender_id="rest:c", messages=2)) == []
