"""Turns in a real SQLite file and a real PostgreSQL."""

import asyncio
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import events as ev
from bot.storage.database import StorageError, connect, upgrade
from bot.storage.turns import TurnRecord, TurnStore
from tests.databases import KINDS, database


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TurnStore]:
    with database(request.param, tmp_path / "sous/dossier") as url:
        if request.param == "postgresql":
            upgrade(connect(url))
        found = TurnStore(url)
        yield found
        found.close()


def turn(sender: str, number: int, *, first: bool = False, message_id: str | None = None) -> TurnRecord:
    said = [ev.UserUttered(text=f"message {number}", timestamp=float(number), parse_data={"intent": {"name": "a"}})]
    opening = [ev.ActionExecuted(name="action_session_start"), ev.SessionStarted(), ev.ActionExecuted(name="action_listen")]
    events = [*(opening if first else []), *said, ev.SlotSet(name="s", value=number)]
    answer = [{"text": f"réponse {number}"}]
    return TurnRecord(sender, events, float(number), message_id, "q", answer, is_first=first)


def texts(events: list[ev.Event]) -> list[str | None]:
    return [event.text for event in events if isinstance(event, ev.UserUttered)]


async def test_what_was_committed_is_loaded(store: TurnStore) -> None:
    await store.commit(turn("a", 1, first=True))
    await store.commit(turn("a", 2))
    await store.commit(turn("b", 3, first=True))
    assert texts(await store.load("a")) == ["message 1", "message 2"]
    assert texts(await store.load("c")) == []


async def test_only_the_current_session_is_loaded(store: TurnStore) -> None:
    await store.commit(turn("a", 1, first=True))
    second = turn("a", 2, first=True)
    await store.commit(TurnRecord("a", second.events, 2.0))
    assert texts(await store.load("a")) == ["message 2"]
    assert texts(await store.load("a", whole=True)) == ["message 1", "message 2"]
    names = [event.type_name for event in await store.load("a")]
    assert names[:3] == ["action", "session_started", "action"]


async def test_memory_and_database_say_the_same(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.sqlite3"
    store = TurnStore(url)
    await store.commit(turn("a", 1, first=True))
    await store.commit(turn("a", 2))
    remembered = await store.load("a")
    store.close()
    again = TurnStore(url)
    assert await again.load("a") == remembered
    again.close()


async def test_an_answer_is_found_by_its_message_id(store: TurnStore) -> None:
    await store.commit(turn("a", 1, first=True, message_id="m"))
    found = await store.answered("a", "m")
    assert found is not None
    assert (found.question, found.answer) == ("q", [{"text": "réponse 1"}])
    assert await store.answered("b", "m") is None


async def test_erasing_leaves_the_others(store: TurnStore) -> None:
    await store.commit(turn("a", 1, first=True, message_id="m"))
    await store.commit(turn("b", 2, first=True))
    assert await store.erase("a")
    assert not await store.erase("a")
    assert await store.load("a") == []
    assert await store.answered("a", "m") is None
    assert texts(await store.load("b")) == ["message 2"]


async def test_a_turn_that_fails_leaves_the_turns_committed_with_it(store: TurnStore) -> None:
    await store.commit(turn("a", 1, first=True, message_id="m"))
    again = store.commit(turn("a", 2, message_id="m"))
    others = [store.commit(turn(f"o{number}", number, first=True)) for number in range(20)]
    results = await asyncio.gather(again, *others, return_exceptions=True)
    assert isinstance(results[0], StorageError)
    assert results[1:] == [None] * 20
    assert texts(await store.load("a", whole=True)) == ["message 1"]
    assert texts(await store.load("o7", whole=True)) == ["message 7"]


async def test_many_turns_at_once_keep_the_order_of_each_conversation(store: TurnStore) -> None:
    async def talk(sender: str) -> None:
        for number in range(10):
            await store.commit(turn(sender, number, first=number == 0))

    senders = [uuid.uuid4().hex for _ in range(20)]
    await asyncio.gather(*(talk(sender) for sender in senders))
    for sender in senders:
        assert texts(await store.load(sender, whole=True)) == [f"message {number}" for number in range(10)]
