"""Jobs: one at a time on all hosts, followed, finished, and taken over from who died."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import sqlalchemy as sa

from bot.storage import Store, jobs
from bot.storage.jobs import KEPT, LEASE, Job
from bot.storage.schema import jobs as table


def begin(store: Store, at: float = 10.0, kind: jobs.Kind = "train") -> Any:
    return store.run(lambda connection: jobs.start(connection, kind, "anne", {"candidate": "m1"}, at))


async def look(store: Store, job_id: int, at: float = 10.0) -> Job:
    found = await store.run(lambda connection: jobs.find(connection, job_id, at))
    assert found is not None
    return found


def running(at: float) -> Callable[[sa.Connection], Job | None]:
    return lambda connection: jobs.running(connection, at)


async def test_a_job_is_started_followed_and_finished(store: Store) -> None:
    job_id = await begin(store)
    assert await store.run(lambda connection: jobs.progress(connection, job_id, "asking", 3, 8, 12.0))
    found = await look(store, job_id, 12.0)
    assert (found.status, found.step, found.done, found.total, found.heartbeat_at) == ("running", "asking", 3, 8, 12.0)
    assert (found.kind, found.author, found.parameters, found.created_at) == ("train", "anne", {"candidate": "m1"}, 10.0)
    assert await store.run(running(12.0)) == found
    assert await store.run(lambda connection: jobs.finish(connection, job_id, {"model": "modèle"}, 20.0, {"passed": True}))
    found = await look(store, job_id, 1000.0)
    assert (found.status, found.error, found.finished_at) == ("done", None, 20.0)
    assert found.parameters == {"candidate": "m1", "passed": True}
    assert await store.run(lambda connection: jobs.result(connection, job_id)) == {"model": "modèle"}
    assert await store.run(running(20.0)) is None


async def test_one_at_a_time_however_many_ask(store: Store) -> None:
    started = await asyncio.gather(*(begin(store) for _ in range(6)))
    assert sum(item is not None for item in started) == 1
    (first,) = [item for item in started if item is not None]
    assert await begin(store, kind="prove") is None
    assert await store.run(lambda connection: jobs.fail(connection, first, "worker_died", 11.0, {"reference": "abc"}))
    assert await begin(store, kind="prove") is not None


async def test_a_failure_has_its_reason_and_reference(store: Store) -> None:
    job_id = await begin(store)
    await store.run(lambda connection: jobs.fail(connection, job_id, "worker_died", 11.0, {"reference": "abc"}))
    found = await look(store, job_id)
    assert (found.status, found.error) == ("failed", "worker_died")
    assert await store.run(lambda connection: jobs.result(connection, job_id)) == {"reference": "abc"}


async def test_a_job_without_heartbeat_is_interrupted_for_whoever_looks(store: Store) -> None:
    job_id = await begin(store)
    assert (await look(store, job_id, 10.0 + LEASE)).status == "running"
    late = 10.5 + LEASE
    assert (await look(store, job_id, late)).status == "interrupted"
    assert await store.run(running(late)) is None
    found = await store.run(lambda connection: jobs.latest(connection, "train", late))
    assert found is not None
    assert (found.status, found.error, found.finished_at) == ("interrupted", "interrupted", 10.0)


async def test_its_slot_is_taken_and_the_lost_worker_is_told_to_stop(store: Store) -> None:
    lost = await begin(store)
    next_one = await begin(store, 10.5 + LEASE)
    assert next_one is not None
    assert not await store.run(lambda connection: jobs.progress(connection, lost, "asking", 1, 2, 41.0))
    assert not await store.run(lambda connection: jobs.finish(connection, lost, {}, 41.0))
    assert (await look(store, lost, 41.0)).status == "interrupted"
    assert (await look(store, next_one, 41.0)).status == "running"


async def test_a_beat_keeps_it_alive(store: Store) -> None:
    job_id = await begin(store)
    await store.run(lambda connection: jobs.progress(connection, job_id, "", 0, 0, 35.0))
    assert await begin(store, 12.0 + LEASE) is None


async def test_a_server_that_stops_interrupts_its_job(store: Store) -> None:
    job_id = await begin(store)
    assert await store.run(lambda connection: jobs.interrupt(connection, job_id, 12.0))
    assert not await store.run(lambda connection: jobs.interrupt(connection, job_id, 13.0))
    found = await look(store, job_id)
    assert (found.status, found.error, found.finished_at) == ("interrupted", "interrupted", 12.0)
    assert await begin(store) is not None


async def test_the_latest_of_a_kind_and_status(store: Store) -> None:
    first = await begin(store, 10.0)
    await store.run(lambda connection: jobs.finish(connection, first, {}, 11.0))
    second = await begin(store, 12.0)
    await store.run(lambda connection: jobs.fail(connection, second, "project", 13.0))
    proof = await begin(store, 14.0, "prove")

    async def latest(*more: Any) -> int | None:
        found = await store.run(lambda connection: jobs.latest(connection, *more))
        return found.id if found is not None else None

    assert await latest("train", 20.0) == second
    assert await latest("train", 20.0, "done") == first
    assert await latest("prove", 20.0) == proof
    assert await latest("prove", 20.0, "done") is None
    assert [job.id for job in await store.run(lambda connection: jobs.recent(connection, 9, 20.0))] == [proof, second, first]
    assert [job.id for job in await store.run(lambda connection: jobs.recent(connection, 9, 20.0, "train"))] == [second, first]


async def test_only_the_last_ones_are_kept(store: Store) -> None:
    last = 0
    for number in range(KEPT + 5):
        last = await begin(store, float(number))
        await store.run(partial(jobs.finish, job_id=last, result={}, at=float(number)))
    kept = await store.run(lambda connection: connection.execute(sa.select(table.c.id)).scalars().all())
    assert len(kept) == KEPT
    assert max(kept) == last
