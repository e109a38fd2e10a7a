"""Two processes on one PostgreSQL: each message is answered by one of them, once, in the order of its conversation."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.channels.teams import wire
from tests.api.channels.teams.microsoft import Microsoft
from tests.databases import migrated
from tests.servers import assistant

pytestmark = pytest.mark.slow
USERS = [f"u{number}" for number in range(6)]
TEXTS = ("faut-il rediriger les mails ?", "c'est quoi MODE ?", "merci")


def test_two_processes_answer_each_message_once_and_in_order(microsoft: Microsoft, tmp_path: Path) -> None:
    with migrated("postgresql", tmp_path) as database:
        env = microsoft.env | {"BMA_DATABASE_URL": database, "BMA_SECRET_KEY": "x" * 32}
        folders = [tmp_path / name for name in ("one", "two")]
        for folder in folders:
            folder.mkdir()
        with (
            assistant(folders[0], env) as one,
            assistant(folders[1], env) as two,
            httpx.Client(trust_env=False, timeout=30) as client,
        ):

            def talk(user: str) -> list[dict[str, Any]]:
                """Every message is delivered to both processes, at about the same time."""
                bodies = [wire.message(microsoft, text, user) for text in TEXTS]
                headers = {"Authorization": f"Bearer {microsoft.token()}"}
                for place, body in enumerate(bodies):
                    for url in (one, two) if place % 2 else (two, one):
                        assert client.post(f"{url}/api/messages", json=body, headers=headers).status_code == 202
                return bodies

            with ThreadPoolExecutor(6) as pool:
                asked = list(pool.map(talk, USERS))
            for user, bodies in zip(USERS, asked, strict=True):
                said = microsoft.wait(f"a:{user}", len(TEXTS), 30)
                assert [item.body["replyToId"] for item in said] == [body["id"] for body in bodies]
    assert {len(microsoft.taken(f"a:{user}")) for user in USERS} == {len(TEXTS)}
