"""The OpenAPI description is honest: schemathesis finds no answer that it does not announce, nor an error of the server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.servers import TOKEN, assistant
from tests.trained import ROOT

pytestmark = pytest.mark.slow
CONFIGURATION = """
[checks]
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 409, 413, 415, 429]
"""
OURS = (
    "/health/ready",
    "/webhooks/rest/webhook",
    "/w/feedback",
    "/assistant",
    "/model/parse",
    "/conversations/{conversation_id}",
)


def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    with assistant(tmp_path) as url:
        described = httpx.get(f"{url}/openapi.json", trust_env=False).json()
        assert set(OURS) <= set(described["paths"])
        (tmp_path / "schemathesis.toml").write_text(CONFIGURATION)
        command = [
            *(str(Path(sys.executable).with_name("schemathesis")), "run", f"{url}/openapi.json"),
            *("--header", f"Authorization: Bearer {TOKEN}", "--seed", "1", "--generation-deterministic"),
            *("--max-examples", "15", "--max-time", "45", "--checks", "all", "--continue-on-failure", "--no-color"),
        ]
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
        log = (tmp_path / "server.log").read_text()
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-500:]
    assert "Traceback" not in log
    assert str(ROOT) not in log
