"""An archive of another format is refused wherever one is read, with the command to run; what serves goes on serving."""

import asyncio
import io
import json
import logging
import tarfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from api.serving import first_model, follow
from api.settings import Settings
from bot.storage import Store, models, open_store
from bot.storage.models import Published
from bot.training import archive
from bot.training.versions import FORMAT
from tests.api.cli.test_commands import bma
from tests.trained import model_path

pytestmark = pytest.mark.slow
REFUSED = f"archive of format {FORMAT - 1}, this version reads {FORMAT}; run `bma train --force`"


def old_archive(folder: Path) -> Path:
    """An archive as the release before wrote it: what it says of itself comes first."""
    folder.mkdir(exist_ok=True)
    path = folder / "20260101-000000-0a1b2c3d.tar.gz"
    info = archive.read_info(model_path())
    body = json.dumps({**{name: getattr(info, name) for name in info.__slots__}, "format": FORMAT - 1}).encode()
    with tarfile.open(path, "w:gz") as tar:
        entry = tarfile.TarInfo("metadata.json")
        entry.size = len(body)
        tar.addfile(entry, io.BytesIO(body))
    return path


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    found = open_store(f"sqlite:///{tmp_path}/bma.sqlite3")
    yield found
    await found.close()


async def activate(store: Store, data: bytes, model_id: str) -> None:
    model = Published(model_id, "x", "test", "", time.time())
    await store.run(lambda connection: models.publish(connection, model, data))
    await store.run(lambda connection: models.activate(connection, model_id, "test", "", time.time()))


def test_the_server_does_not_start_and_names_the_command(tmp_path: Path) -> None:
    folder = old_archive(tmp_path / "models").parent
    done = bma("run", env={"BMA_MODEL_DIR": str(folder), "BMA_DATABASE_URL": f"sqlite:///{tmp_path}/x.sqlite3"})
    assert done.returncode == 2
    assert REFUSED in done.stderr
    assert "Traceback" not in done.stderr


def test_it_cannot_be_published(tmp_path: Path) -> None:
    path, env = old_archive(tmp_path / "models"), {"BMA_DATABASE_URL": f"sqlite:///{tmp_path}/x.sqlite3"}
    done = bma("model", "publish", str(path), "--reason", "essai", env=env)
    assert done.returncode == 2
    assert REFUSED in done.stderr
    assert "20260101" not in bma("model", "list", env=env).stdout


async def test_an_old_active_model_leaves_the_folders_newest_in_service(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await activate(store, old_archive(tmp_path / "models").read_bytes(), "old")
    settings = Settings(_env_file=None, model_dir=model_path().parent)
    model = await first_model(store, settings)
    newest = archive.latest(settings.model_dir)
    assert newest is not None
    assert model.info == archive.read_info(newest)
    assert "run `bma train --force`" in caplog.text


async def test_an_old_model_that_is_activated_is_not_followed_and_that_is_said_once(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    served: list[Any] = []
    agent: Any = SimpleNamespace(
        store=store,
        model=archive.read(model_path()),
        use=served.append,
        suspended=frozenset(),
        suspend=lambda responses: None,
    )
    await activate(store, old_archive(tmp_path / "models").read_bytes(), "old")
    with caplog.at_level(logging.INFO, "bma.models"):
        task = asyncio.create_task(follow(agent, 0.01))
        await _until(lambda: REFUSED.partition(", ")[0] in caplog.text)
        await asyncio.sleep(0.2)
        assert caplog.text.count("the active model cannot be served") == 1
        await activate(store, model_path().read_bytes(), "right")
        await _until(lambda: bool(served))
        task.cancel()
    assert served[0].info.model_id == archive.read_info(model_path()).model_id


async def _until(condition: Any) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - what is waited for knows no event
            await asyncio.sleep(0.01)
