"""The action server on a real uvicorn, on loopback."""

import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import uvicorn

from actions.server import MAX_BODY, create_app
from tests.actions.conftest import PROJECT, call

TOKEN = "jeton-é-9f2c"
DEFLATE = {"Content-Encoding": "deflate"}


@contextmanager
def served(token: str | None) -> Iterator[httpx.Client]:
    before = os.environ.get("BMA_PROJECT_DIR")
    os.environ["BMA_PROJECT_DIR"] = str(PROJECT)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(token), log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", trust_env=False, timeout=20) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(10)
        os.environ.pop("BMA_PROJECT_DIR")
        if before is not None:
            os.environ["BMA_PROJECT_DIR"] = before


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with served(None) as client:
        yield client


@pytest.fixture(scope="module")
def guarded() -> Iterator[httpx.Client]:
    with served(TOKEN) as client:
        yield client


def test_health_and_actions(client: httpx.Client, domain: Any) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    assert sorted(item["name"] for item in client.get("/actions").json()) == sorted(domain["actions"])


@pytest.mark.parametrize("path", ["/", "/docs", "/redoc", "/openapi.json"])
def test_no_other_page(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [(call(), 200), (call("action_inconnue"), 404), (call(domain=...), 449), (call(tracker={}), 400), (None, 400), ({}, 200)],
)
def test_statuses(client: httpx.Client, body: Any, status: int) -> None:
    answer = client.post("/webhook", content=json.dumps(body))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert (answer.json() is None) == (body == {})


def test_deflate(client: httpx.Client) -> None:
    answer = client.post("/webhook", content=zlib.compress(json.dumps(call()).encode()), headers=DEFLATE)
    assert answer.status_code == 200
    assert answer.json()["responses"][0]["response"] == "utter_cerbere"


GOOD = zlib.compress(json.dumps(call()).encode())


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (GOOD[:-6], "deflate", 400),
        (GOOD + b"x", "deflate", 400),
        (b"{}", "deflate", 400),
        (b"", "deflate", 400),
        (zlib.compress(b" " * (MAX_BODY + 1)), "deflate", 413),
        (zlib.compress(b" " * (MAX_BODY * 50)), "deflate", 413),
        (GOOD, "gzip", 400),
        (GOOD, "br", 400),
        (GOOD, "deflate, deflate", 400),
        (b" " * (MAX_BODY + 1), "identity", 413),
        (b"", "identity", 400),
        (b"{", "identity", 400),
        (b"\xff", "identity", 400),
        (b"[" * 200_000, "identity", 400),
        (b"9" * 5_000, "identity", 400),
        (b'{"next_action": NaN}', "identity", 400),
        (b'{"next_action": "\\ud800"}', "identity", 400),
    ],
)
def test_bodies_that_are_refused(client: httpx.Client, body: bytes, encoding: str, status: int) -> None:
    answer = client.post("/webhook", content=body, headers={"Content-Encoding": encoding})
    assert answer.status_code == status
    assert "action_name" not in answer.json()


def test_a_body_that_does_not_say_its_size(client: httpx.Client) -> None:
    chunks = (b" " * 1_000_000 for _ in range(MAX_BODY // 1_000_000 + 2))
    try:
        status = client.post("/webhook", content=chunks).status_code
    except httpx.WriteError:
        return
    assert status == 413


@pytest.mark.parametrize("path", ["/webhook", "/actions"])
@pytest.mark.parametrize(
    ("params", "headers", "allowed"),
    [
        ({}, {}, False),
        ({"token": TOKEN}, {}, True),
        ({"token": TOKEN + "x"}, {}, False),
        ({"token": ""}, {}, False),
        ({}, {"Authorization": f"Bearer {TOKEN}".encode()}, True),
        ({}, {"Authorization": f"bearer {TOKEN}".encode()}, True),
        ({}, {"Authorization": f"Basic {TOKEN}".encode()}, False),
        ({}, {"Authorization": b"Bearer"}, False),
        ({"token": "faux"}, {"Authorization": f"Bearer {TOKEN}".encode()}, True),
    ],
)
def test_token(guarded: httpx.Client, path: str, params: Any, headers: Any, allowed: bool) -> None:
    if path == "/webhook":
        answer = guarded.post(path, params=params, headers=headers, json=call())
    else:
        answer = guarded.get(path, params=params, headers=headers)
    assert answer.status_code == (200 if allowed else 401)


def test_health_needs_no_token(guarded: httpx.Client) -> None:
    assert guarded.get("/health").status_code == 200


def test_the_access_log_shows_no_token(guarded: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        guarded.get("/actions", params={"token": "jeton-visible"})
        guarded.request("PROPFIND", "/jeton-visible")
    lines = [record.getMessage() for record in caplog.records if record.name == "uvicorn.access"]
    assert any("GET /actions HTTP/1.1" in line for line in lines)
    assert not any("token=" in line for line in lines)
    lines = [record.getMessage() for record in caplog.records if record.name == "bma.actions"]
    assert any(line.startswith("GET /actions 401 ") for line in lines)
    assert any(line.startswith("? ? 404 ") for line in lines)
    assert not any("jeton" in line or "PROPFIND" in line for line in lines)


@pytest.mark.parametrize("given", ["", "court", "avec espace", "x" * 65, "é" * 10, "girafe/0123"])
def test_a_callers_id_that_is_none_is_replaced(client: httpx.Client, given: str) -> None:
    answer = client.get("/health", headers={"X-Request-Id": given.encode()})
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["X-Request-Id"])


def test_a_callers_id_is_kept(client: httpx.Client) -> None:
    assert client.get("/health", headers={"X-Request-Id": "a1B2-c3.d4_e5"}).headers["X-Request-Id"] == "a1B2-c3.d4_e5"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def test_python_m_actions_server() -> None:
    port = free_port()
    settings = {"BMA_ACTIONS_PORT": str(port), "BMA_ACTIONS_TOKEN": "jeton-visible", "BMA_PROJECT_DIR": str(PROJECT)}
    command = [sys.executable, "-m", "actions.server"]
    with subprocess.Popen(
        command, cwd=PROJECT, env=os.environ | settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            url = f"http://127.0.0.1:{port}/actions"
            assert waited(url).status_code == 401
            headers = {"X-Request-Id": "girafe-0123"}
            answer = httpx.get(url, params={"token": "jeton-visible"}, headers=headers, trust_env=False)
            assert answer.status_code == 200
        finally:
            process.send_signal(signal.SIGINT)
            output, _ = process.communicate(timeout=20)
    assert "jeton-visible" not in output
    assert re.search(r" INFO bma\.actions GET /actions 200 [\d.]+ ms \[girafe-0123\]\n", output)


def waited(url: str) -> httpx.Response:
    """The first answer of a server that starts."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return httpx.get(url, trust_env=False)
        except httpx.ConnectError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


@pytest.mark.parametrize(
    ("settings", "error"),
    [({"BMA_ACTIONS_PORT": "70000"}, "BMA_ACTIONS_PORT"), ({"BMA_PROJECT_DIR": "/nulle-part"}, "/nulle-part/data/links.yml")],
)
def test_settings_that_cannot_work_are_named(settings: dict[str, str], error: str) -> None:
    command = [sys.executable, "-m", "actions.server"]
    done = subprocess.run(command, cwd=PROJECT, env=os.environ | settings, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert error in done.stderr
    assert "Traceback" not in done.stderr
