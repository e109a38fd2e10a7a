"""A rehearsal: a database that the first release wrote is upgraded, goes on, can be exported and erased, and goes back."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from api.runners import InProcessRunner
from bot import events as ev
from bot.agent import Agent, Message, MessageIdReused
from bot.identity import ConversationKey, Secret
from bot.storage import database as db
from bot.storage import open_store, retention
from bot.training import archive
from tests.databases import KINDS, database
from tests.e2e.processes import URL, Server
from tests.trained import ROOT, model_path

pytestmark = pytest.mark.slow
DUMP = ROOT / "tests/data/first_release.sql"
KEY = "cle de la premiere version, 32 c"
SENDERS = ("secretariat", "mode-en-cours", "demande-en-cours", "demande", "plusieurs", "recommence", "hors-sujet")
TABLES = {"conversations": 7, "answers": 16, "events": 174}
"""Rows of the dump."""
LAST = 1_790_000_400.0
"""Seconds since 1970, just after its last message."""


def key(sender: str) -> ConversationKey:
    return Secret(KEY.encode()).conversation("rest", sender)


@pytest.fixture(params=KINDS)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database as the first release left it."""
    script = DUMP.read_text(encoding="utf-8")
    with database(request.param, tmp_path) as url:
        if request.param == "sqlite":
            with sqlite3.connect(tmp_path / "bma.sqlite3") as file:
                file.executescript(script)
            file.close()
        else:
            _fill(url, script)
        yield url


def _fill(url: str, script: str) -> None:
    """The dump's rows in PostgreSQL, in the tables of the first release."""
    memory = sqlite3.connect(":memory:")
    memory.executescript(script)
    memory.row_factory = sqlite3.Row
    engine = db.connect(url)
    db.upgrade(engine, db.FIRST)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE alembic_version"))
        for table in TABLES:
            _copy(memory, connection, table)
        connection.execute(sa.text("SELECT setval(pg_get_serial_sequence('events', 'id'), (SELECT max(id) FROM events))"))
    engine.dispose()


def _copy(memory: sqlite3.Connection, connection: sa.Connection, table: str) -> None:
    rows = [dict(row) for row in memory.execute(f"SELECT * FROM {table}")]
    names = ", ".join(rows[0])
    values = ", ".join(f":{name}" for name in rows[0])
    connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({values})"), rows)


def bma(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {"PYTHONPATH": str(ROOT), "BMA_DATABASE_URL": url, "BMA_SECRET_KEY": KEY, "PATH": ""}
    command = [sys.executable, "-m", "api.cli.main", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False)


def rows(url: str) -> dict[str, int]:
    engine = db.connect(url)
    with engine.connect() as connection:
        found = {table: int(connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()) for table in TABLES}
    engine.dispose()
    return found


@asynccontextmanager
async def agent(url: str) -> AsyncIterator[Agent]:
    """The assistant of today on an upgraded database, a minute after its last message."""
    store = open_store(url)
    try:
        yield Agent(archive.read(model_path()), store, InProcessRunner(), Secret(KEY.encode()), lambda: LAST + 60)
    finally:
        await store.close()


async def say(agent: Agent, sender: str, text: str, message_id: str | None = None) -> list[str]:
    reply = await agent.handle(Message(key(sender), text, message_id=message_id))
    return [str(item.get("metadata", {}).get("utter_action")) for item in reply.messages]


async def test_the_command_upgrades_it_and_conversations_go_on(old: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BMA_PROJECT_DIR", str(ROOT))
    assert rows(old) == TABLES
    done = bma(old, "db", "current")
    assert done.returncode == 1
    assert "0001" in done.stdout
    done = bma(old, "db", "upgrade")
    assert done.returncode == 0, done.stderr
    assert f"0001 → {db.HEAD}" in done.stdout
    assert bma(old, "db", "current").returncode == 0
    assert rows(old) == TABLES, "nothing is lost"
    async with agent(old) as today:
        assert await say(today, "mode-en-cours", "oui") == ["utter_mot_de_passe_mode"], "the form's question stood"
        assert await say(today, "demande-en-cours", "ec005464@adm.cfwb.be") == ["utter_ask_probleme"]
        for text in ("bonjour", "j'ai perdu le mot de passe de la boîte", "/mot_de_passe_mode", "merci"):
            await say(today, "nouveau", text)
        assert await say(today, "secretariat", "pourquoi ?") == await say(today, "nouveau", "pourquoi ?"), "the topic is known"
        tracker = await today.tracker(key("secretariat"))
        assert tracker is not None
        said = [event.text for event in tracker.events if isinstance(event, ev.UserUttered)]
        assert said[:2] == ["bonjour", "j'ai perdu le mot de passe de la boîte"]
        assert len(said) == 5


async def test_a_message_that_was_answered_before_the_upgrade_is_answered_once(old: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BMA_PROJECT_DIR", str(ROOT))
    assert bma(old, "db", "upgrade").returncode == 0
    async with agent(old) as today:
        first = Message(key("secretariat"), "bonjour", message_id="secretariat-0")
        reply = await today.handle(first)
        assert reply.repeated
        assert reply.messages[0]["metadata"] == {"utter_action": "utter_salutation"}
        with pytest.raises(MessageIdReused):
            await today.handle(Message(key("secretariat"), "merci", message_id="secretariat-0"))
    assert rows(old) == TABLES


async def test_old_conversations_are_exported_erased_and_purged(old: str) -> None:
    assert bma(old, "db", "upgrade").returncode == 0
    async with agent(old) as today:
        found = await today.export(key("plusieurs"), "test")
        assert [len(found[table]) for table in ("conversations", "answers")] == [1, 3]
        assert "[téléphone]" in json.dumps(found, ensure_ascii=False)
        assert "0475" not in json.dumps(found)
        assert await today.erase(key("plusieurs"), "test")
        assert await today.export(key("plusieurs"), "test") == {}
        assert await today.tracker(key("demande")) is not None, "another's is left"
        done = await retention.purge(today.store, 30, LAST + 40 * 86_400, "test")
        assert done is not None
        assert done.conversations == 6
        days = await today.store.run(lambda connection: connection.execute(sa.text("SELECT sum(answers) FROM daily")).scalar())
        assert int(days) == 13, "figures stay"
    assert rows(old) == dict.fromkeys(TABLES, 0)


def test_a_real_server_serves_it(old: str, tmp_path: Path) -> None:
    if not db.is_embedded(old):
        refused = bma(old, "run")
        assert refused.returncode == 2
        assert "bma db upgrade" in refused.stderr
        assert bma(old, "db", "upgrade").returncode == 0
    server = Server(old, tmp_path, {"BMA_SECRET_KEY": KEY, "BMA_RETENTION_DAYS": "36500"})
    try:
        server.start()
        server.wait()
        headers = {"Authorization": "Bearer jeton-de-test"}
        with httpx.Client(base_url=server.url, trust_env=False, timeout=30, headers=headers) as client:
            for sender in SENDERS:
                exported = client.get(f"/conversations/{sender}")
                assert exported.status_code == 200, sender
                message: dict[str, Any] = {"sender": sender, "message": "c'est quoi une BMA ?"}
                assert client.post(URL, json=message).json()[0]["metadata"] == {"utter_action": "utter_definition_bma"}
                assert client.delete(f"/conversations/{sender}").status_code == 204
                assert client.get(f"/conversations/{sender}").status_code == 404
    finally:
        server.stop()
    assert rows(old) == dict.fromkeys(TABLES, 0)


def test_it_goes_back_when_the_operator_is_sure(old: str) -> None:
    assert bma(old, "db", "upgrade").returncode == 0
    for wrong in (db.HEAD, "0000", "0001x"):
        done = bma(old, "db", "downgrade", wrong, "--yes")
        assert done.returncode == 2
        assert "0001" in done.stderr
    done = bma(old, "db", "downgrade", "0001")
    assert done.returncode == 1
    assert "--yes" in done.stderr
    assert bma(old, "db", "current").returncode == 0, "nothing was done"
    done = bma(old, "db", "downgrade", "0001", "--yes")
    assert done.returncode == 0, done.stderr
    assert f"{db.HEAD} → 0001" in done.stdout
    assert "0001" in bma(old, "db", "current").stdout
    assert rows(old) == TABLES
