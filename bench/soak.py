"""`python -m bench.soak` (`make soak`): a great many turns by several senders on SQLite; no error, no hang, no growth.

Messages are training sentences as they are and with typing errors, and hostile texts, in many conversations.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bench.systems import ROOT
from bot.project.loader import read_project
from bot.training.noise import NOISES
from tests.e2e.processes import Server

SENDERS = 10
LONGEST = 40
"""Messages of one conversation, at most."""
ALLOWED = 5.0
"""MB that memory may grow after the first tenth."""
HOSTILE = (
    *("", " ", "?", "a" * 5_000, "a" * 5_001, "1 " * 2_500, "(" * 5_000, "et mais " * 600, "\0", "\ud800", "😀" * 500),
    *("e\u0301" * 900, "/restart", "/back", "/session_start", "/bonjour{", '/bonjour{"a": [[[]]]}', "/" * 4_000, "{{7*7}}"),
    *("<script>alert(1)</script>", "'; DROP TABLE events; --", "mdp : Tilleul#31", "0470 12 34 56", "\u202eabc"),
)


@dataclass
class Soak:
    """What came of it."""

    statuses: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0
    seconds: float = 0.0
    resident: tuple[float, float] = (0.0, 0.0)
    """MB after a tenth of the turns, and after all."""
    log: str = ""
    """What the server logged: warnings and errors."""

    @property
    def growth(self) -> float:
        """MB."""
        return self.resident[1] - self.resident[0]


def message(chance: random.Random, sentences: list[str]) -> str:
    """What somebody may write."""
    text = chance.choice(sentences)
    match chance.random():
        case draw if draw < 0.5:
            return text
        case draw if draw < 0.8:
            return chance.choice(list(NOISES.values()))(text, chance)
        case draw if draw < 0.9:
            return f"{text} {chance.choice(sentences)}"
        case _:
            return chance.choice(HOSTILE)


async def soak(turns: int, folder: Path, seed: int = 1) -> Soak:
    """Send so many messages to a server of its own."""
    sentences = [example.text for example in read_project(ROOT)[0].nlu.examples]
    server = Server(f"sqlite:///{folder}/soak.sqlite3", folder)
    server.start()
    server.wait()
    found, sent = Soak(), 0
    began = time.monotonic()

    async def talk(http: httpx.AsyncClient, chance: random.Random) -> None:
        nonlocal sent
        while sent < turns:
            sender = str(uuid.UUID(int=chance.getrandbits(128), version=4))
            for _ in range(chance.randint(1, LONGEST)):
                if sent >= turns:
                    return
                sent += 1
                if sent == turns // 10:
                    found.resident = (resident(server), 0.0)
                raw = json.dumps({"sender": sender, "message": message(chance, sentences)}).encode()
                start = time.monotonic()
                response = await http.post("/webhooks/rest/webhook", content=raw, headers={"Content-Type": "application/json"})
                found.slowest = max(found.slowest, time.monotonic() - start)
                found.statuses[response.status_code] += 1

    try:
        async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=30) as http:
            await asyncio.gather(*(talk(http, random.Random(f"{seed} {number}")) for number in range(SENDERS)))
        found.seconds = time.monotonic() - began
        found.resident = (found.resident[0], resident(server))
    finally:
        server.stop()
    found.log = server.log.read_text()
    return found


def resident(server: Server) -> float:
    """MB of memory that a server has (Linux)."""
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main() -> None:
    """Do it, and say what came of it."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--turns", type=int, default=200_000)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(soak(wanted.turns, Path(folder)))
    print(
        f"{wanted.turns} turns in {found.seconds:.0f} s ({wanted.turns / found.seconds:.0f}/s), answers {dict(found.statuses)},"
        f" slowest {1000 * found.slowest:.0f} ms, memory {found.resident[0]:.1f} MB after a tenth,"
        f" {found.resident[1]:.1f} MB at the end"
    )
    if found.growth > ALLOWED or any(status >= 500 for status in found.statuses):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
