"""`python -m bench.conversation`: what the 300th message of a conversation costs beside the 20th, on both databases."""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from api.runners import InProcessRunner
from bot.agent import Agent, Message
from bot.identity import Secret
from bot.storage import open_store
from bot.storage.database import connect, upgrade
from bot.training import archive

POSTGRESQL = os.environ.get("BENCH_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1/postgres")
MESSAGES = (
    "Bonjour",
    "J'ai perdu le mot de passe de la boite mail administrative",
    "c koi la capacité de la nvelle boite ?",
    "oui",
    "puis-je rediriger les mails vers mon adresse gmail",
    "quelle heure est-il à Tokyo",
    "et pourquoi ?",
    "quelle est l'adresse de l'école FASE 5464",
)
COUNT = 300


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    """Name and URL of an empty database of each kind; PostgreSQL only where one answers."""
    with tempfile.TemporaryDirectory() as folder:
        urls = {"SQLite": f"sqlite:///{folder}/bma.sqlite3"}
        name = f"bma_bench_{uuid.uuid4().hex}"
        server = sa.create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
        try:
            with server.connect() as connection:
                connection.execute(sa.text(f"CREATE DATABASE {name}"))
        except sa.exc.OperationalError as error:
            print(f"no PostgreSQL: {type(error.orig).__name__}")
            yield urls
            return
        url = sa.make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False)
        engine = connect(url)
        upgrade(engine)
        engine.dispose()
        try:
            yield urls | {"PostgreSQL": url}
        finally:
            with server.connect() as connection:
                connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))


async def times(url: str, model: archive.Model, senders: int = 4) -> list[float]:
    """Milliseconds of the 1st, 2nd… message of a conversation: the median of several conversations."""
    store = open_store(url)
    agent = Agent(model, store, InProcessRunner(), Secret(b"x" * 32))
    found: list[list[float]] = [[] for _ in range(COUNT)]
    for sender in range(senders):
        key = agent.secret.conversation("rest", f"{sender}")
        for number in range(COUNT):
            began = time.perf_counter()
            await agent.handle(Message(key, MESSAGES[number % len(MESSAGES)]))
            found[number].append(1000 * (time.perf_counter() - began))
    await store.close()
    return [statistics.median(each) for each in found]


def ratio(costs: list[float]) -> tuple[float, float, float]:
    """Median of messages 11 to 30, of the last 20, and their ratio; both spans hold each kind of message as often."""
    early, late = statistics.fmean(costs[10:34]), statistics.fmean(costs[-24:])
    return early, late, late / early


def main() -> None:
    """Measure and print."""
    path = archive.latest(Path("models"))
    if path is None:
        raise SystemExit("no model: run bma train")
    model = archive.read(path)
    with databases() as urls:
        for name, url in urls.items():
            early, late, growth = ratio(asyncio.run(times(url, model)))
            print(f"{name:12} messages 11-34 {early:5.2f} ms   last 24 of {COUNT} {late:5.2f} ms   ratio {growth:.2f}")


if __name__ == "__main__":
    main()
