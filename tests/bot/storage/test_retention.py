"""Texts go when their time is over, or when somebody asks; figures without texts stay."""

import asyncio
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.storage import StorageError, Store, corrections, erasure, feedback, inbox, open_store, retention, visit_store
from bot.storage.corrections import Confirmation, Proposal
from bot.storage.feedback import Feedback
from bot.storage.inbox import Received
from bot.storage.retention import DAY, Purged
from bot.storage.schema import metadata
from tests.bot.storage.playing import play, texts
from tests.databases import migrated
from tests.stored import latest_entries

NOW = 1_800_000_000.0
OLD = NOW - 31 * DAY
SECRET = "zygomatique-girafe"


async def rows(store: Store, statement: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await store.run(lambda connection: connection.execute(sa.text(statement)).all())]


async def everything(store: Store, sender: str, at: float) -> None:
    """A conversation that has something in every table."""
    await play(store, sender, 1, "m", at=at, review="doubt")
    given = Feedback(sender, "m", False, f"raison {SECRET}", at)
    await store.run(lambda connection: feedback.give(connection, given))
    item = Received(sender, f"id-{at}", "teams", {"text": SECRET}, {}, [{"text": SECRET}])
    await store.run(lambda connection: inbox.add(connection, item, at))
    await store.run(lambda connection: inbox.answered(connection, item, [{"text": SECRET}]))
    proposal = Proposal("intent", f"message 1 {SECRET}", "a", SECRET, "tess", sender, "m")
    await store.run(lambda connection: corrections.propose(connection, proposal, at))


async def all_texts(store: Store) -> str:
    """Every row of every table, as text."""
    return "\n".join([str(row) for table in metadata.tables for row in await rows(store, f"SELECT * FROM {table}")])


async def test_old_texts_go_and_daily_figures_stay(store: Store) -> None:
    await everything(store, "rest:old", OLD)
    await everything(store, "rest:new", NOW - DAY)
    assert await retention.purge(store, 30, NOW, "cli") == Purged(1, 0, 1)
    assert await texts(store, "rest:old") == []
    assert await texts(store, "rest:new") == ["message 1"]
    assert await rows(store, "SELECT * FROM daily") == [("2026-12-15", "rest", "a", "utter_a", 1, 0, 1)]
    assert "rest:old" not in await all_texts(store)
    entry = next(entry for entry in await store.run(lambda connection: latest_entries(connection, 5)) if entry.action == "purge")
    assert (entry.actor, entry.action, entry.details["conversations"]) == ("cli", "purge", 1)
    assert await retention.purge(store, 30, NOW, "cli") == Purged(0, 0, 0)


async def test_what_was_acknowledged_and_not_answered_stays_though_its_conversation_is_old(store: Store) -> None:
    await everything(store, "teams:a", OLD)
    item = Received("teams:a", "just now", "teams", {"text": "encore moi"}, {}, [])
    await store.run(lambda connection: inbox.add(connection, item, NOW - 1))
    assert (await retention.purge(store, 30, NOW, "server")) == Purged(1, 0, 1)
    assert await rows(store, "SELECT sender_id, activity_id, status FROM inbox") == [("teams:a", "just now", "received")]
    assert await texts(store, "teams:a") == []


async def test_a_conversation_that_goes_on_loses_its_old_texts(store: Store) -> None:
    await everything(store, "rest:a", OLD)
    await play(store, "rest:a", 2, at=NOW)
    assert await retention.purge(store, 30, NOW, "server") == Purged(0, 1, 3)
    left = await rows(store, "SELECT data FROM events")
    assert len(left) == 2
    assert "message 1" not in await all_texts(store)
    assert SECRET not in await all_texts(store)
    known = await play(store, "rest:a", 3, at=NOW)
    assert [event.position for event in known.events] == [3, 4]
    assert (await rows(store, "SELECT answers, unhelpful FROM daily")) == [(1, 1)]


async def test_a_late_opinion_does_not_keep_the_question(store: Store) -> None:
    await play(store, "rest:a", 1, "m", at=OLD)
    given = Feedback("rest:a", "m", False, "pas clair", NOW - DAY)
    await store.run(lambda connection: feedback.give(connection, given))
    await play(store, "rest:a", 2, at=NOW)
    await retention.purge(store, 30, NOW, "server")
    assert "message 1" not in await all_texts(store)
    assert "pas clair" not in await all_texts(store)
    assert await rows(store, "SELECT answers, unhelpful FROM daily") == [(1, 1)]


async def test_a_correction_goes_in_its_time_unless_it_was_confirmed(store: Store) -> None:
    await play(store, "rest:a", 1, "m", at=NOW)
    numbers = []
    for text in ("proposée", "rejetée", "confirmée", "récente"):
        proposal = Proposal("intent", text, "a", None, "tess")
        at = NOW if text == "récente" else OLD
        numbers.append(await store.run(lambda connection, item=proposal, at=at: corrections.propose(connection, item, at)))
    _, second, third, _ = (number or 0 for number in numbers)
    await store.run(lambda connection: corrections.reject(connection, second, "edith", OLD))
    made = Confirmation("confirmée", "a", "training", "edith")
    assert await store.run(lambda connection: corrections.confirm(connection, third, made, OLD, lambda *_: True))
    assert await retention.purge(store, 30, NOW, "server") == Purged(0, 0, 2)
    assert {row[0] for row in await rows(store, "SELECT text FROM corrections")} == {"confirmée", "récente"}


async def test_more_than_one_batch_goes(store: Store) -> None:
    def work(connection: Connection) -> None:
        for number in range(2 * retention.BATCH + 1):
            inbox.add(connection, Received("teams:a", f"id-{number}", "teams", {}, {}), OLD)

    await store.run(work)
    assert await retention.purge(store, 30, NOW, "server") == Purged(0, 0, 2 * retention.BATCH + 1)
    assert await rows(store, "SELECT count(*) FROM inbox") == [(0,)]


async def test_figures_of_one_day_add_up(store: Store) -> None:
    for number in range(3):
        await play(store, f"rest:{number}", number, at=OLD)
    await retention.purge(store, 30, NOW, "server")
    await play(store, "teams:x", 4, at=OLD)
    await play(store, "rest:y", 5, at=OLD)
    await retention.purge(store, 30, NOW, "server")
    figures = await rows(store, "SELECT channel, answers FROM daily ORDER BY channel")
    assert figures == [("rest", 4), ("teams", 1)]


async def test_a_conversation_is_exported_and_erased_whole(store: Store) -> None:
    await everything(store, "rest:a", NOW)
    await everything(store, "rest:b", NOW)
    found = await store.run(lambda connection: erasure.export(connection, "rest:a", "api", NOW))
    assert set(found) == {"conversations", "events", "answers", "inbox", "feedback", "review_queue", "corrections"}
    assert SECRET in str(found)
    assert await store.run(lambda connection: erasure.erase(connection, "rest:a", "api", NOW))
    assert not await store.run(lambda connection: erasure.erase(connection, "rest:a", "api", NOW))
    assert await store.run(lambda connection: erasure.export(connection, "rest:a", "api", NOW)) == {}
    assert "rest:a" not in await all_texts(store)
    assert await texts(store, "rest:b") == ["message 1"]
    entries = await store.run(lambda connection: latest_entries(connection, 5))
    assert [entry.action for entry in entries][:2] == ["erase", "export"]


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.glob("bma.sqlite3*")))


async def test_no_byte_of_an_erased_text_is_left_in_the_file_or_its_log(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/bma.sqlite3")
    for number in range(50):
        await everything(store, f"rest:{number}", NOW)
    before = bytes_of(tmp_path)
    assert SECRET.encode() in before
    assert b"message 1" in before
    for number in range(50):
        await store.run(lambda connection, number=number: erasure.erase(connection, f"rest:{number}", "api", NOW))
    await store.forget_deleted()
    after = bytes_of(tmp_path)
    assert SECRET.encode() not in after
    assert b"message 1" not in after
    assert "réponse".encode() not in after
    assert b"rest:7" not in after
    await store.close()


async def test_turns_go_on_while_a_backup_keeps_the_log_from_being_emptied(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/bma.sqlite3", wait=1.0)
    await everything(store, "rest:a", NOW)
    backup = sqlite3.connect(tmp_path / "bma.sqlite3", isolation_level=None)
    backup.execute("BEGIN")
    backup.execute("SELECT COUNT(*) FROM events").fetchone()
    await store.run(lambda connection: erasure.erase(connection, "rest:a", "api", NOW))
    forgetting = asyncio.create_task(store.forget_deleted())
    for number in range(5):
        began = time.perf_counter()
        await play(store, "rest:b", number + 1, at=NOW)
        assert time.perf_counter() - began < 0.5
    assert not forgetting.done()
    backup.execute("COMMIT")
    await forgetting
    assert SECRET.encode() not in bytes_of(tmp_path)
    backup.execute("BEGIN")
    backup.execute("SELECT COUNT(*) FROM events").fetchone()
    await play(store, "rest:b", 6, at=NOW)
    with pytest.raises(StorageError, match="could not be emptied"):
        await store.forget_deleted()
    backup.close()
    await store.close()


async def test_no_byte_of_a_purged_text_is_left_though_a_command_did_it_beside_the_server(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bma.sqlite3"
    server = open_store(url)
    await everything(server, "rest:a", OLD)
    visitor = visit_store(url)
    await retention.purge(visitor, 30, NOW, "cli")
    await visitor.close()
    await play(server, "rest:b", 2, at=NOW)
    found = bytes_of(tmp_path)
    assert SECRET.encode() not in found
    assert b"message 1" not in found
    assert b"message 2" in found
    await server.close()


async def test_one_process_purges_at_a_time(tmp_path: Path) -> None:
    with migrated("postgresql", tmp_path) as url:
        one, two = open_store(url, pool=2), open_store(url, pool=2)
        await play(one, "rest:old", 1, at=OLD)
        held, release = asyncio.Event(), asyncio.Event()

        async def hold() -> None:
            connection = await two._engine.connect()  # type: ignore[attr-defined]
            await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(retention.PURGE_LOCK)))
            held.set()
            await release.wait()
            await connection.rollback()
            await connection.close()

        holding = asyncio.create_task(hold())
        await held.wait()
        assert await retention.purge(one, 30, NOW, "server") is None
        release.set()
        await holding
        assert await retention.purge(one, 30, NOW, "server") == Purged(1, 0, 0)
        await one.close()
        await two.close()
