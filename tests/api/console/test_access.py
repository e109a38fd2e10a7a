"""Who gets into the console, and to what: on a real server."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.console.rights import Role
from tests.api.console.people import PASSWORD, add_people, csrf_of, log_in, staffed
from tests.servers import assistant

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("console")
    with staffed(folder) as url:
        yield url


@pytest.fixture
def client(server: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server, trust_env=False) as found:
        yield found


def test_nobody_sees_anything_without_logging_in(client: httpx.Client) -> None:
    refused = client.get("/console/compte")
    assert (refused.status_code, refused.headers["location"]) == (303, "connexion")
    part = client.get("/console/compte", headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["hx-redirect"]) == (401, "connexion")
    assert client.post("/console/deconnexion").status_code == 401


@pytest.mark.parametrize("role", list(Role))
def test_a_role_logs_in_and_out(client: httpx.Client, role: Role) -> None:
    done = log_in(client, role.value)
    assert (done.status_code, done.headers["location"]) == (303, "boite" if role == Role.READER else "./")
    cookie = done.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path" not in cookie
    page = client.get("/console/compte")
    assert f"Une personne {role.value}" in page.text
    token = client.cookies["bma_console"]
    assert client.post("/console/deconnexion", data={"csrf": csrf_of(page.text)}).status_code == 303
    assert client.get("/console/compte", headers={"Cookie": f"bma_console={token}"}).status_code == 303


@pytest.mark.parametrize(
    ("name", "password"), [("admin", "x" * 20), ("personne", PASSWORD), ("", ""), ("admin", ""), ("a\0b", "é" * 400)]
)
def test_a_wrong_password_and_an_unknown_name_are_answered_alike(client: httpx.Client, name: str, password: str) -> None:
    refused = log_in(client, name, password)
    assert refused.status_code == 401
    assert "Le nom ou le mot de passe est incorrect" in refused.text
    assert "set-cookie" not in refused.headers


def test_a_form_without_its_token_changes_nothing(client: httpx.Client) -> None:
    log_in(client, "admin")
    page = client.get("/console/compte").text
    for fields in ({}, {"csrf": "x"}, {"csrf": csrf_of(page)[:-1]}):
        refused = client.post("/console/deconnexion", data=fields)
        assert refused.status_code == 403
        assert "Ce formulaire a expiré" in refused.text
    elsewhere = client.post("/console/deconnexion", data={"csrf": csrf_of(page)}, headers={"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status_code == 403
    assert client.get("/console/compte").status_code == 200


def test_pages_are_kept_nowhere_and_run_no_foreign_script(client: httpx.Client) -> None:
    headers = client.get("/console/connexion").headers
    assert headers["cache-control"] == "no-store"
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]


def test_the_console_is_closed_on_a_public_address_until_somebody_can_log_in(tmp_path: Path) -> None:
    with assistant(tmp_path, {"BMA_HOST": "0.0.0.0"}) as url, httpx.Client(base_url=url, trust_env=False) as client:
        assert client.get("/console/connexion").status_code == 404
        add_people(f"sqlite:///{tmp_path}/bma.sqlite3")
        assert client.get("/console/connexion").status_code == 200


def test_the_console_can_be_switched_off(tmp_path: Path) -> None:
    with assistant(tmp_path, {"BMA_CONSOLE": "off"}) as url:
        assert httpx.get(f"{url}/console/connexion", trust_env=False).status_code == 404
