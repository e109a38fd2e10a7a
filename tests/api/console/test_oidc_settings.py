"""Settings of the organisation's login: wrong ones stop the server with a sentence that says what to write."""

import subprocess
import sys

import pytest

from api.console.identity import mapped
from api.console.oidc import values_of
from api.console.oidc_settings import PREFIX, is_safe, read_settings
from api.console.rights import Role
from api.settings import Settings, SettingsError
from tests.trained import ROOT

RIGHT = {
    "CLIENT_ID": "bma-console",
    "CLIENT_SECRET": "secret",
    "ROLES": "bma-admin=admin, a=b=editeur",
}
ISSUER = "https://sso.exemple.be/realms/x"


def read(
    monkeypatch: pytest.MonkeyPatch, *, issuer: str = ISSUER, url: str = "https://bma.exemple.be/console/", **changes: str
) -> object:
    for name, value in (RIGHT | changes).items():
        monkeypatch.setenv(PREFIX + name, value)
    return read_settings(Settings(_env_file=None, oidc_issuer=issuer, console_url=url))


def test_the_issuer_may_be_given_by_its_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read_settings(_settings(monkeypatch, f"{ISSUER}/.well-known/openid-configuration"))
    assert found.issuer == ISSUER
    assert found.metadata_url == f"{ISSUER}/.well-known/openid-configuration"
    assert found.roles == {"bma-admin": Role.ADMIN, "a=b": Role.EDITOR}
    assert "secret" not in repr(found)


def _settings(monkeypatch: pytest.MonkeyPatch, issuer: str) -> Settings:
    for name, value in RIGHT.items():
        monkeypatch.setenv(PREFIX + name, value)
    return Settings(_env_file=None, oidc_issuer=issuer, console_url="https://bma.exemple.be/console/")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"issuer": "http://sso.exemple.be"}, "BMA_OIDC_ISSUER is no https:// address"),
        ({"issuer": "https://a@sso.exemple.be"}, "BMA_OIDC_ISSUER"),
        ({"url": ""}, "BMA_CONSOLE_URL is required"),
        ({"url": "http://bma.exemple.be/console/"}, "BMA_CONSOLE_URL"),
        ({"CLIENT_ID": ""}, "BMA_OIDC_CLIENT_ID"),
        ({"CLIENT_SECRET": ""}, "BMA_OIDC_CLIENT_SECRET"),
        ({"ROLES": ""}, "BMA_OIDC_ROLES"),
        ({"ROLES": "bma-admin"}, "BMA_OIDC_ROLES"),
        ({"ROLES": "bma-admin=roi"}, "BMA_OIDC_ROLES"),
        ({"ROLES_CLAIM": ""}, "BMA_OIDC_ROLES_CLAIM"),
    ],
)
def test_what_cannot_work_is_said(monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read(monkeypatch, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.example", True),
        ("http://127.0.0.1:8080", True),
        ("http://[::1]/x", True),
        ("http://a.example", False),
        ("ftp://127.0.0.1", False),
        ("https://", False),
        ("https://[", False),
        ("https://a.example/?x", False),
    ],
)
def test_addresses_that_secrets_may_go_to(url: str, safe: bool) -> None:
    assert is_safe(url) is safe


def test_values_of_a_claim() -> None:
    claims = {"roles": ["a", 1], "realm_access": {"roles": ["b"]}, "x.y": "c", "n": 3}
    found = {name: list(values_of(claims, name)) for name in ("roles", "realm_access.roles", "x.y", "n", "n.m", "z", "roles.x")}
    assert found == {
        "roles": ["a"],
        "realm_access.roles": ["b"],
        "x.y": ["c"],
        "n": [],
        "n.m": [],
        "z": [],
        "roles.x": [],
    }
    assert mapped(["a", "b", "z"], {"a": Role.READER, "b": Role.ADMIN}) == {Role.READER, Role.ADMIN}


def test_without_an_issuer_nothing_of_it_is_imported() -> None:
    code = (
        "import sys; from api.app import create_app; from api.settings import Settings; create_app(Settings(_env_file=None));"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'authlib', 'httpx2', 'joserfc'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PATH": "", "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.stdout.strip() == "[]", done.stderr
