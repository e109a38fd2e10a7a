"""What goes into the inbox, and work on it that cannot be done."""

import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from api.channels.teams.activities import Question, read_activity
from api.channels.teams.reception import CHANNEL, receive
from api.channels.teams.worker import GIVEN_UP_AFTER, LEASE, LONGEST_PAUSE, Workers
from api.runners import InProcessRunner
from bot.agent import Agent
from bot.identity import Secret
from bot.storage import Store, erasure, inbox, open_store
from bot.storage.inbox import Received
from bot.training import archive
from tests.api.channels.teams import wire
from tests.api.channels.teams.microsoft import Microsoft
from tests.trained import model_path

NOW = 1_800_000_000.0
SENDER = "teams:a"
BROKEN = Received(SENDER, "id-1", CHANNEL, {"kind": "question", "message_id": "id-1", "text": "girafe"}, {"serviceUrl": 7})


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    found = open_store(f"sqlite:///{tmp_path}/bma.sqlite3")
    yield found
    await found.close()


def workers(store: Store) -> Workers:
    agent: Any = SimpleNamespace(store=store, clock=lambda: NOW, secret=Secret(b"s" * 32))
    connector: Any = None  # nothing gets that far
    return Workers(agent, connector, 1, 1000)


async def row(store: Store) -> tuple[Any, ...]:
    query = sa.text("SELECT status, due_at, activity FROM inbox WHERE activity_id = 'id-1'")
    return tuple(await store.run(lambda connection: connection.execute(query).one()))


async def claimed(store: Store, attempts: int) -> Received:
    def work(connection: sa.engine.Connection) -> Received:
        inbox.add(connection, BROKEN, NOW)
        connection.execute(sa.text("UPDATE inbox SET attempts = :attempts"), {"attempts": attempts})
        (found,) = inbox.claim(connection, CHANNEL, NOW, LEASE)
        return found

    return await store.run(work)


async def test_what_fails_in_an_unforeseen_way_is_tried_more_and_more_seldom(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    received = await claimed(store, 20)
    with caplog.at_level(logging.WARNING):
        await workers(store)._work(received)
    status, due_at, _ = await row(store)
    assert status == "received"
    assert NOW + LEASE < due_at <= NOW + LONGEST_PAUSE
    assert "error at an activity: ValidationError" in caplog.text
    assert "girafe" not in caplog.text


async def test_and_given_up_in_the_end(store: Store) -> None:
    await workers(store)._work(await claimed(store, GIVEN_UP_AFTER))
    status, _, activity = await row(store)
    assert (status, activity) == ("sent", "{}")


async def test_an_erasure_during_the_delivery_leaves_nothing(store: Store) -> None:
    received = await claimed(store, 0)
    await store.run(lambda connection: erasure.erase(connection, SENDER, "user", NOW))
    await workers(store)._note(received, "answer-id", [])
    assert await store.run(lambda connection: erasure.export(connection, SENDER, "api", NOW)) == {}


async def test_a_payload_of_the_model_is_kept_as_it_was_written(store: Store) -> None:
    payload = '/definition_bma{"numero_fase":"95000"}'
    model = replace(archive.read(model_path()), payloads=frozenset({payload}))
    agent = Agent(model, store, InProcessRunner(), Secret(b"k" * 32), lambda: NOW)
    activity = read_activity(json.dumps(wire.click(Microsoft(None), {"data": {"payload": payload}}, "1")).encode())  # type: ignore[arg-type]
    assert await receive(activity, Question(payload), agent, 1000)
    (found,) = await store.run(lambda connection: inbox.claim(connection, CHANNEL, NOW, LEASE))
    assert isinstance(agent.read(found.activity["text"], trusted=False), dict), "the turn knows it for a payload too"
