"""What the server does on its own goes on, whatever happens once."""

import asyncio
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from api.upkeep import purge_regularly
from bot.storage import open_store
from bot.storage.retention import DAY
from tests.bot.storage.playing import play, texts

NOW = 1_800_000_000.0


async def test_one_error_does_not_end_the_purge_for_good(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = open_store(f"sqlite:///{tmp_path}/bma.sqlite3")
    await play(store, "rest:old", 1, at=NOW - 31 * DAY)
    looks, purged = iter(("no time", NOW)), asyncio.Event()

    def clock() -> Any:
        """Out of order the first time; asked a third time, it tells that the second purge is over."""
        time = next(looks, None)
        if time is None:
            purged.set()
        return time or NOW

    agent: Any = SimpleNamespace(store=store, clock=clock)
    with caplog.at_level(logging.INFO):
        task = asyncio.create_task(purge_regularly(agent, 30, 0.01))
        await asyncio.wait_for(purged.wait(), 10)
    assert "purge put off: TypeError" in caplog.text
    assert await texts(store, "rest:old") == []
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await store.close()
