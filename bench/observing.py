"""What counting and timing a turn costs: the same turns with and without, in alternation (`python -m bench.observing`)."""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path

from api.metrics.agent import MeasuredAgent
from api.metrics.definitions import Metrics
from api.metrics.store import MeasuredStore
from api.runners import InProcessRunner
from bot.agent import Agent, Message
from bot.identity import Secret
from bot.storage import open_store
from bot.storage.outcomes import FILE, read_outcomes
from bot.training import archive

TEXTS = ("bonjour", "mot de passe perdu", "c'est quoi MODE ?", "comment lire mes mails ?", "merci", "quelle est l'adresse ?")
BLOCK, BLOCKS = 60, 40
SECRET = Secret(b"bench" * 8)


async def main() -> None:
    """Print p50 of both and their ratio, wall clock and processor."""
    os.environ.setdefault("BMA_PROJECT_DIR", ".")
    path = archive.latest(Path(os.environ.get("BMA_MODEL_DIR", "models")))
    assert path is not None, "run: bma train"
    model, metrics = archive.read(path), Metrics()
    with tempfile.TemporaryDirectory() as folder:
        stores = [open_store(f"sqlite:///{folder}/{name}.sqlite3") for name in ("without", "with")]
        measured = MeasuredAgent(
            model, MeasuredStore(stores[1], metrics), InProcessRunner(), SECRET, metrics, read_outcomes(Path(FILE))
        )
        agents: tuple[Agent, Agent] = (Agent(model, stores[0], InProcessRunner(), SECRET), measured)
        wall: tuple[list[float], list[float]] = ([], [])
        processor: tuple[list[float], list[float]] = ([], [])
        for block in range(BLOCKS):
            for which in (0, 1) if block % 2 else (1, 0):
                for number in range(BLOCK):
                    message = Message(SECRET.conversation("rest", f"{block}-{number // 12}"), TEXTS[number % len(TEXTS)])
                    start, busy = time.perf_counter(), time.thread_time()
                    await agents[which].handle(message)
                    if which and number % 30 == 29:
                        metrics.settle()  # as once a second
                    if block:
                        wall[which].append(time.perf_counter() - start)
                        processor[which].append(time.thread_time() - busy)
        for store in stores:
            await store.close()
    for name, found in (("wall clock", wall), ("processor, main thread", processor)):
        without, with_ = (1000 * statistics.median(item) for item in found)
        print(f"{name}: p50 without {without:.3f} ms, with {with_:.3f} ms, ratio {with_ / without:.3f}")


if __name__ == "__main__":
    asyncio.run(main())
