"""Settings of the channel: each mistake is named before the server starts; off, nothing of the channel is loaded."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from api.app import create_app
from api.channels.teams.settings import TeamsSettings, read_settings
from api.settings import Settings, SettingsError
from tests.trained import ROOT

APP = "11111111-2222-4333-8444-555555555555"
GOOD = {"TENANT_ID": "99999999-8888-4777-8666-555555555555", "CLIENT_SECRET": "secret"}


def read(monkeypatch: pytest.MonkeyPatch, app_id: str = APP, host: str = "127.0.0.1", **changes: str) -> TeamsSettings:
    for name, value in (GOOD | changes).items():
        monkeypatch.setenv(f"BMA_TEAMS_{name}", value)
    return read_settings(Settings(_env_file=None, teams_app_id=app_id, host=host))


def test_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(monkeypatch)
    assert found.answered_tenants == {GOOD["TENANT_ID"]}
    assert found.service_hosts == ("smba.trafficmanager.net",)
    assert not found.is_test
    assert "secret" not in repr(found).replace("credential='secret'", "")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"TENANT_ID": ""}, "BMA_TEAMS_TENANT_ID"),
        ({"TENANT_ID": "contoso"}, "BMA_TEAMS_TENANT_ID"),
        ({"CLIENT_SECRET": ""}, "BMA_TEAMS_CLIENT_SECRET"),
        ({"CREDENTIAL": "clientsecret"}, "BMA_TEAMS_CREDENTIAL"),
        ({"CREDENTIAL": "certificate"}, "BMA_TEAMS_CERTIFICATE"),
        ({"CREDENTIAL": "certificate", "CERTIFICATE": "/nowhere.pfx"}, "BMA_TEAMS_CERTIFICATE"),
        ({"ANONYMOUS": "true"}, "BMA_TEAMS_MODE=test"),
        ({"METADATA_URL": "http://127.0.0.1/"}, "BMA_TEAMS_METADATA_URL"),
        ({"AUTHORITY": "https://localhost/adfs"}, "BMA_TEAMS_AUTHORITY"),
        ({"MODE": "prod"}, "BMA_TEAMS_MODE"),
        ({"WORKERS": "0"}, "BMA_TEAMS_WORKERS"),
        ({"MODE": "test", "ANONYMOUS": "true", "host": "0.0.0.0"}, "BMA_HOST=127.0.0.1"),
        ({"app_id": "x"}, "BMA_TEAMS_APP_ID"),
    ],
)
def test_what_cannot_work_is_named(monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        read(monkeypatch, **changes)


def test_a_managed_identity_needs_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, CREDENTIAL="managed_identity", CLIENT_SECRET="").credential == "managed_identity"


@pytest.mark.parametrize(
    ("url", "production", "test"),
    [
        ("https://smba.trafficmanager.net/emea/x/", True, True),
        ("https://smba.trafficmanager.net:443/emea/", True, True),
        ("https://SMBA.trafficmanager.net/", True, True),
        ("https://smba.trafficmanager.net:8443/", False, False),
        ("http://smba.trafficmanager.net/", False, False),
        ("https://smba.trafficmanager.net.evil.example/", False, False),
        ("https://evil.example/smba.trafficmanager.net", False, False),
        ("https://smba.trafficmanager.net@evil.example/", False, False),
        ("https://user@smba.trafficmanager.net/", False, False),
        ("https://smba.trafficmanager.net/?x=1", False, False),
        ("https://smba.trafficmanager.net/#x", False, False),
        ("https://xsmba.trafficmanager.net/", False, False),
        ("http://127.0.0.1:4000/", False, True),
        ("http://127.0.0.2:4000/", False, False),
        ("ftp://127.0.0.1/", False, False),
        ("https://[::1", False, False),
        ("", False, False),
    ],
)
def test_where_our_token_may_go(url: str, production: bool, test: bool) -> None:
    hosts = ("smba.trafficmanager.net", "127.0.0.1")
    assert TeamsSettings(_env_file=None, service_hosts=hosts).allows_service(url) is production
    assert TeamsSettings(_env_file=None, service_hosts=hosts, mode="test").allows_service(url) is test


def test_the_graph_sdk_is_not_installed() -> None:
    assert find_spec("msgraph") is None
    assert find_spec("azure.identity") is None
    locked = (ROOT / "requirements/teams.txt").read_text()
    assert "microsoft-agents-hosting-fastapi==1.9.0" in locked
    assert "msgraph" not in locked
    assert "microsoft" not in (ROOT / "requirements/runtime.txt").read_text()


def test_off_nothing_of_the_channel_is_loaded() -> None:
    code = """
import sys
from api.app import create_app
from api.settings import Settings
import api.cli.main
app = create_app(Settings(_env_file=None))
theirs = ("microsoft_agents", "msal", "jwt", "aiohttp", "cryptography")
loaded = [name for name in sys.modules if name.partition(".")[0] in theirs]
loaded += [name for name in sys.modules if name.startswith("api.channels.teams")]
assert not loaded, loaded
assert "/api/messages" not in app.openapi()["paths"]
"""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BMA_")}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_without_the_extra_the_operator_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "microsoft_agents.activity", None)
    for name in [name for name in sys.modules if name.startswith("api.channels.teams.")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(SettingsError, match=r"pip install \.\[teams\]"):
        create_app(Settings(_env_file=None, teams_app_id=APP))


def test_the_server_does_not_start_with_a_wrong_setting(tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BMA_")}
    env = clean | {"BMA_TEAMS_APP_ID": APP, "BMA_DATABASE_URL": f"sqlite:///{tmp_path}/x.sqlite3"}
    command = [sys.executable, "-m", "api.cli.main", "run"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "BMA_TEAMS_TENANT_ID" in done.stderr
    assert "Traceback" not in done.stderr
