"""What a process serves when it looks for published models and publishes one itself at the same time."""

import asyncio
import logging
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api import serving
from bot.storage import models
from bot.storage.models import Activation, Published
from bot.storage.sqlite import SqliteStore
from bot.training.archive import Model
from tests.api.console.small import small_agent, small_settings


class Slow(SqliteStore):
    """A store whose archives come late, as large ones do."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.read, self.gate = asyncio.Event(), asyncio.Event()
        self.looks = 0

    async def run(self, work: Any) -> Any:
        found = await super().run(work)
        self.looks += isinstance(found, tuple)
        if isinstance(found, bytes):
            self.read.set()
            await self.gate.wait()
        return found


async def test_an_older_look_does_not_undo_a_publication_of_this_process(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = small_settings(tmp_path, f"sqlite:///{tmp_path}/bma.sqlite3")
    store = Slow(settings.database_url)
    agent = small_agent(settings, store)

    def named(name: str) -> Model:
        return replace(agent.model, info=replace(agent.model.info, model_id=name))

    async def publish(model: Model) -> None:
        published = Published(model.info.model_id, "f" * 64, "anne", "essai", time.time())
        activation = Activation(published.model_id, "anne", "essai", time.time())
        archives = [(published, serving.archive_bytes(model))]
        assert await store.run(lambda connection: models.put_in_service(connection, activation, archives))

    older, newer = named("ancien"), named("nouveau")
    await publish(older)
    with caplog.at_level(logging.INFO, "bma.models"):
        following = asyncio.create_task(serving.follow(agent, 0.01))
        async with asyncio.timeout(30):
            await store.read.wait()  # the older one is being loaded, while the console of this process publishes:
            await publish(newer)
            serving.serve(agent, newer)
            store.gate.set()
            looks = store.looks
            while store.looks < looks + 2:  # noqa: ASYNC110 - it has served what it loaded, or not
                await asyncio.sleep(0.01)
        following.cancel()
    await store.close()
    assert agent.model is newer
    assert [record.getMessage() for record in caplog.records] == ["model nouveau is served"]
