"""Some days of questions in the database of a running server."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from bot.storage import visit_store
from tests.bot.storage.test_statistics import DAY, NOON, TURNS, play

AGE = 3
"""Days between the first day of the questions and today."""


def shift() -> float:
    """Seconds between the days of `TURNS` and recent ones."""
    midnight = time.time() - time.time() % DAY
    return midnight - AGE * DAY + DAY / 2 - NOON


def add_questions(database_url: str) -> None:
    """The questions of `tests/bot/storage/test_statistics.py`, in the latest days."""
    moved = [replace(turn, at=turn.at + shift()) for turn in TURNS]

    async def work() -> None:
        store = visit_store(database_url)
        await play(store, moved)
        await store.close()

    with ThreadPoolExecutor(1) as thread:  # a browser test's own thread has a loop that runs
        thread.submit(lambda: asyncio.run(work())).result()
