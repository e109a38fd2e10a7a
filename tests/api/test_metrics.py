"""What a real server tells Prometheus: turns, steps, requests, failures; who may ask; nothing that a user wrote."""

import re
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families

from api.errors import ApiError
from api.metrics.definitions import SETTLED
from api.routes.metrics import _require_allowed
from api.settings import Settings
from tests.databases import migrated
from tests.e2e.processes import Server
from tests.servers import TOKEN, assistant, free_port, running

SCRAPE = "jeton-des-chiffres"


def figures(client: httpx.Client, **headers: str) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def of(found: dict[tuple[tuple[str, str], ...], float], **labels: str) -> float:
    return found.get(tuple(sorted(labels.items())), 0.0)


def say(client: httpx.Client, text: str, sender: str | None = None, message_id: str | None = None) -> httpx.Response:
    body = {"sender": sender or str(uuid.uuid4()), "message": text, "metadata": {"message_id": message_id or uuid.uuid4().hex}}
    return client.post("/webhooks/rest/webhook", json=body)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    env = {"BMA_METRICS_TOKEN": SCRAPE, "BMA_RATE_LIMIT": "3,600"}
    folder = tmp_path_factory.mktemp("metrics")
    with assistant(folder, env) as url, httpx.Client(base_url=url, trust_env=False) as client:
        yield client


@pytest.mark.slow
def test_turns_are_counted_by_what_became_of_them(client: httpx.Client) -> None:
    mine = {"Authorization": f"Bearer {SCRAPE}"}
    before = figures(client, **mine)
    asked = {
        "c'est quoi une BMA ?": "answered",
        "mot de passe perdu": "clarified",
        "il pleut demain ?": "declined",
        "bonjour": "small_talk",
    }
    asked["quel est le numéro du support ?"] = "handed_over"
    for text in asked:
        assert say(client, text).status_code == 200
    assert say(client, "mon mot de passe est girafe12", "a" * 32, "m-1").status_code == 200
    assert say(client, "mon mot de passe est girafe12", "a" * 32, "m-1").status_code == 200, "no turn: it came before"
    after = figures(client, **mine)
    turns = after["bma_turns_total"]
    for outcome in asked.values():
        assert of(turns, channel="rest", outcome=outcome) >= 1, outcome
    assert of(turns, channel="rest", outcome="failed") == 0
    assert sum(turns.values()) - sum(before["bma_turns_total"].values() if "bma_turns_total" in before else ()) == 6
    assert of(after["bma_turn_seconds_count"], channel="rest") == 6
    for step in ("start", "read", "nlu", "dialogue", "commit"):
        assert of(after["bma_step_seconds_count"], step=step) >= 6, step
        assert 0 < of(after["bma_step_seconds_sum"], step=step) < 6, step
    assert of(after["bma_step_seconds_count"], step="actions") >= 1
    total = sum(after["bma_step_seconds_sum"].values())
    assert total == pytest.approx(of(after["bma_turn_seconds_sum"], channel="rest"), rel=0.2), "steps are parts of turns"
    assert of(after["bma_masked_secrets_total"], kind="password") == 2, "each time the message came"
    assert list(after["bma_model_processes"].values()) == [1.0]


@pytest.mark.slow
def test_requests_are_counted_by_their_route_and_nothing_that_was_written_is_a_label(client: httpx.Client) -> None:
    client.get("/zebre/girafe")
    client.get("/conversations/zebre", params={"token": TOKEN})
    client.request("PROPFIND", "/version")
    for _ in range(4):
        last = say(client, "zebre", "zebre" * 8)
    assert last.status_code == 429
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {SCRAPE}"})
    found = figures(client, Authorization=f"Bearer {SCRAPE}")
    requests = found["bma_http_requests_total"]
    assert of(requests, method="GET", route="?", status="404") == 1
    assert of(requests, method="GET", route="/conversations/{conversation_id}", status="404") == 1
    assert of(requests, method="?", route="/version", status="405") == 1
    assert of(found["bma_rate_limited_total"], scope="conversation") == 1
    assert not re.search(f"zebre|girafe|PROPFIND|{TOKEN}|{SCRAPE}", answer.text)


@pytest.mark.slow
def test_a_database_that_fails_is_counted_and_so_are_its_connections(tmp_path: Path) -> None:
    with migrated("postgresql", tmp_path) as url:
        server = Server(url, tmp_path, {"BMA_DATABASE_POOL": "2"})
        try:
            server.start()
            server.wait()
            with httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client:
                assert say(client, "c'est quoi une BMA ?").status_code == 200
                found = figures(client)
                assert of(found["bma_database_pool_size"]) == 2
                assert of(found["bma_database_pool_in_use"]) == 0
                assert sum(found["bma_storage_failures_total"].values()) == 0
                beside = sa.create_engine(url)
                with beside.begin() as connection:
                    connection.execute(sa.text("ALTER TABLE answers RENAME TO hidden"))
                assert say(client, "c'est quoi une BMA ?").status_code == 503
                beside.dispose()
                found = figures(client)
                assert of(found["bma_storage_failures_total"], cause="schema") == 1
                assert of(found["bma_turns_total"], channel="rest", outcome="failed") == 1
                assert of(found["bma_database_pool_in_use"]) == 0
        finally:
            server.stop()


@pytest.mark.slow
def test_any_worker_tells_what_all_did(tmp_path: Path) -> None:
    with migrated("postgresql", tmp_path) as url:
        port = free_port()
        env = {"BMA_PORT": str(port), "BMA_DATABASE_URL": url, "BMA_SECRET_KEY": "s" * 32, "BMA_DATABASE_POOL": "2"}
        with running(["run", "--workers", "2"], port, "/health/ready", tmp_path / "log", env) as base:
            for _ in range(12):
                with httpx.Client(base_url=base, trust_env=False, timeout=30) as one:
                    assert say(one, "c'est quoi une BMA ?").status_code == 200
            time.sleep(2 * SETTLED)
            for _ in range(4):
                with httpx.Client(base_url=base, trust_env=False, timeout=30) as one:
                    found = figures(one)
                assert of(found["bma_turns_total"], channel="rest", outcome="answered") == 12
                assert list(found["bma_model_processes"].values()) == [2.0]
                assert of(found["bma_database_pool_size"]) == 4


def request(host: str | None, **headers: str) -> Any:
    return SimpleNamespace(client=SimpleNamespace(host=host) if host else None, headers=httpx.Headers(headers))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "127.8.9.1"])
def test_without_a_token_this_machine_may_ask(host: str) -> None:
    _require_allowed(request(host), Settings(_env_file=None))


@pytest.mark.parametrize(
    ("host", "headers"),
    [("10.0.0.1", {}), (None, {}), ("unix:", {}), ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}), ("::1", {"Via": "1.1 x"})],
)
def test_without_a_token_nobody_else_may(host: str | None, headers: dict[str, str]) -> None:
    with pytest.raises(ApiError) as error:
        _require_allowed(request(host, **headers), Settings(_env_file=None))
    assert error.value.status == 403


def test_behind_a_trusted_proxy_a_token_is_needed() -> None:
    with pytest.raises(ApiError):
        _require_allowed(request("127.0.0.1"), Settings(_env_file=None, trusted_proxies=("10.0.0.1",)))


@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer x", f"Basic {SCRAPE}", f"Bearer {SCRAPE}x"])
def test_with_a_token_only_who_has_it_may(given: str | None) -> None:
    settings = Settings(_env_file=None, metrics_token=SCRAPE)
    _require_allowed(request("10.0.0.1", Authorization=f"bearer {SCRAPE}"), settings)
    with pytest.raises(ApiError) as error:
        _require_allowed(request("127.0.0.1", **({"Authorization": given} if given is not None else {})), settings)
    assert error.value.status == 401
