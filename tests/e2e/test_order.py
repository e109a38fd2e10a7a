"""Two clients write to each of 50 conversations, through two processes at once: every conversation is one serial history."""

import asyncio
import uuid
from pathlib import Path

import httpx
import pytest

from bot.identity import Secret
from bot.storage.database import connect
from tests.conversing import project_model
from tests.databases import migrated
from tests.e2e.history import check_conversation
from tests.e2e.processes import SECRET, Client, Server

pytestmark = pytest.mark.slow
CONVERSATIONS = 50
MESSAGES = ("J'ai perdu le mot de passe de la BMA", "non", "et pourquoi ?", "quelle capacité ?")


def test_fifty_conversations_two_clients_two_processes(tmp_path: Path) -> None:
    with migrated("postgresql", tmp_path) as url:
        servers = [Server(url, tmp_path) for _ in range(2)]
        try:
            for server in servers:
                server.start()
            for server in servers:
                server.wait()
            clients = asyncio.run(talk(servers))
        finally:
            for server in servers:
                server.stop()
        engine = connect(url)
        with engine.connect() as connection:
            for sender in {client.sender for client in clients}:
                key = str(Secret(SECRET.encode()).conversation("rest", sender))
                order = check_conversation(connection, key, project_model().domain.slots)
                for client in clients:
                    if client.sender == sender:
                        mine = [name for name in order if name.startswith(f"{client.name}-")]
                        assert mine == list(client.answers), "a client's messages are not in the order in which they were sent"
                assert len(order) == 2 * len(MESSAGES)
        engine.dispose()


async def talk(servers: list[Server]) -> list[Client]:
    senders = [str(uuid.uuid4()) for _ in range(CONVERSATIONS)]
    clients = [Client(sender, name) for sender in senders for name in ("a", "b")]

    async def all_messages(client: Client, http: httpx.AsyncClient, server: Server) -> None:
        for text in MESSAGES:
            await client.say(http, [server], text)

    async with httpx.AsyncClient(trust_env=False, timeout=30, limits=httpx.Limits(max_connections=200)) as http:
        await asyncio.gather(*(all_messages(client, http, servers[client.name == "b"]) for client in clients))
    return clients
