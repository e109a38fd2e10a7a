"""`bma teams check` against a local Microsoft: what works, what does not, what to do."""

from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli.main import app
from tests.api.channels.teams.microsoft import Microsoft
from tests.servers import free_port


def run(monkeypatch: pytest.MonkeyPatch, env: dict[str, str]) -> Any:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    return CliRunner().invoke(app, ["teams", "check"])


def test_all_works(microsoft: Microsoft, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(monkeypatch, microsoft.env)
    assert done.exit_code == 0, done.output
    assert done.output.count("✓") == 3


def test_a_wrong_secret_says_what_to_copy(microsoft: Microsoft, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(monkeypatch, microsoft.env | {"BMA_TEAMS_CLIENT_SECRET": "faux"})
    assert done.exit_code == 1
    assert "AADSTS7000215" in done.output
    assert "« Valeur » du secret" in done.output
    assert "faux" not in done.output


def test_no_way_out_says_what_to_open(microsoft: Microsoft, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = f"http://127.0.0.1:{free_port()}/"
    done = run(monkeypatch, microsoft.env | {"BMA_TEAMS_METADATA_URL": closed, "BMA_TEAMS_SERVICE_HOSTS": "nulle-part.invalid"})
    assert done.exit_code == 1
    assert "login.botframework.com" in done.output
    assert "sortie HTTPS directe vers nulle-part.invalid" in done.output


def test_off_and_wrong_settings(microsoft: Microsoft, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(monkeypatch, {})
    assert (done.exit_code, "BMA_TEAMS_APP_ID" in done.output) == (2, True)
    done = run(monkeypatch, microsoft.env | {"BMA_TEAMS_TENANT_ID": "contoso"})
    assert (done.exit_code, "BMA_TEAMS_TENANT_ID" in done.output) == (2, True)
