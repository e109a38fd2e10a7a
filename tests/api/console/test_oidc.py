"""Logging in with the organisation's account: a real server, a real provider beside it."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import sqlalchemy as sa

from api.console.rights import Role
from bot.storage import accounts, audit
from bot.storage.database import connect
from tests.api.console.people import add_people, csrf_of, log_in
from tests.api.console.provider import CLIENT, SECRET, Provider, new_key, provider
from tests.servers import TOKEN, assistant, free_port, running
from tests.stored import latest_entries
from tests.trained import model_path

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stub() -> Iterator[Provider]:
    with provider() as found:
        yield found


@pytest.fixture(autouse=True)
def good(stub: Provider) -> None:
    stub.be_good()


def settings(stub: Provider, port: int) -> dict[str, str]:
    return {
        "BMA_PORT": str(port),
        "BMA_CONSOLE_URL": f"http://127.0.0.1:{port}/console/",
        "BMA_CONSOLE_BREAK_GLASS": "admin",
        "BMA_OIDC_ISSUER": stub.url,
        "BMA_OIDC_CLIENT_ID": CLIENT,
        "BMA_OIDC_CLIENT_SECRET": SECRET,
        "BMA_OIDC_ROLES": "bma-admin=admin, bma-edit=editeur,bma-lire=lecteur",
    }


@contextlib.contextmanager
def joined(folder: Path, stub: Provider, **changes: str) -> Iterator[str]:
    """A server that the provider's people can use."""
    model_path()
    port = free_port()
    env = {"BMA_DATABASE_URL": f"sqlite:///{folder}/bma.sqlite3", "BMA_API_TOKEN": TOKEN} | settings(stub, port) | changes
    with running(["run"], port, "/health/ready", folder / "server.log", env) as url:
        yield url


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("oidc")


@pytest.fixture(scope="module")
def server(stub: Provider, folder: Path) -> Iterator[str]:
    with joined(folder, stub) as url:
        add_people(f"sqlite:///{folder}/bma.sqlite3")
        yield url


@pytest.fixture
def client(server: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server, trust_env=False) as found:
        yield found


def go(client: httpx.Client) -> httpx.Response:
    """Log in as a browser does: to the provider, and back."""
    there = client.get("/console/oidc")
    assert there.status_code == 303
    back = httpx.get(there.headers["location"], trust_env=False)
    return client.get(back.headers["location"])


def sees(client: httpx.Client) -> bool:
    return client.get("/console/compte").status_code == 200


def entries(folder: Path) -> list[audit.Entry]:
    engine = connect(f"sqlite:///{folder}/bma.sqlite3")
    with engine.connect() as connection:
        found = latest_entries(connection, 20)
    engine.dispose()
    return found


def test_somebody_of_the_organisation_logs_in_and_gets_the_role_of_each_login(
    client: httpx.Client, stub: Provider, folder: Path
) -> None:
    done = go(client)
    assert (done.status_code, done.headers["location"]) == (303, "./")
    page = client.get("/console/compte").text
    assert "Ada Lambert" in page
    assert "éditeur" in page
    assert 'name="ancien"' not in page
    stub.claims = {"roles": ["bma-lire", "bma-admin", "autre-chose"], "name": "Ada Lambert-Petit"}
    go(client)
    page = client.get("/console/compte").text
    assert "Ada Lambert-Petit" in page
    assert "administrateur" in page
    login, change, first, made = entries(folder)[:4]
    assert (login.actor, login.action, login.details) == ("7f3a", "login", {"source": "oidc"})
    assert (change.actor, change.action, change.subject) == ("oidc", "change_role", "7f3a")
    assert change.details == {"role": "admin", "before": "editeur"}
    assert (first.action, made.action) == ("login", "create_account")


def test_only_the_subject_the_name_and_the_role_are_kept(client: httpx.Client, stub: Provider, folder: Path) -> None:
    stub.claims = {"sub": "garde", "email": "ada@exemple.be", "phone_number": "+3225551234", "preferred_username": "alambert"}
    go(client)
    raw = b"".join(path.read_bytes() for path in folder.glob("bma.sqlite3*")) + (folder / "server.log").read_bytes()
    assert b"garde" in raw
    for never in (b"ada@exemple.be", b"3225551234", b"alambert", SECRET.encode()):
        assert never not in raw


def test_the_browser_is_sent_with_state_nonce_and_challenge_in_a_cookie_of_ten_minutes(client: httpx.Client) -> None:
    there = client.get("/console/oidc")
    query = parse_qs(urlsplit(there.headers["location"]).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["redirect_uri"][0].endswith("/console/retour")
    cookie = there.headers["set-cookie"]
    for part in ("Max-Age=600", "HttpOnly", "SameSite=lax"):
        assert part in cookie
    assert "Path" not in cookie
    assert there.headers["cache-control"] == "no-store"


WRONG: dict[str, dict[str, Any]] = {
    "another nonce": {"claims": {"nonce": "x" * 20}},
    "no nonce": {"claims": {"nonce": None}},
    "another issuer": {"claims": {"iss": "https://ailleurs.example"}},
    "no issuer": {"claims": {"iss": None}},
    "for another": {"claims": {"aud": "autre"}},
    "for another, by way of us": {"claims": {"aud": "autre", "azp": CLIENT}},
    "expired": {"claims": {"exp": 1_700_000_000, "iat": 1_699_999_000}},
    "without expiry": {"claims": {"exp": None}},
    "of the future": {"claims": {"iat": 4_000_000_000, "exp": 4_000_000_300}},
    "no subject": {"claims": {"sub": None}},
    "a subject that is none": {"claims": {"sub": 12}},
    "an empty subject": {"claims": {"sub": ""}},
    "a subject with a line": {"claims": {"sub": "a\nb"}},
    "the audit's own name": {"claims": {"sub": "cli"}},
    "forged": {"is_forged": True},
    "not signed": {"algorithm": "none"},
    "no token": {"no_id_token": True},
    "answered by another issuer": {"alters": {"iss": "https://ailleurs.example"}},
    "another code": {"alters": {"code": "devine"}},
}


@pytest.mark.parametrize("what", WRONG.values(), ids=list(WRONG))
def test_a_token_that_proves_nothing_lets_nobody_in(client: httpx.Client, stub: Provider, what: dict[str, Any]) -> None:
    stub.__dict__.update(what)
    refused = go(client)
    assert refused.status_code == 403
    assert "n'est pas valable" in refused.text.replace("&#39;", "'")
    assert not sees(client)
    assert "bma_console_oidc" not in client.cookies


def test_a_state_serves_once_and_only_in_the_browser_that_it_was_made_for(client: httpx.Client, stub: Provider) -> None:
    there = client.get("/console/oidc")
    cookie = client.cookies["bma_console_oidc"]
    back = httpx.get(there.headers["location"], trust_env=False).headers["location"]
    with httpx.Client(trust_env=False) as other:
        assert other.get(back).status_code == 400
        elsewhere = other.get(f"{client.base_url}/console/oidc")
        assert elsewhere.status_code == 303
        refused = other.get(back)
        assert refused.status_code == 400
        assert "a commencé dans un autre navigateur" in refused.text
        assert not other.get(f"{client.base_url}/console/compte").is_success
    assert client.get(back).status_code == 303
    assert client.get(back).status_code == 400  # the cookie is gone
    replayed = httpx.get(back, headers={"Cookie": f"bma_console_oidc={cookie}"}, trust_env=False)
    assert replayed.status_code == 403  # the code was used
    forged = httpx.get(back, headers={"Cookie": f"bma_console_oidc={cookie[:-2]}aa"}, trust_env=False)
    assert forged.status_code == 400


def test_an_error_of_the_provider_is_said_in_our_words(client: httpx.Client, stub: Provider) -> None:
    stub.error = "access_denied"
    refused = go(client)
    assert refused.status_code == 403
    assert "accepté la connexion" in refused.text
    assert "phrase du fournisseur" not in refused.text


@pytest.mark.parametrize(
    "claims", [{"roles": []}, {"roles": None}, {"roles": ["autre"]}, {"roles": {"bma-admin": True}}, {"roles": 3}]
)
def test_nobody_gets_in_without_a_mapped_role(client: httpx.Client, stub: Provider, folder: Path, claims: dict[str, Any]) -> None:
    stub.claims = claims | {"sub": "sans-role"}
    refused = go(client)
    assert refused.status_code == 403
    assert "aucun rôle dans cette console" in refused.text
    engine = connect(f"sqlite:///{folder}/bma.sqlite3")
    with engine.connect() as connection:
        assert accounts.by_name(connection, "sans-role") is None
    engine.dispose()


def test_who_has_no_role_any_more_loses_the_sessions_of_all_browsers(client: httpx.Client, server: str, stub: Provider) -> None:
    stub.claims = {"sub": "parti"}
    with httpx.Client(base_url=server, trust_env=False) as other:
        go(other)
        assert sees(other)
        stub.claims = {"sub": "parti", "roles": []}
        assert go(client).status_code == 403
        assert not sees(other)


def test_an_account_that_we_disabled_stays_out(client: httpx.Client, stub: Provider, folder: Path) -> None:
    stub.claims = {"sub": "desactive"}
    go(client)
    engine = connect(f"sqlite:///{folder}/bma.sqlite3")
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE accounts SET disabled = true WHERE name = 'desactive'"))
    engine.dispose()
    assert not sees(client)
    refused = go(client)
    assert refused.status_code == 403
    assert "désactivé" in refused.text


def test_a_subject_does_not_become_a_local_account(client: httpx.Client, stub: Provider) -> None:
    stub.claims = {"sub": Role.READER.value, "roles": ["bma-admin"]}
    refused = go(client)
    assert refused.status_code == 403
    assert "compte local de la console porte déjà" in refused.text


def test_local_accounts_are_out_except_the_one_for_emergencies(client: httpx.Client) -> None:
    page = client.get("/console/connexion").text
    assert 'href="oidc"' in page
    assert "Compte local de secours" in page
    refused = log_in(client, "editeur")
    assert refused.status_code == 401
    assert "incorrect" in refused.text
    assert log_in(client, "admin").status_code == 303
    assert sees(client)


def test_logging_out_says_that_the_organisations_session_may_go_on(client: httpx.Client) -> None:
    go(client)
    done = client.post("/console/deconnexion", data={"csrf": csrf_of(client.get("/console/compte").text)})
    page = client.get(f"/console/{done.headers['location']}")
    assert "La session de votre organisation peut rester ouverte" in page.text
    assert not sees(client)


def test_new_keys_of_the_provider_are_found(client: httpx.Client, stub: Provider) -> None:
    go(client)
    stub.key = new_key()
    assert go(client).status_code == 303


def test_a_provider_that_fails_in_the_middle_is_a_page(client: httpx.Client, stub: Provider) -> None:
    stub.tokens_fail = True
    refused = go(client)
    assert refused.status_code == 503
    assert "ne répond pas" in refused.text


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://ailleurs.example"},
        {"token_endpoint": "http://ailleurs.example/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_provider_that_describes_itself_wrongly_is_not_used(tmp_path: Path, stub: Provider, metadata: dict[str, Any]) -> None:
    stub.metadata = metadata
    with joined(tmp_path, stub) as url:
        refused = httpx.get(f"{url}/console/oidc", trust_env=False)
        assert refused.status_code == 503
        stub.be_good()
        assert httpx.get(f"{url}/console/oidc", trust_env=False).status_code == 303


def test_a_provider_that_is_down_is_a_page_and_the_server_starts_all_the_same(tmp_path: Path, stub: Provider) -> None:
    stub.is_down = True
    with joined(tmp_path, stub, BMA_CONSOLE_BREAK_GLASS="", BMA_OIDC_ROLES_CLAIM="realm_access.roles") as url:
        refused = httpx.get(f"{url}/console/oidc", trust_env=False)
        assert refused.status_code == 503
        assert "ne répond pas" in refused.text
        assert refused.headers["content-type"].startswith("text/html")
        stub.is_down = False
        stub.claims = {"roles": None, "realm_access": {"roles": ["bma-lire"]}}
        with httpx.Client(base_url=url, trust_env=False) as client:
            assert 'name="mot_de_passe"' not in client.get("/console/connexion").text
            assert go(client).status_code == 303
            assert "lecteur" in client.get("/console/compte").text


def test_without_a_provider_its_routes_are_closed(tmp_path: Path) -> None:
    with assistant(tmp_path) as url:
        for route in ("oidc", "retour?code=a&state=b"):
            assert httpx.get(f"{url}/console/{route}", trust_env=False).status_code == 404
