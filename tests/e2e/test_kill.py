"""Servers killed at random moments: nothing that was answered is lost, nothing is doubled.

`make kill` kills 20 times on each database (`ROUNDS=…`); `make test` BMA_KILL_ROUNDS times, 3 by default.
"""

import asyncio
import json
import os
import random
import time
import uuid
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from bot.identity import Secret
from bot.storage.database import connect
from tests.conversing import project_model
from tests.databases import migrated
from tests.e2e.history import check_conversation
from tests.e2e.processes import SECRET, Client, Server

pytestmark = pytest.mark.slow
ROUNDS = int(os.environ.get("BMA_KILL_ROUNDS", "3"))
SENDERS = 16
MESSAGES = (
    "Bonjour",
    "J'ai perdu le mot de passe de la BMA",
    "quelle capacité ?",
    "non",
    "quelle est l'adresse de l'école FASE 5464",
    "et pourquoi ?",
    "recommencer",
)


def check(url: str, clients: list[Client]) -> dict[str, list[str]]:
    """Every answered message is stored once, with the answer that the client got, in a serial history.

    Returns:
        Each client's stored messages, in order; there may be more than were answered when these clients were looked at.
    """
    slots, secret = project_model().domain.slots, Secret(SECRET.encode())
    engine = connect(url)
    found: dict[str, list[str]] = {}
    level = "REPEATABLE READ" if engine.dialect.name == "postgresql" else "SERIALIZABLE"  # another process may go on meanwhile
    with engine.connect().execution_options(isolation_level=level) as connection:
        for client in clients:
            key = str(secret.conversation("rest", client.sender))
            order = check_conversation(connection, key, slots) if client.answers else []
            answered = list(client.answers)
            assert order[: len(answered)] == answered, "an answered message is lost, or out of order"
            rows = connection.execute(sa.text("SELECT message_id, answer FROM answers WHERE sender_id = :key"), {"key": key})

            stored = {row.message_id: json.loads(row.answer) for row in rows}
            assert {name: stored[name] for name in answered} == client.answers
            found[client.name] = order
    engine.dispose()
    return found


async def play(url: str, servers: list[Server], rounds: int) -> None:
    clients = [Client(str(uuid.uuid4()), f"c{number}") for number in range(SENDERS)]
    done = asyncio.Event()

    async def talk(client: Client, http: httpx.AsyncClient) -> None:
        while not done.is_set():
            await client.say(http, servers, MESSAGES[len(client.answers) % len(MESSAGES)])

    limits = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(trust_env=False, timeout=30, limits=limits) as http:
        talking = [asyncio.create_task(talk(client, http)) for client in clients]
        for number in range(rounds):
            await asyncio.sleep(random.uniform(0.1, 1.0))
            victim = random.choice(servers)
            victim.kill()
            known = [snapshot_of(client) for client in clients]
            await asyncio.to_thread(check, url, known)
            print(f"kill {number + 1}: {sum(len(client.answers) for client in known)} answered messages, all stored once")
            victim.start()
            await asyncio.to_thread(victim.wait)
        done.set()
        await asyncio.gather(*talking)
    assert check(url, clients) == {client.name: list(client.answers) for client in clients}
    assert min(len(client.answers) for client in clients) >= rounds, "the kills left no time to talk"


def snapshot_of(client: Client) -> Client:
    """What a client knows now: it goes on meanwhile."""
    return Client(client.sender, client.name, dict(client.answers))


@pytest.mark.parametrize(("kind", "processes"), [("sqlite", 1), ("postgresql", 1), ("postgresql", 2)])
def test_killed_at_random_moments(kind: str, processes: int, tmp_path: Path) -> None:
    with migrated(kind, tmp_path) as url:
        servers = [Server(url, tmp_path) for _ in range(processes)]
        try:
            for server in servers:
                server.start()
            for server in servers:
                server.wait()
            began = time.monotonic()
            asyncio.run(play(url, servers, ROUNDS))
            print(f"{kind}, {processes} process(es): {ROUNDS} kills in {time.monotonic() - began:.0f} s")
        finally:
            for server in servers:
                server.stop()
