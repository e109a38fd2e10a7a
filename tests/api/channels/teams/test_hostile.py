"""Whatever comes with a good token, Teams' route answers what is meant, and goes on."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.channels.teams import wire
from tests.api.channels.teams.users import Teams, User

pytestmark = pytest.mark.slow
SETTINGS = settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
MEANT = (200, 202, 400, 401, 403, 413, 501)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters(codec=None, exclude_categories=()))),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)),
    max_leaves=6,
)
KEYS = """type text value entities from conversation recipient channelData replyToId name locale id timestamp membersAdded
attachments textFormat action serviceUrl channelId localTimestamp""".split()  # noqa: SIM905
TYPES = ("message", "invoke", "conversationUpdate", "installationUpdate", "messageReaction", "typing", "event")


@SETTINGS
@given(st.sampled_from(TYPES), st.dictionaries(st.sampled_from(KEYS), values, max_size=3))
def test_other_values(teams: Teams, kind: str, changed: dict[str, Any]) -> None:
    body = {**wire.message(teams.microsoft, "bonjour", "hostile"), "type": kind, **changed}
    response = teams.post(json.dumps(body).encode())
    assert response.status_code in MEANT, response.text


@pytest.mark.parametrize("seed", range(3))
def test_other_bytes(teams: Teams, seed: int) -> None:
    rng = random.Random(seed)
    good = json.dumps(wire.message(teams.microsoft, "mot de passe perdu", "octets")).encode()
    for _ in range(80):
        raw = bytearray(good)
        for _ in range(rng.randint(1, 5)):
            place = rng.randrange(len(raw))
            raw[place : place + rng.randint(0, 4)] = rng.randbytes(rng.randint(0, 4)) or b"{"
        assert teams.post(bytes(raw)).status_code in MEANT


def test_the_channel_goes_on(teams: Teams) -> None:
    assert User(teams, "apres").says("bonjour")
    log = (teams.folder / "server.log").read_text()
    assert "Traceback" not in log
