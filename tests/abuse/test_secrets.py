"""Secrets come from the environment or from files, and are never logged, whatever fails."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from api.security import EVERYWHERE, ON_PAGES
from api.settings import Settings
from tests.servers import assistant, free_port
from tests.trained import ROOT

KEY = "cle-tres-secrete-" + "k" * 40
API_TOKEN = "jeton-tres-secret-0123456789"
URL_PASSWORD = "mot-de-passe-de-la-base"
CLIENT_SECRET = "secret-du-client-teams"
ALL = (KEY, API_TOKEN, URL_PASSWORD, CLIENT_SECRET)


def started(folder: Path, **env: str) -> str:
    """What a server prints that cannot start, or that starts without its database and is stopped."""
    clean = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": str(ROOT), "BMA_PORT": str(free_port()), **env}
    with (folder / "said.log").open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "api.cli.main", "run"], cwd=ROOT, env=clean, stdout=stream, stderr=stream
        )
        limit = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < limit and not (folder / "said.log").stat().st_size:
            time.sleep(0.1)
        try:
            process.wait(timeout=5)  # one that serves all the same says more in the meantime
        except subprocess.TimeoutExpired:
            process.terminate()
            process.wait(timeout=20)
    return (folder / "said.log").read_text()


@pytest.mark.slow
def test_a_server_that_cannot_start_tells_no_secret(tmp_path: Path) -> None:
    secrets = {"BMA_SECRET_KEY": KEY, "BMA_API_TOKEN": API_TOKEN, "BMA_TEAMS_CLIENT_SECRET": CLIENT_SECRET}
    for wrong in (
        {"BMA_DATABASE_URL": f"postgresql+psycopg://u:{URL_PASSWORD}@127.0.0.1:1/x"},
        {"BMA_DATABASE_URL": f"mysql://u:{URL_PASSWORD}@127.0.0.1/x"},
        {"BMA_DATABASE_URL": f"postgresql+psycopg://u:{URL_PASSWORD}@127.0.0.1:port/x"},
        {"BMA_PORT": "abc"},
        {"BMA_SECRET_KEY": KEY[:20]},
        {"BMA_TEAMS_APP_ID": "no-guid", "BMA_TEAMS_TENANT_ID": "x"},
        {"BMA_MODEL_DIR": str(tmp_path / "none")},
    ):
        said = started(tmp_path, **secrets | wrong)
        assert said.strip()
        assert [secret for secret in (*ALL, KEY[:20]) if secret in said] == [], said


@pytest.mark.slow
def test_secrets_from_files_work_and_are_not_logged(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "BMA_API_TOKEN").write_text(API_TOKEN + "\n")
    (folder / "BMA_SECRET_KEY").write_text(KEY + "\n")
    env = {"BMA_SECRETS_DIR": str(folder), "BMA_LOG_LEVEL": "debug", "BMA_API_TOKEN": API_TOKEN}
    with assistant(tmp_path, env) as url, httpx.Client(base_url=url, trust_env=False) as client:
        assert client.get("/status", headers={"Authorization": f"Bearer {API_TOKEN}"}).status_code == 200
        assert client.get("/status", params={"token": API_TOKEN}).status_code == 200
        assert client.get("/status", params={"token": API_TOKEN + "x"}).status_code == 401
        client.get(f"/conversations/{API_TOKEN}/tracker?token={API_TOKEN}&include_events={API_TOKEN}")
        client.post("/model/parse", params={"token": API_TOKEN}, content=b"{")
        client.get(f"/{API_TOKEN}")
    log = (tmp_path / "server.log").read_text()
    assert "/status" in log
    assert [secret for secret in ALL if secret in log] == []
    assert not (tmp_path / "bma.key").exists()  # the key came from the file


READ = """
from api.channels.teams.settings import TeamsSettings
from api.console.oidc_settings import OidcSettings
from api.settings import Settings
print(Settings().api_token, TeamsSettings().client_secret, OidcSettings().client_secret)
"""
WRONG = """
from pydantic import ValidationError
from api.channels.teams.settings import TeamsSettings
from api.console.oidc_settings import OidcSettings
from api.settings import Settings
for made in (Settings, TeamsSettings, OidcSettings):
    try:
        made()
    except ValidationError as error:
        print(made.__name__, error)
"""


def run(code: str, **env: str) -> str:
    """What a program prints that has only this environment."""
    clean = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **env}
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=clean, capture_output=True, text=True, check=True).stdout


def test_all_settings_are_read_from_files(tmp_path: Path) -> None:
    for name, value in (("API_TOKEN", "a"), ("TEAMS_CLIENT_SECRET", "b"), ("OIDC_CLIENT_SECRET", "c")):
        (tmp_path / f"BMA_{name}").write_text(value + "\n")
    assert run(READ, BMA_SECRETS_DIR=str(tmp_path)).split() == ["a", "b", "c"]


def test_no_wrong_setting_is_repeated() -> None:
    said = run(WRONG, BMA_PORT=CLIENT_SECRET, BMA_TEAMS_WORKERS=CLIENT_SECRET, BMA_OIDC_ROLES=f"x={CLIENT_SECRET}")
    assert said.count("1 validation error for") == 3
    assert CLIENT_SECRET not in said


def test_settings_do_not_show_their_secrets() -> None:
    url = f"postgresql+psycopg://u:{URL_PASSWORD}@h/x"
    shown = repr(Settings(_env_file=None, secret_key=KEY, api_token=API_TOKEN, database_url=url))
    assert [secret for secret in ALL if secret in shown] == []


@pytest.mark.slow
def test_every_answer_has_safe_headers(tmp_path: Path) -> None:
    with assistant(tmp_path, {"BMA_CONSOLE": "on"}) as url, httpx.Client(base_url=url, trust_env=False) as client:
        paths = list(client.get("/openapi.json").json()["paths"])
        plain = [path.replace("{conversation_id}", "x").replace("{name}", "page.css") for path in paths]
        for path in (*plain, "/console/", "/console/connexion", "/none", "/openapi.json", "/assistant?efface=x"):
            for method in ("GET", "POST", "DELETE", "OPTIONS", "PUT"):
                for accept in ("text/html", "*/*"):
                    response = client.request(method, path, headers={"Accept": accept})
                    assert response.status_code < 500, (method, path)
                    wanted = EVERYWHERE | (ON_PAGES if "text/html" in response.headers.get("content-type", "") else {})
                    assert set(map(str.lower, wanted)) <= set(response.headers), (method, path)
                    assert "server" not in response.headers
                    assert "unsafe" not in response.headers.get("content-security-policy", "")
                    if method == "GET" and "html" in response.headers.get("content-type", ""):
                        assert response.headers.get("cache-control") == "no-store", path
