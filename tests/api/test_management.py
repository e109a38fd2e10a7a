"""Health, and the management routes behind the token, on a real server."""

from collections.abc import Iterator

import httpx
import pytest

from tests.databases import KINDS, migrated
from tests.servers import TOKEN, assistant

pytestmark = pytest.mark.slow
BEARER = {"Authorization": f"Bearer {TOKEN}"}
GUARDED = [
    ("POST", "/model/parse"),
    ("GET", "/status"),
    ("GET", "/domain"),
    ("GET", "/conversations/x/tracker"),
    ("DELETE", "/conversations/x/tracker"),
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with assistant(tmp_path_factory.mktemp("management")) as url, httpx.Client(base_url=url, trust_env=False) as client:
        yield client


def test_health_and_version(client: httpx.Client) -> None:
    assert client.get("/health/live").json() == {"status": "ok"}
    assert client.get("/health/ready").json()["status"] == "ok"
    assert client.get("/version").json()["rasa_format"] == "3.1"


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_guarded_routes_need_the_token(client: httpx.Client, method: str, path: str) -> None:
    assert client.request(method, path).status_code == 401
    assert client.request(method, path, headers={"Authorization": "Bearer faux"}).status_code == 401
    assert client.request(method, path, headers={"Authorization": "Basic x"}).status_code == 401
    assert client.request(method, path, params={"token": "é"}).status_code == 401
    assert client.request(method, path, params={"token": TOKEN}).status_code not in (401, 403)


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_without_a_token_on_the_server_they_are_closed(closed: httpx.Client, method: str, path: str) -> None:
    assert closed.request(method, path, headers=BEARER).status_code == 403


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with (
        assistant(tmp_path_factory.mktemp("closed"), {"BMA_API_TOKEN": ""}) as url,
        httpx.Client(base_url=url, trust_env=False) as client,
    ):
        yield client


def test_parse_has_rasas_shape(client: httpx.Client) -> None:
    text = "Notre internat a perdu le mot de passe de la BMA"
    result = client.post("/model/parse", json={"text": text}, headers=BEARER).json()
    assert set(result) == {"text", "intent", "entities", "text_tokens", "intent_ranking", "response_selector"}
    assert result["intent"]["name"] == result["intent_ranking"][0]["name"]
    assert len(result["intent_ranking"]) <= 10
    assert sum(item["confidence"] for item in result["intent_ranking"]) <= 1.001
    entity = next(item for item in result["entities"] if item["entity"] == "type_etablissement")
    assert entity == {
        "entity": "type_etablissement", "start": 6, "end": 14, "value": "internat", "extractor": "RegexEntityExtractor",
    }  # fmt: skip
    assert all(text[start:end].strip() for start, end in result["text_tokens"])


def test_parse_masks_and_reads_payloads(client: httpx.Client) -> None:
    masked = client.post("/model/parse", json={"text": "appelez-moi au 0470 12 34 56"}, headers=BEARER).json()
    assert masked["text"] == "appelez-moi au [téléphone]"
    payload = client.post("/model/parse", json={"text": '/redirection@0.5{"numero_fase": "12"}'}, headers=BEARER).json()
    assert payload["intent"] == {"name": "redirection", "confidence": 0.5}
    assert payload["entities"][0]["extractor"] == "RegexMessageHandler"
    assert "text_tokens" not in payload


def test_a_conversation_can_be_read_and_forgotten(client: httpx.Client) -> None:
    client.post("/webhooks/rest/webhook", json={"sender": "s-1", "message": "Bonjour"})
    tracker = client.get("/conversations/s-1/tracker", headers=BEARER).json()
    assert tracker["sender_id"] == "s-1"
    kinds = [event["event"] for event in tracker["events"]]
    assert kinds == ["action", "session_started", "action", "user", "user_featurization", "action", "bot", "action"]
    answer = tracker["events"][5]
    assert answer["policy"] == "RulePolicy"
    assert answer["metadata"]["reason"]["file"] == "data/rules/politesse.yml"
    assert answer["metadata"]["reason"]["line"] > 0
    assert client.get("/conversations/s-1/tracker?include_events=NONE", headers=BEARER).json()["events"] is None
    assert client.delete("/conversations/s-1/tracker", headers=BEARER).status_code == 204
    assert client.get("/conversations/s-1/tracker", headers=BEARER).status_code == 404
    assert client.delete("/conversations/s-1/tracker", headers=BEARER).status_code == 404


def test_nul_in_a_channel_counts_for_nothing_as_no_database_keeps_it(on_each: httpx.Client) -> None:
    for channel, status in (("\0", 404), ("pa\0ge", 404), ("rest\0", 200)):
        on_each.post("/webhooks/rest/webhook", json={"sender": "s-2", "message": "Bonjour"})
        asked = {"channel": channel}
        assert on_each.get("/conversations/s-2", params=asked, headers=BEARER).status_code == status
        assert on_each.delete("/conversations/s-2", params=asked, headers=BEARER).status_code == (204 if status == 200 else 404)


@pytest.fixture(scope="module", params=KINDS)
def on_each(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server on each database."""
    folder = tmp_path_factory.mktemp("on_each")
    with (
        migrated(request.param, folder) as database,
        assistant(folder, {"BMA_DATABASE_URL": database, "BMA_SECRET_KEY": "k" * 32}) as url,
        httpx.Client(base_url=url, trust_env=False) as client,
    ):
        yield client


def test_domain_and_status(client: httpx.Client) -> None:
    assert "utter_redirection" in client.get("/domain", headers=BEARER).json()["responses"]
    assert client.get("/status", headers=BEARER).json()["model_file"].endswith(".tar.gz")


def test_unknown_paths_and_methods_are_french_errors(client: httpx.Client) -> None:
    assert client.get("/nulle-part").json()["reason"] == "not_found"
    assert client.put("/version").status_code == 405
