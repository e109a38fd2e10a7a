"""Server processes that a test starts, kills and starts again, and clients that do not give up."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.servers import free_port
from tests.trained import ROOT, model_path

URL = "/webhooks/rest/webhook"
SECRET = "s" * 64


class Server:
    """`bma run` in a process of its own, on a port that stays the same.

    Args:
        url: the database.
        folder: gets the log.
        env: additional settings.
    """

    def __init__(self, url: str, folder: Path, env: Mapping[str, str] | None = None) -> None:
        model_path()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"server-{self.port}.log"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("BMA_")}
        self._env = clean | {
            "BMA_PORT": str(self.port),
            "BMA_DATABASE_URL": url,
            "BMA_SECRET_KEY": SECRET,
            "BMA_API_TOKEN": "jeton-de-test",
            "BMA_LOG_LEVEL": "warning",
            "BMA_RATE_LIMIT": "off",
            **(env or {}),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it is not ready yet."""
        with self.log.open("ab") as stream:
            command = [sys.executable, "-m", "api.cli.main", "run"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=self._env, stdout=stream, stderr=stream)

    def wait(self, path: str = "/health/ready") -> None:
        """Wait until it answers 200."""
        limit = time.monotonic() + 60
        while time.monotonic() < limit:
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()[-2000:]
            try:
                if httpx.get(self.url + path, trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.02)
        raise AssertionError(self.log.read_text()[-2000:])

    def kill(self) -> None:
        """Kill it as nothing can prevent."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Let it finish."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=20)


@dataclass
class Client:
    """Somebody who writes one message after the other, each until it is answered.

    Args:
        sender: the REST conversation.
        name: tells this client's messages from another's in the same conversation.
    """

    sender: str
    name: str
    answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """What was answered, by message id, in the order of the answers."""
    tries: int = 0

    async def say(self, http: httpx.AsyncClient, servers: list[Server], text: str) -> None:
        """Send a message, again with the same id when no answer comes."""
        message_id = f"{self.name}-{len(self.answers)}"
        body = {"sender": self.sender, "message": text, "metadata": {"message_id": message_id}}
        limit = time.monotonic() + 90
        while time.monotonic() < limit:
            self.tries += 1
            try:
                response = await http.post(random.choice(servers).url + URL, json=body)
            except httpx.TransportError:
                await asyncio.sleep(0.05)
                continue
            if response.status_code == 200:
                said = response.json()
                assert all(item.pop("recipient_id") == self.sender for item in said)
                assert said
                self.answers[message_id] = said
                return
            assert response.status_code == 503, response.text
            assert int(response.headers["Retry-After"]) > 0
            await asyncio.sleep(0.05)
        raise AssertionError(f"{message_id} was never answered")
