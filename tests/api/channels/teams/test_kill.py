"""What was acknowledged is answered, at whichever moment the process is killed: once stored, at least once delivered."""

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from bot.storage.database import connect
from tests.api.channels.teams import wire
from tests.api.channels.teams.faulty import MOMENTS
from tests.api.channels.teams.microsoft import Microsoft, Sent
from tests.databases import migrated
from tests.servers import assistant

pytestmark = pytest.mark.slow
ACKNOWLEDGED = MOMENTS[2:]
"""Moments at which the 202 may have left already."""


def send(url: str, microsoft: Microsoft, body: dict[str, Any]) -> int | None:
    """The status of an activity; None when the server died before it answered."""
    headers = {"Authorization": f"Bearer {microsoft.token()}"}
    with suppress(httpx.TransportError), httpx.Client(trust_env=False, timeout=20) as client:
        return client.post(f"{url}/api/messages", json=body, headers=headers).status_code
    return None


def wait_for_death(url: str) -> None:
    """Return when the server no longer answers."""
    limit = time.monotonic() + 20
    with suppress(httpx.TransportError), httpx.Client(trust_env=False, timeout=5) as client:
        while client.get(f"{url}/health/live").status_code == 200:
            assert time.monotonic() < limit, "the server lives"


def answered(url: str, microsoft: Microsoft, moment: str, asked: dict[str, Any], *, is_acknowledged: bool) -> dict[str, Any]:
    """What a process finds that another one left when it was killed; the next message, once it is answered too."""
    place = asked["conversation"]["id"]
    if not is_acknowledged:
        assert send(url, microsoft, asked) == 202, "Teams delivers again what was not acknowledged"
    deliveries = 2 if moment == "delivered" else 1
    microsoft.wait(place, deliveries)
    thanks = wire.message(microsoft, "merci", moment)
    for again in (asked, thanks):
        assert send(url, microsoft, again) == 202
    said: list[Sent] = microsoft.wait(place, deliveries + 1)
    assert "déconseillée" in said[0].words
    assert len({json.dumps(item.card, sort_keys=True) for item in said[:-1]}) == 1, "another answer the second time"
    assert len(said) == deliveries + 1
    return thanks


def wait_until_all_is_noted(database: str) -> None:
    """Return when every answer is noted as sent, a moment after the connector has the last one."""
    engine = connect(database)
    limit = time.monotonic() + 10
    while True:
        with engine.connect() as connection:
            left = connection.execute(sa.text("SELECT COUNT(*) FROM inbox WHERE status <> 'sent'")).scalar()
        if not left:
            break
        assert time.monotonic() < limit, f"{left} answers are not noted as sent"
    engine.dispose()


def stored(database: str) -> list[str]:
    """Ids of the messages that were answered, in order; each is one event of a user."""
    engine = connect(database)
    with engine.connect() as connection:
        answers = connection.execute(sa.text("SELECT message_id FROM answers ORDER BY answered_at")).scalars().all()
        events = connection.execute(sa.text("SELECT COUNT(*) FROM events WHERE type_name = 'user'")).scalar()
    engine.dispose()
    assert events == len(answers)
    return list(answers)


@pytest.mark.parametrize(("kind", "moments"), [("sqlite", MOMENTS), ("postgresql", ("claimed", "delivered"))])
def test_killed_between_each_two_steps(microsoft: Microsoft, tmp_path: Path, kind: str, moments: tuple[str, ...]) -> None:
    death, expected = tmp_path / "death", []
    asked, moment, status = None, "", None
    microsoft.sent.clear()
    with migrated(kind, tmp_path) as database:
        env = microsoft.env | {"BMA_DATABASE_URL": database, "BMA_SECRET_KEY": "x" * 32, "BMA_TEST_DEATH": str(death)}
        env |= {"BMA_TEST_LEASE": "2"}  # seconds after which another process of PostgreSQL takes over
        for following in (*moments, None):
            with assistant(tmp_path, env, "tests.api.channels.teams.faulty") as url:
                if asked is not None:
                    thanks = answered(url, microsoft, moment, asked, is_acknowledged=status == 202)
                    wait_until_all_is_noted(database)
                    expected += [asked["id"], thanks["id"]]
                if following is None:
                    break
                moment, asked = following, wire.message(microsoft, "faut-il rediriger les mails ?", following)
                death.write_text(moment)
                status = send(url, microsoft, asked)
                assert status is None or (status == 202 and moment in ACKNOWLEDGED), "acknowledged, and not stored"
                wait_for_death(url)
            death.unlink()
        assert stored(database) == expected
