from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.channels.teams.microsoft import Microsoft, local_microsoft
from tests.servers import assistant


@pytest.fixture(scope="module")
def microsoft(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Microsoft]:
    with local_microsoft(tmp_path_factory.mktemp("microsoft")) as found:
        yield found


@dataclass
class Teams:
    """An assistant in Teams."""

    client: httpx.Client
    microsoft: Microsoft
    folder: Path

    def post(self, body: Any, token: str | None = "") -> httpx.Response:
        """Send an activity as Teams does; with another token, or with none."""
        token = self.microsoft.token() if token == "" else token
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        if isinstance(body, bytes):
            return self.client.post("/api/messages", content=body, headers=headers | {"Content-Type": "application/json"})
        return self.client.post("/api/messages", json=body, headers=headers)


@pytest.fixture(scope="module")
def running(microsoft: Microsoft, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Teams]:
    folder = tmp_path_factory.mktemp("teams")
    with assistant(folder, microsoft.env) as url, httpx.Client(base_url=url, trust_env=False, timeout=20) as client:
        yield Teams(client, microsoft, folder)


@pytest.fixture
def teams(running: Teams) -> Teams:
    """The assistant, with a connector that has got nothing yet."""
    running.microsoft.sent.clear()
    running.microsoft.replies.clear()
    return running
