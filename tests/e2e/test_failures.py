"""Databases and action servers that fail: a French sentence, 503 with Retry-After, the human contact; then all goes on."""

import resource
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from bot.storage import StorageError, Store, open_store
from bot.storage.database import check_writing, connect, upgrade
from bot.storage.errors import failure
from tests.bot.storage.playing import play, texts
from tests.databases import database, migrated
from tests.e2e.processes import URL, Server
from tests.e2e.proxy import Proxy, proxy
from tests.servers import free_port, running

pytestmark = pytest.mark.slow
QUICK = {"BMA_DATABASE_WAIT": "0.5", "BMA_DATABASE_POOL": "2"}


@contextmanager
def serving(url: str, folder: Path, **env: str) -> Iterator[Server]:
    server = Server(url, folder, QUICK | env)
    try:
        server.start()
        server.wait("/health/live")
        yield server
    finally:
        server.stop()


def ask(server: Server, sender: str | None = None, message: str = "quelle capacité ?", message_id: str = "m") -> httpx.Response:
    body = {"sender": sender or str(uuid.uuid4()), "message": message, "metadata": {"message_id": message_id}}
    return httpx.post(server.url + URL, json=body, trust_env=False, timeout=30)


def ready(server: Server) -> tuple[int, str]:
    response = httpx.get(server.url + "/health/ready", trust_env=False, timeout=30)
    return response.status_code, response.json()["database"]


def assert_apology(response: httpx.Response, reason: str) -> None:
    assert response.status_code == 503, response.text
    assert int(response.headers["Retry-After"]) > 0
    error = response.json()
    assert error["reason"] == reason
    assert "support@etnic.be" in error["message"]
    assert "+32 (0)2/800.10.10" in error["message"]
    assert "Traceback" not in response.text


def until(condition: Callable[[], Any], seconds: float = 20) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not recover"


@contextmanager
def behind_proxy(folder: Path) -> Iterator[tuple[str, Proxy]]:
    with migrated("postgresql", folder) as url, proxy(("127.0.0.1", 5432)) as wire:
        yield sa.make_url(url).set(host="127.0.0.1", port=wire.port).render_as_string(hide_password=False), wire


def test_postgresql_goes_away_and_comes_back(tmp_path: Path) -> None:
    with behind_proxy(tmp_path) as (url, wire), serving(url, tmp_path) as server:
        sender = str(uuid.uuid4())
        assert ask(server, sender).status_code == 200
        wire.cut()
        assert_apology(ask(server, sender, message_id="n"), "storage")
        assert ready(server) == (503, "unreachable")
        wire.open()
        answer = ask(server, sender, message_id="n")
        assert answer.status_code == 200
        assert answer.json() == ask(server, sender, message_id="n").json()
        assert ready(server) == (200, "ok")


def test_lost_connections_cost_nobody_an_answer(tmp_path: Path) -> None:
    with behind_proxy(tmp_path) as (url, wire), serving(url, tmp_path) as server:
        assert ask(server).status_code == 200
        wire.cut()
        wire.open()
        assert ask(server).status_code == 200


def test_postgresql_does_not_answer(tmp_path: Path) -> None:
    with behind_proxy(tmp_path) as (url, wire), serving(url, tmp_path) as server:
        assert ask(server).status_code == 200
        wire.hold()
        began = time.monotonic()
        assert_apology(ask(server), "storage")
        assert time.monotonic() - began < 15
        assert ready(server)[0] == 503
        assert httpx.get(server.url + "/health/live", trust_env=False).status_code == 200
        wire.flow()
        until(lambda: ready(server) == (200, "ok"))
        assert ask(server).status_code == 200


def test_the_server_starts_before_its_database(tmp_path: Path) -> None:
    with behind_proxy(tmp_path) as (url, wire):
        wire.cut()
        with serving(url, tmp_path) as server:
            assert ready(server) == (503, "unreachable")
            assert_apology(ask(server), "storage")
            wire.open()
            assert ask(server).status_code == 200
            assert ready(server) == (200, "ok")


def test_a_conversation_that_another_process_keeps_and_a_pool_that_is_used_up(tmp_path: Path) -> None:
    with migrated("postgresql", tmp_path) as url, serving(url, tmp_path) as server:
        sender = str(uuid.uuid4())
        assert ask(server, sender).status_code == 200
        engine = connect(url)
        with engine.connect() as other:
            other.execute(sa.text("SELECT * FROM conversations FOR UPDATE"))
            assert_apology(ask(server, sender, message_id="n"), "busy")
            other.rollback()
            other.execute(sa.text("LOCK TABLE conversations IN ACCESS EXCLUSIVE MODE"))
            assert_apology(ask(server), "busy")
            other.rollback()
        assert ask(server, sender, message_id="n").status_code == 200
        engine.dispose()


def test_postgresql_refuses_to_write(tmp_path: Path) -> None:
    with database("postgresql", tmp_path) as url:
        engine = connect(url)
        upgrade(engine)
        name = str(sa.make_url(url).database)
        with serving(url, tmp_path) as server:
            assert ask(server).status_code == 200

            def read_only(value: str) -> None:
                with engine.begin() as connection:
                    connection.execute(sa.text("SET TRANSACTION READ WRITE"))
                    connection.execute(sa.text(f"ALTER DATABASE {name} SET default_transaction_read_only = {value}"))
                    kill = (
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name AND pid <> pg_backend_pid()"
                    )
                    connection.execute(sa.text(kill), {"name": name})

            read_only("on")
            assert_apology(ask(server), "storage")
            assert ready(server) == (503, "read_only")
            read_only("off")
            assert ask(server).status_code == 200
            assert ready(server) == (200, "ok")
        engine.dispose()


def test_a_disk_that_refuses_to_be_written(tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path}/bma.sqlite3", tmp_path) as server:
        sender = str(uuid.uuid4())
        assert ask(server, sender).status_code == 200
        assert server.process is not None
        _, most = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        assert_apology(ask(server, sender, message_id="n"), "storage")
        status, why = ready(server)
        assert (status, why in ("disk", "full")) == (503, True)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (most, most))
        assert ready(server) == (200, "ok")
        assert ask(server, sender, message_id="n").status_code == 200
        tracker = httpx.get(f"{server.url}/conversations/{sender}/tracker?token=jeton-de-test", trust_env=False).json()
        assert sum(event["event"] == "user" for event in tracker["events"]) == 2


async def first_failure(store: Store) -> tuple[int, StorageError]:
    """Write until it fails: the message that failed, and why."""
    for number in range(2, 60):
        try:
            await play(store, "a", number)
        except StorageError as error:
            return number, error
    pytest.fail("nothing failed")


async def test_a_full_sqlite_says_so_and_goes_on(tmp_path: Path) -> None:
    store: Store = open_store(f"sqlite:///{tmp_path}/bma.sqlite3")
    await play(store, "a", 1)
    await store.run(lambda connection: connection.exec_driver_sql("PRAGMA max_page_count = 1").all())
    number, error = await first_failure(store)
    assert error.cause == "full"
    await store.run(lambda connection: connection.exec_driver_sql("PRAGMA max_page_count = 1000000").all())
    await store.check()
    before = await texts(store, "a")
    await play(store, "a", number)
    assert await texts(store, "a") == [*before, f"message {number}"]
    await store.close()


def test_a_database_opened_for_reading_only_is_named_so(tmp_path: Path) -> None:
    writing = connect(f"sqlite:///{tmp_path}/bma.sqlite3")
    upgrade(writing)
    writing.dispose()
    reading = sa.create_engine(f"sqlite:///file:{tmp_path}/bma.sqlite3?mode=ro&uri=true")
    with reading.connect() as connection, pytest.raises(sa.exc.OperationalError) as error:
        check_writing(connection)
    assert failure(error.value).cause == "read_only"
    reading.dispose()


@contextmanager
def actions_elsewhere(folder: Path) -> Iterator[tuple[Server, int]]:
    """A server whose actions run elsewhere, on a port where nobody listens yet."""
    port = free_port()
    (folder / "endpoints.yml").write_text(f"action_endpoint:\n  url: http://127.0.0.1:{port}/webhook\n")
    env = {"BMA_PROJECT_DIR": str(folder), "BMA_ACTIONS_TIMEOUT": "0.5"}
    with serving(f"sqlite:///{folder}/bma.sqlite3", folder, **env) as server:
        yield server, port


def test_the_action_server_is_down_and_comes_back(tmp_path: Path) -> None:
    with actions_elsewhere(tmp_path) as (server, port):
        sender = str(uuid.uuid4())
        said = ask(server, sender, "/support_etnic").json()
        assert [item["metadata"]["utter_action"] for item in said] == ["utter_erreur"]
        assert "support@etnic.be" in said[0]["text"]
        assert ready(server) == (200, "ok")
        with running(["actions"], port, "/health", tmp_path / "actions.log", {"BMA_ACTIONS_PORT": str(port)}):
            said = ask(server, sender, "/support_etnic", "n").json()
        assert [item["metadata"]["utter_action"] for item in said] == ["utter_support_etnic"]


def test_the_action_server_is_slow(tmp_path: Path) -> None:
    with actions_elsewhere(tmp_path) as (server, port), socket.create_server(("127.0.0.1", port)):
        began = time.monotonic()
        said = ask(server, message="/support_etnic").json()
        assert [item["metadata"]["utter_action"] for item in said] == ["utter_erreur"]
        assert 0.4 < time.monotonic() - began < 5
