"""Models that are published while people talk: no message is lost, and no memory."""

import asyncio
import time
import uuid
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from bot.storage import models
from bot.storage.database import connect
from bot.storage.models import Published
from bot.training import archive
from tests.databases import migrated
from tests.e2e.processes import URL, Server
from tests.servers import errors_in
from tests.trained import model_path

pytestmark = pytest.mark.slow

NAMES = ("modele-un", "modele-deux")
SAID = (
    "Bonjour",
    "j'ai perdu le mot de passe de la boite",
    "quelle est la capacité de la boite",
    "/demande_contact",
    "je ne sais pas",
)
MOST_GROWTH = 10.0
"""Megabytes."""


class Publisher:
    """Somebody who publishes one model after the other."""

    def __init__(self, url: str, folder: Path) -> None:
        self._engine = connect(url)
        self._count = 0
        model = archive.read(model_path())
        for name in NAMES:
            path = folder / f"{name}.tar.gz"
            archive.write(path, replace(model, info=replace(model.info, model_id=name)))
            with self._engine.begin() as connection:
                models.publish(connection, Published(name, model.info.fingerprint, "test", "essai", 1.0), path.read_bytes())

    def publish_next(self) -> str:
        """Make the other model the active one."""
        name = NAMES[self._count % 2]
        self._count += 1
        with self._engine.begin() as connection:
            assert models.activate(connection, name, "test", "essai", time.time())
        return name

    def close(self) -> None:
        self._engine.dispose()


class Traffic:
    """People who talk all the time, and accept nothing but answers."""

    def __init__(self, servers: list[Server], people: int) -> None:
        self._servers = servers
        self._people = people
        self.answered = 0

    async def __aenter__(self) -> "Traffic":
        self._tasks = [asyncio.create_task(self._talk(number)) for number in range(self._people)]
        return self

    async def __aexit__(self, *_error: object) -> None:
        await asyncio.sleep(0.2)
        failed = [task.exception() for task in self._tasks if task.done()]
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        assert failed == []

    async def _talk(self, number: int) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
            while True:
                sender = str(uuid.uuid4())
                for text in SAID:
                    url = self._servers[number % len(self._servers)].url
                    response = await http.post(url + URL, json={"sender": sender, "message": text})
                    assert response.status_code == 200, response.text
                    assert response.json()
                    self.answered += 1
                    await asyncio.sleep(0.02)


async def until_served(name: str, servers: list[Server]) -> None:
    async with asyncio.timeout(30), httpx.AsyncClient(trust_env=False) as http:
        for server in servers:
            while (await http.get(f"{server.url}/health/ready")).json()["model_id"] != name:  # noqa: ASYNC110
                await asyncio.sleep(0.02)


def megabytes(server: Server) -> float:
    """Memory that a server's process has."""
    assert server.process is not None
    lines = Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


async def test_fifty_reloads_under_traffic_lose_no_message_and_no_memory(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bma.sqlite3"
    server = Server(url, tmp_path, {"BMA_MODEL_POLL": "0.05"})
    server.start()
    try:
        await asyncio.to_thread(server.wait)
        publisher = await asyncio.to_thread(Publisher, url, tmp_path)
        taken: list[float] = []
        async with Traffic([server], people=4) as traffic:
            for _ in range(50):
                await until_served(publisher.publish_next(), [server])
                taken.append(megabytes(server))
        publisher.close()
        after = [round(taken[number - 1]) for number in (1, 10, 20, 30, 40, 50)]
        print(f"MB after 1, 10, 20, 30, 40, 50 reloads: {after}; {traffic.answered} answers")
        assert traffic.answered > 200
        assert taken[49] - taken[9] < MOST_GROWTH, taken
    finally:
        server.stop()
    assert errors_in(server.log.read_text()) == []


async def test_two_processes_on_postgresql_follow_under_traffic(tmp_path: Path) -> None:
    with migrated("postgresql", tmp_path) as url:
        servers = [Server(url, tmp_path, {"BMA_MODEL_POLL": "0.05"}) for _ in range(2)]
        try:
            for server in servers:
                server.start()
            for server in servers:
                await asyncio.to_thread(server.wait)
            publisher = await asyncio.to_thread(Publisher, url, tmp_path)
            async with Traffic(servers, people=4) as traffic:
                for _ in range(8):
                    await until_served(publisher.publish_next(), servers)
            publisher.close()
            assert traffic.answered > 50
        finally:
            for server in servers:
                server.stop()
        assert [errors_in(server.log.read_text()) for server in servers] == [[], []]
