"""Several processes on one PostgreSQL: workers, models that all of them serve; and what SQLite refuses."""

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from bot.storage.database import HEAD, connect, upgrade
from bot.training import archive
from tests.databases import database, migrated
from tests.e2e.processes import SECRET, URL, Server
from tests.servers import free_port, running
from tests.trained import ROOT, model_path

pytestmark = pytest.mark.slow


def bma(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BMA_")}
    command = [sys.executable, "-m", "api.cli.main", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env={**clean, "COLUMNS": "200", **env}, capture_output=True, text=True, timeout=60, check=False
    )


@contextmanager
def server(url: str, folder: Path, **env: str) -> Iterator[Server]:
    found = Server(url, folder, env)
    try:
        found.start()
        found.wait()
        yield found
    finally:
        found.stop()


def ask(url: str, sender: str, message: str = "Bonjour") -> httpx.Response:
    return httpx.post(url + URL, json={"sender": sender, "message": message}, trust_env=False)


def test_workers_share_one_port_and_one_database(tmp_path: Path) -> None:
    model_path()
    with migrated("postgresql", tmp_path) as url:
        port = free_port()
        env = {"BMA_PORT": str(port), "BMA_DATABASE_URL": url, "BMA_SECRET_KEY": SECRET}
        with running(["run", "--workers", "2"], port, "/health/ready", tmp_path / "log", env) as base:
            sender = str(uuid.uuid4())
            for _ in range(20):
                assert ask(base, sender).status_code == 200
        assert (tmp_path / "log").read_text().count("Application startup complete") == 2
        engine = connect(url)
        with engine.connect() as connection:
            assert connection.execute(sa.text("SELECT count(*) FROM events WHERE type_name = 'user'")).scalar() == 20
        engine.dispose()


def test_sqlite_has_one_process_and_the_second_names_postgresql(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bma.sqlite3"
    model_path()
    done = bma("run", "--workers", "2", BMA_DATABASE_URL=url)
    assert done.returncode == 2
    assert "PostgreSQL" in done.stderr
    with server(url, tmp_path):
        done = bma("run", BMA_DATABASE_URL=url, BMA_PORT=str(free_port()))
    assert done.returncode == 2
    assert "Un serveur utilise déjà" in done.stderr
    assert "BMA_DATABASE_URL=postgresql+psycopg://" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_killed_server_leaves_no_lock(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bma.sqlite3"
    first = Server(url, tmp_path)
    first.start()
    first.wait()
    first.kill()
    with server(url, tmp_path) as second:
        assert ask(second.url, "a").status_code == 200


def test_postgresql_with_an_older_schema_says_what_to_run(tmp_path: Path) -> None:
    model_path()
    with database("postgresql", tmp_path) as url:
        env = {"BMA_DATABASE_URL": url, "BMA_SECRET_KEY": SECRET, "BMA_PORT": str(free_port())}
        assert bma("db", "current", **env).returncode == 1
        done = bma("run", **env)
        assert (done.returncode, "bma db upgrade" in done.stderr) == (2, True)
        assert "Traceback" not in done.stderr
        done = bma("db", "upgrade", **env)
        assert (done.returncode, HEAD in done.stdout) == (0, True)
        assert bma("db", "current", **env).returncode == 0
        assert "déjà à jour" in bma("db", "upgrade", **env).stdout


def test_a_folder_that_cannot_be_written_is_named() -> None:
    model_path()
    done = bma("run", BMA_DATABASE_URL="sqlite:////proc/nowhere/bma.sqlite3", BMA_SECRET_KEY=SECRET)
    assert done.returncode == 2
    assert "/proc/nowhere" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_published_model_is_served_by_every_process(tmp_path: Path) -> None:
    other = archive.read(model_path())
    path = tmp_path / "autre.tar.gz"
    from dataclasses import replace

    archive.write(path, replace(other, info=replace(other.info, model_id="autre-modele")))
    with migrated("postgresql", tmp_path) as url:
        env = {"BMA_DATABASE_URL": url, "BMA_SECRET_KEY": SECRET, "BMA_MODEL_POLL": "0.1"}

        def served(*servers: Server) -> set[str]:
            return {httpx.get(f"{item.url}/health/ready", trust_env=False).json()["model_id"] for item in servers}

        def until_served(model_id: str, *servers: Server) -> None:
            limit = time.monotonic() + 20
            while served(*servers) != {model_id}:
                assert time.monotonic() < limit

        with server(url, tmp_path, **env) as one, server(url, tmp_path, **env) as two:
            assert served(one, two) == {other.info.model_id}
            assert bma("model", "publish", str(model_path()), **env).returncode == 0
            done = bma("model", "publish", str(path), "--reason", "essai, voir anne.dupont@gmail.com", **env)
            assert done.returncode == 0, done.stderr
            until_served("autre-modele", one, two)
            assert ask(one.url, str(uuid.uuid4())).status_code == 200
            listed = bma("model", "list", **env).stdout
            assert "essai" in listed
            assert "gmail" not in listed
            assert listed.count("actif") == 1
            assert bma("model", "activate", other.info.model_id, "--reason", "appelez le 0470 12 34 56", **env).returncode == 0
            assert "0470" not in bma("model", "list", **env).stdout
            until_served(other.info.model_id, one, two)
            assert bma("model", "activate", "aucun", **env).returncode == 1
            assert bma("model", "publish", str(ROOT / "README.md"), **env).returncode == 2


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_commands_for_one_conversation_beside_the_server(kind: str, tmp_path: Path) -> None:
    with migrated(kind, tmp_path) as url, server(url, tmp_path) as found:
        env = {"BMA_DATABASE_URL": url, "BMA_SECRET_KEY": SECRET}
        ask(found.url, "ecole-1", "un hippopotame dans la boite")
        exported = bma("conversation", "export", "ecole-1", **env)
        assert "hippopotame" in exported.stdout
        assert bma("purge", **env).returncode == 0
        assert bma("conversation", "erase", "ecole-1", **env).returncode == 0
        assert bma("conversation", "erase", "ecole-1", **env).returncode == 1
        assert bma("conversation", "export", "ecole-1", **env).returncode == 1
        assert ask(found.url, "ecole-1").status_code == 200
        assert bma("purge", "--days", "0", **env).returncode == 0
        assert bma("conversation", "export", "ecole-1", **env).returncode == 1
    if kind == "sqlite":
        assert b"hippopotame" not in b"".join(path.read_bytes() for path in tmp_path.glob("bma.sqlite3*"))


def test_the_server_purges_on_its_own(tmp_path: Path) -> None:
    env = {"BMA_RETENTION_DAYS": "0.00001", "BMA_PURGE_EVERY": "0.2"}
    with migrated("postgresql", tmp_path) as url, server(url, tmp_path, **env) as found:
        ask(found.url, "ecole-1", "un hippopotame dans la boite")
        engine = connect(url)
        limit = time.monotonic() + 20
        with engine.connect() as connection:
            while connection.execute(sa.text("SELECT count(*) FROM conversations")).scalar():
                connection.rollback()
                assert time.monotonic() < limit
            assert connection.execute(sa.text("SELECT sum(answers) FROM daily")).scalar() == 1
        engine.dispose()


def test_a_database_of_the_first_version_goes_on(tmp_path: Path) -> None:
    """A conversation begun before there were migrations, snapshots and positions is remembered."""
    url = f"sqlite:///{tmp_path}/bma.sqlite3"
    sender = str(uuid.uuid4())
    with server(url, tmp_path) as found:
        for message in ("/mot_de_passe_hors_mode", "/capacite"):
            assert ask(found.url, sender, message).status_code == 200
    engine = connect(url)
    from bot.storage.database import downgrade

    downgrade(engine, "0001")
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE alembic_version"))
    engine.dispose()
    with server(url, tmp_path) as found:
        said = ask(found.url, sender, "/mot_de_passe").json()
        assert said[0]["metadata"]["utter_action"] == "utter_mot_de_passe_hors_mode"
        tracker = httpx.get(f"{found.url}/conversations/{sender}/tracker?token=jeton-de-test", trust_env=False).json()
        assert sum(event["event"] == "user" for event in tracker["events"]) == 3
    engine = connect(url)
    upgrade(engine)
    engine.dispose()
