"""What a process remembers of the latest conversations: the same as what is stored, and never more than that."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot import events as ev
from bot.storage import Store, erasure, open_store, visit_store
from bot.storage.conversations import Overtaken
from bot.storage.postgresql import PostgresqlStore
from bot.storage.recent import LONGEST, MOST_CHARACTERS, MOST_IDS, Recent, RecentConversations
from bot.storage.records import Known
from bot.storage.retention import purge
from bot.storage.sqlite import SqliteStore
from tests.bot.storage.playing import play, record, texts
from tests.databases import migrated


def recent_of(store: Store) -> RecentConversations:
    assert isinstance(store, SqliteStore | PostgresqlStore)
    return store.recent


async def test_what_is_remembered_is_what_is_stored(store: Store) -> None:
    await play(store, "a", 1)
    async with store.turn("a") as turn:
        known = await turn.known(None)
        assert known.is_remembered
        await turn.commit(replace(record("a", known, 2), snapshot={"format": 1, "since": 3, "also": [2]}))
    async with store.turn("a") as turn:
        remembered = await turn.known(None)
    async with store.turn("a") as turn:
        read = await turn.known(None)
    assert (remembered.is_remembered, read.is_remembered) == (True, False)
    assert [event.position for event in read.events] == [2, 3, 4]
    assert replace(remembered, is_remembered=False) == read


async def test_a_turn_that_fails_leaves_nothing_to_remember(store: Store) -> None:
    await play(store, "a", 1)
    async with store.turn("a") as turn:
        known = await turn.known(None)
        with pytest.raises(Overtaken):
            await turn.commit(replace(record("a", known, 2), known=7))
    assert not (await play(store, "a", 3)).is_remembered
    assert await texts(store, "a") == ["message 1", "message 3"]


@pytest.mark.parametrize("is_new", [True, False])
async def test_a_message_is_answered_once(store: Store, is_new: bool) -> None:
    """Whether this process has had the whole conversation, or has read its beginning."""
    await play(store, "a", 1, "m")
    if not is_new:
        recent_of(store).clear()
    await play(store, "a", 2, "n")
    for message_id, number in (("m", 1), ("n", 2)):
        answered = (await play(store, "a", 3, message_id)).answered
        assert answered is not None
        assert answered.answer[0]["text"] == f"réponse {number}"
    assert await texts(store, "a") == ["message 1", "message 2"]


async def test_what_was_erased_is_not_remembered(store: Store) -> None:
    for sender in ("a", "b"):
        await play(store, sender, 1)
    async with store.turn("a"):
        await store.run(lambda connection: erasure.erase(connection, "a", "api", 0.0))
    await store.forget_deleted()
    assert recent_of(store).take("a") is None
    assert recent_of(store).take("b") is None


async def test_what_is_too_old_is_not_remembered(store: Store) -> None:
    await play(store, "a", 1, at=1.0)
    assert await purge(store, 1, 1e9, "cli") is not None
    assert (await play(store, "a", 2, at=1e9)).last_position == 0


async def test_another_process_of_postgresql_wrote_meanwhile(tmp_path: Path) -> None:
    with migrated("postgresql", tmp_path) as url:
        one, two = open_store(url, pool=2), open_store(url, pool=2)
        await play(one, "a", 1, "m")
        await play(two, "a", 2, "n")
        assert (await play(one, "a", 3, "n")).answered is not None
        known = await play(one, "a", 3)
        assert (known.is_remembered, known.last_position) == (False, 4)
        assert await texts(two, "a") == ["message 1", "message 2", "message 3"]
        await one.close()
        await two.close()


async def test_another_process_of_postgresql_erased_and_began_again(tmp_path: Path) -> None:
    """The conversation has as many events as before, and another text."""
    with migrated("postgresql", tmp_path) as url:
        one, two = open_store(url, pool=2), open_store(url, pool=2)
        await play(one, "a", 1)
        await two.run(lambda connection: erasure.erase(connection, "a", "cli", 0.0))
        await play(two, "a", 2)
        known = await play(one, "a", 3)
        assert [event.timestamp for event in known.events] == [2.0, 2.0]
        await one.close()
        await two.close()


async def test_a_command_that_erases_beside_a_server_overtakes_the_next_turn(tmp_path: Path) -> None:
    """`bot.agent` then asks again, and finds what is left."""
    url = f"sqlite:///{tmp_path}/x.sqlite3"
    server = open_store(url)
    await play(server, "a", 1)
    visit = visit_store(url)
    await visit.run(lambda connection: erasure.erase(connection, "a", "cli", 0.0))
    await visit.close()
    async with server.turn("a") as turn:
        known = await turn.known(None)
        assert known.is_remembered
        with pytest.raises(Overtaken):
            await turn.commit(record("a", known, 2))
        known = await turn.known(None)
        assert (known.is_remembered, known.last_position) == (False, 0)
        await turn.commit(record("a", known, 3))
    assert await texts(server, "a") == ["message 3"]
    await server.close()


async def test_a_purge_of_old_events_leaves_nothing_that_is_remembered(tmp_path: Path) -> None:
    with migrated("postgresql", tmp_path) as url:
        one, two = open_store(url, pool=2), open_store(url, pool=2)
        for number in (1, 200_000):
            await play(one, "a", number)
        assert await purge(two, 1, 200_000, "cli") is not None
        known = await play(one, "a", 200_001)
        assert [event.timestamp for event in known.events] == [200_000.0, 200_000.0]
        await one.close()
        await two.close()


def test_the_oldest_are_forgotten_first() -> None:
    recent = RecentConversations(most=2)
    for number, sender in enumerate("abca"):
        before = recent.take(sender) or Recent.read(Known(None))
        recent.put(before, record(sender, before.known, number))
    assert [recent.take(sender) is not None for sender in "abc"] == [True, False, True]


def test_none_is_kept_for_long() -> None:
    recent = RecentConversations()
    for sender, at in (("a", 0.0), ("b", LONGEST), ("c", LONGEST + 1)):
        recent.put(Recent.read(Known(None)), record(sender, Known(None), 1, at=at))
    assert [recent.take(sender) is not None for sender in "abc"] == [False, True, True]


def test_a_turn_that_had_to_read_more_than_it_found_is_not_remembered() -> None:
    recent = RecentConversations()
    found = Known(None, 10, 1, {"format": 1, "since": 9, "also": []}, conversation_events(9, 10))
    turn = replace(record("a", found, 1), snapshot={"format": 1, "since": 9, "also": [2]})
    recent.put(Recent.read(found), turn)
    assert recent.take("a") is None


def test_long_texts_are_not_remembered() -> None:
    """Ten of 5,000 characters are 3 MB, and anybody may write them."""
    recent = RecentConversations()
    for length, is_remembered in ((MOST_CHARACTERS, True), (MOST_CHARACTERS + 1, False)):
        turn = record("a", Known(None), 1)
        said = [replace(event, text="x" * length) if isinstance(event, ev.UserUttered) else event for event in turn.events]
        recent.put(Recent.read(Known(None)), replace(turn, events=said))
        assert (recent.take("a") is not None) is is_remembered


def test_of_a_conversation_without_end_the_database_is_asked() -> None:
    recent = RecentConversations()
    before = Recent.read(Known(None))
    for number in range(MOST_IDS + 1):
        assert not before.may_have_answered(f"{number}")
        recent.put(before, replace(record("a", Known(None), 1), message_id=f"{number}"))
        found = recent.take("a")
        assert found is not None
        before = Recent(Known(None), found.written, found.message_ids)
    assert before.message_ids is None
    assert before.may_have_answered("0")


def conversation_events(*positions: int) -> list[ev.Event]:
    return [event.recorded(position) for position in positions for event in record("a", Known(None), 1).events[:1]]
