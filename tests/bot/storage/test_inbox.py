"""Activities that were acknowledged are answered once, whoever dies meanwhile."""

import asyncio
from pathlib import Path

import sqlalchemy as sa

from bot.storage import Store, inbox, open_store
from bot.storage.inbox import Received
from bot.storage.sqlite import SqliteStore
from tests.databases import migrated


def received(sender: str, number: int) -> Received:
    return Received(f"teams:{sender}", f"id-{number}", "teams", {"text": f"message {number}"}, {"serviceUrl": "https://x"})


async def add(store: Store, item: Received, at: float) -> bool:
    return await store.run(lambda connection: inbox.add(connection, item, at))


async def claim(store: Store, at: float, count: int = 10) -> list[str]:
    found = await store.run(lambda connection: inbox.claim(connection, "teams", at, lease=30, count=count))
    return [item.activity_id for item in found]


async def test_delivered_twice_is_received_once(store: Store) -> None:
    assert await add(store, received("a", 1), 1.0)
    assert not await add(store, received("a", 1), 2.0)
    assert await claim(store, 3.0) == ["id-1"]


async def test_one_conversation_s_activities_are_worked_on_one_after_the_other(store: Store) -> None:
    for number, sender in enumerate(("a", "a", "b"), 1):
        await add(store, received(sender, number), float(number))
    assert await claim(store, 10.0) == ["id-1", "id-3"]
    assert await claim(store, 10.0) == []
    await store.run(lambda connection: inbox.sent(connection, received("a", 1)))
    assert await claim(store, 10.0) == ["id-2"]


async def test_what_a_dead_worker_had_is_taken_again_with_its_answer(store: Store) -> None:
    await add(store, received("a", 1), 1.0)
    assert await claim(store, 2.0) == ["id-1"]
    await store.run(lambda connection: inbox.answered(connection, received("a", 1), [{"text": "réponse"}]))
    assert await claim(store, 31.0) == []
    (again,) = await store.run(lambda connection: inbox.claim(connection, "teams", 32.0, lease=30))
    assert (again.answer, again.attempts, again.activity) == ([{"text": "réponse"}], 1, {"text": "message 1"})


async def test_what_cannot_be_sent_is_put_off(store: Store) -> None:
    await add(store, received("a", 1), 1.0)
    await claim(store, 2.0)
    await store.run(lambda connection: inbox.put_off(connection, received("a", 1), 100.0))
    assert await claim(store, 99.0) == []
    assert await claim(store, 100.0) == ["id-1"]


async def test_what_was_sent_is_known_when_it_comes_again_and_holds_no_text(store: Store) -> None:
    await add(store, received("a", 1), 1.0)
    await store.run(lambda connection: inbox.sent(connection, received("a", 1)))
    assert not await add(store, received("a", 1), 50.0)
    assert await store.run(lambda connection: inbox.waiting(connection, "teams")) == 0
    rows = await store.run(lambda connection: connection.exec_driver_sql("SELECT activity, reference, answer FROM inbox").all())
    assert [tuple(row) for row in rows] == [("{}", "{}", None)]


async def test_workers_of_two_processes_never_take_the_same(tmp_path: Path) -> None:
    with migrated("postgresql", tmp_path) as url:
        stores = [open_store(url, pool=4), open_store(url, pool=4)]
        for number in range(40):
            await add(stores[0], received(f"s{number}", number), float(number))
        claims = await asyncio.gather(*(claim(stores[number % 2], 100.0, count=4) for number in range(20)))
        taken = [item for each in claims for item in each]
        assert len(set(taken)) == len(taken)
        while more := await claim(stores[0], 100.0):
            taken += more
        assert sorted(taken) == sorted(f"id-{number}" for number in range(40))
        for store in stores:
            await store.close()


async def test_looking_for_work_reads_none_of_what_was_sent(tmp_path: Path) -> None:
    store = SqliteStore(f"sqlite:///{tmp_path}/bma.sqlite3")
    asked: list[tuple[str, tuple[object, ...]]] = []

    @sa.event.listens_for(store.engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, values: tuple[object, ...], *_: object) -> None:
        asked.append((statement, values))

    await claim(store, 1.0)
    statement, values = next(item for item in asked if item[0].startswith("SELECT"))
    plan = await store.run(lambda connection: connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all())
    assert "USING INDEX inbox_to_do (channel=? AND status=? AND due_at<?)" in str(plan)
    await store.close()
