"""Conversations in Teams: a real server, a local connector that speaks the real protocol."""

import pytest

from tests.api.channels.teams import wire
from tests.api.channels.teams.conftest import Teams
from tests.api.channels.teams.microsoft import OUR_TOKEN

pytestmark = pytest.mark.slow


def test_a_question_is_acknowledged_and_answered_with_a_card(teams: Teams) -> None:
    asked = wire.message(teams.microsoft, "c'est quoi une BMA ?")
    response = teams.post(asked)
    assert (response.status_code, response.content) == (202, b"")
    (sent,) = teams.microsoft.wait(1)
    assert sent.path.endswith(f"/v3/conversations/{asked['conversation']['id']}/activities/{asked['id']}")
    assert sent.authorization == f"Bearer {OUR_TOKEN}"
    assert "interface de gestion de courrier électronique" in sent.words
    assert sent.body["replyToId"] == asked["id"]
