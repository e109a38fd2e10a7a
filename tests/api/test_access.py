"""Nobody reads or writes another's conversation (tests/data/access.yml); everybody can erase their own."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from api.routes.public import is_random
from bot.identity import Secret
from tests.servers import TOKEN, assistant

pytestmark = pytest.mark.slow
CASES = YAML(typ="safe", pure=True).load(Path(__file__).parents[1] / "data/access.yml")
URL = "/webhooks/rest/webhook"
QUESTION = "Quelle est la capacité de stockage de la boite ?"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
KEY = "k" * 40
VICTIM = str(uuid.uuid4())
VALUES = {
    "victim": VICTIM,
    "other": str(uuid.uuid4()),
    "victim_key": str(Secret(KEY.encode()).conversation("rest", VICTIM)),
    "teams_key": str(Secret(KEY.encode()).conversation("teams", "29:abc")),
    "long": "a" * 6_000,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, Path]]:
    folder = tmp_path_factory.mktemp("access")
    with (
        assistant(folder, {"BMA_SECRET_KEY": KEY, "BMA_MAX_BODY_BYTES": "65536"}) as url,
        httpx.Client(base_url=url, trust_env=False) as client,
    ):
        yield client, folder


@pytest.fixture
def client(server: tuple[httpx.Client, Path]) -> httpx.Client:
    return server[0]


def ask(client: httpx.Client, sender: str, message_id: str, message: str = QUESTION) -> Any:
    body = {"sender": sender, "message": message, "metadata": {"message_id": message_id}}
    return client.post(URL, json=body).raise_for_status().json()


def stored(client: httpx.Client, sender: str) -> Any:
    return client.get(f"/conversations/{sender}", headers=BEARER).json()


def filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: filled(item) for name, item in value.items()}
    return value.format(**VALUES) if isinstance(value, str) else value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_refused_and_nothing_changed(client: httpx.Client, case: dict[str, Any]) -> None:
    for sender in (VICTIM, "ecole-1"):
        ask(client, sender, "m-1")
    before = [stored(client, sender) for sender in (VICTIM, "ecole-1")]
    headers = {"Authorization": f"Bearer {filled(case['token'])}"} if "token" in case else {}
    if case.get("cookie"):
        headers["Cookie"] = f"token={TOKEN}; Authorization=Bearer {TOKEN}"
    body = {"json": filled(case["body"])} if "body" in case else {}
    response = client.request(case["method"], filled(case["path"]), headers=headers, **body)
    assert response.status_code == case["status"], response.text
    assert "capacité" not in response.text
    assert [stored(client, sender) for sender in (VICTIM, "ecole-1")] == before


def test_a_teams_conversation_is_none_of_rest_s(client: httpx.Client) -> None:
    """The same sender on two channels is two conversations; a stored key is no sender."""
    ask(client, "29:abc", "m-1")
    assert client.get("/conversations/29:abc", params={"channel": "teams"}, headers=BEARER).status_code == 404
    assert client.get(f"/conversations/{VALUES['teams_key']}", headers=BEARER).status_code == 404


def test_users_erase_their_conversation_and_give_feedback(server: tuple[httpx.Client, Path]) -> None:
    client, folder = server
    sender = str(uuid.uuid4())
    ask(client, sender, "m-1", "combien de place ? zygomatique")
    reason = "pas clair, un hippopotame ; appelez-moi au 0470 12 34 56"
    given = {"sender": sender, "message_id": "m-1", "helpful": False, "reason": reason}
    assert client.post("/w/feedback", json=given).status_code == 204
    found = stored(client, sender)
    assert found["feedback"][0]["reason"] == "pas clair, un hippopotame ; appelez-moi au [téléphone]"
    assert found["review_queue"][0]["kind"] == "unhelpful"
    assert client.post("/w/feedback", json={**given, "helpful": True, "reason": "x" * 900}).status_code == 204
    assert len(stored(client, sender)["feedback"][0]["reason"]) == 500
    for _ in range(2):
        assert client.delete(f"/w/conversations/{sender}").status_code == 204
    assert client.get(f"/conversations/{sender}", headers=BEARER).status_code == 404
    left = b"".join(path.read_bytes() for path in folder.glob("bma.sqlite3*"))
    assert b"zygomatique" not in left
    assert b"hippopotame" not in left
    assert sender not in (folder / "server.log").read_text()


def test_the_export_holds_what_is_stored_and_no_address(client: httpx.Client) -> None:
    sender = str(uuid.uuid4())
    ask(client, sender, "m-1")
    found = stored(client, sender)
    assert set(found) == {"conversations", "events", "answers"}
    assert sender not in json.dumps(found)
    assert "127.0.0.1" not in json.dumps(found)
    assert found["answers"][0]["outcome"] == "utter_capacite"


RANDOM = [
    "2b4d1e7e-b8a8-4aa5-8461-ee3fd7f931f5",
    "d4f39e67bb3a45d3895473bed3d4dd8b",
    "b7xPq3V0mJ8sTdLz9KfR2w",
    "Zk3-0_hQeVb8yN1tXcGm5RfAaPsLdWuY",
    "0F1E2D3C4B5A69788796A5B4C3D2E1F0",
]


@pytest.mark.parametrize("sender", RANDOM)
def test_what_counts_as_random(sender: str) -> None:
    assert is_random(sender)
    assert not is_random(sender[:20])
    assert not is_random(f"{sender}\n")
