"""An assistant in Teams, and people who talk with it."""

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.api.channels.teams import wire
from tests.api.channels.teams.microsoft import Microsoft, Sent


@dataclass
class Teams:
    """An assistant in Teams, on an SQLite file."""

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

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.folder / "bma.sqlite3", timeout=5) as connection:
            return connection.execute(query, values).fetchall()

    @property
    def secret(self) -> bytes:
        """The key of the hashes, which the server made beside its database."""
        return (self.folder / "bma.key").read_text().strip().encode()

    def finished(self, activity_id: str) -> None:
        """Wait until an activity's answer is noted as sent, a moment after the connector has it."""
        limit = time.monotonic() + 5
        while self.rows("SELECT status FROM inbox WHERE activity_id = ?", activity_id) != [("sent",)]:
            assert time.monotonic() < limit


class User:
    """Somebody in a personal chat, or a member of a group."""

    def __init__(self, teams: Teams, name: str, group: tuple[str, str] | None = None) -> None:
        self.teams = teams
        self.microsoft = teams.microsoft
        self.name = name
        self.group = group
        self.place = group[1] if group else f"a:{name}"

    def message(self, text: str) -> dict[str, Any]:
        body = wire.message(self.microsoft, text, self.name)
        return wire.in_group(body, *self.group) if self.group else body

    def says(self, text: str) -> Sent:
        """Ask, and read the answer."""
        return self.sends(self.message(text))

    def clicks(self, button: dict[str, Any], card: Sent) -> Sent:
        """Click, and read the answer."""
        return self.sends(wire.click(self.microsoft, button, card.id, self.name))

    def sends(self, body: dict[str, Any]) -> Sent:
        before = len(self.heard)
        response = self.teams.post(body)
        assert response.status_code == 202, response.text
        return self.microsoft.wait(self.place, before + 1)[before]

    @property
    def heard(self) -> list[Sent]:
        return self.microsoft.taken(self.place)
