"""`python -m bench.conversation`: what the 300th message of a conversation costs beside the 20th, on both databases."""

from __future__ import annotations

import asyncio
import statistics
import time
from pathlib import Path

from api.runners import InProcessRunner
from bench.databases import database
from bench.messages import CONVERSATION
from bot.agent import Agent, Message
from bot.identity import Secret
from bot.storage import open_store
from bot.training import archive

COUNT = 300


async def times(url: str, model: archive.Model, senders: int = 4, *, remember: bool = True) -> list[float]:
    """Milliseconds of the 1st, 2nd… message of a conversation: the median of several conversations.

    Args:
        url: an empty database.
        model: the trained model.
        senders: conversations.
        remember: whether a turn may find in memory what the one before has left there.
    """
    store = open_store(url)
    agent = Agent(model, store, InProcessRunner(), Secret(b"x" * 32))
    found: list[list[float]] = [[] for _ in range(COUNT)]
    for sender in range(senders):
        key = agent.secret.conversation("rest", f"{sender}")
        for number in range(COUNT):
            if not remember:
                await store.forget_deleted()
            began = time.perf_counter()
            await agent.handle(Message(key, CONVERSATION[number % len(CONVERSATION)]))
            found[number].append(1000 * (time.perf_counter() - began))
    await store.close()
    return [statistics.median(each) for each in found]


def ratio(costs: list[float]) -> tuple[float, float, float]:
    """Mean of messages 11 to 34, of the last 24, and their ratio; both spans hold each kind of message as often."""
    early, late = statistics.fmean(costs[10:34]), statistics.fmean(costs[-24:])
    return early, late, late / early


def main() -> None:
    """Measure and print."""
    path = archive.latest(Path("models"))
    if path is None:
        raise SystemExit("no model: run bma train")
    model = archive.read(path)
    for kind in ("SQLite", "PostgreSQL"):
        for remember in (True, False):
            with database(kind) as url:
                if url is None:
                    continue
                early, late, growth = ratio(asyncio.run(times(url, model, remember=remember)))
            row = f"messages 11-34 {early:5.2f} ms   last 24 of {COUNT} {late:5.2f} ms   ratio {growth:.2f}"
            print(f"{kind:12} {'remembered' if remember else 'read again':12} {row}")


if __name__ == "__main__":
    main()
