"""Every route of the console refuses whoever may not: taken from the application, so that new screens are in it."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from api.console.pages import texts
from api.console.rights import LEAST_ROLE, Role, may
from api.security import EVERYWHERE, ON_PAGES
from bot.storage.database import connect
from bot.storage.schema import metadata
from tests.api.console.people import csrf_of, log_in, staffed
from tests.api.console.routes import Route, routes

ALL = routes()
PUBLIC = {
    "GET /console/connexion",
    "POST /console/connexion",
    "GET /console/f/{name}",
    "GET /console/oidc",
    "GET /console/retour",
}


def test_every_route_says_what_it_takes() -> None:
    assert {str(route) for route in ALL if route.right is None} == PUBLIC


def test_nothing_is_changed_by_following_a_link() -> None:
    assert {route.method for route in ALL} <= {"GET", "POST"}


def test_every_right_has_a_role_and_roles_are_cumulative() -> None:
    for right, least in LEAST_ROLE.items():
        assert [role for role in Role if may(role, right)] == list(Role)[list(Role).index(least) :]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("routes")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[str]:
    with staffed(folder) as url:
        yield url


@pytest.fixture(scope="module")
def clients(server: str) -> Iterator[dict[Role, httpx.Client]]:
    """Somebody of each role, logged in."""
    found = {role: httpx.Client(base_url=server, trust_env=False, timeout=60) for role in Role}
    for role, client in found.items():
        assert log_in(client, role.value).status_code == 303
    yield found
    for client in found.values():
        client.close()


@pytest.fixture
def unchanged(folder: Path, clients: dict[Role, httpx.Client]) -> Iterator[None]:
    """Nothing in the database changes during the test, except when sessions were last used."""
    before = content(folder)
    yield
    assert content(folder) == before


def content(folder: Path) -> dict[str, str]:
    engine = connect(f"sqlite:///{folder}/bma.sqlite3")
    found = {}
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            columns = [column for column in table.c if column.name != "seen_at"]
            rows = connection.execute(sa.select(*columns)).all()
            found[table.name] = hashlib.sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()
    engine.dispose()
    return found


def token_of(client: httpx.Client) -> str:
    return csrf_of(client.get("/console/compte").text)


@pytest.mark.slow
@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("route", [route for route in ALL if route.right is not None], ids=str)
def test_a_route_refuses_every_role_that_lacks_its_right(route: Route, clients: dict[Role, httpx.Client]) -> None:
    assert route.right is not None
    for role, client in clients.items():
        if may(role, route.right):
            continue
        data = {"csrf": token_of(client)} if route.method == "POST" else None
        for address in route.addresses():
            refused = client.request(route.method, address, data=data)
            assert refused.status_code == 403, (role, address)
            assert f"Votre rôle ({texts()['commun']['roles'][role]}) ne permet pas" in refused.text


@pytest.mark.slow
@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("route", [route for route in ALL if route.right is not None], ids=str)
def test_a_route_refuses_who_is_not_logged_in(route: Route, server: str) -> None:
    for cookie in ({}, {"bma_console": "x" * 43}, {"bma_console": ""}):
        with httpx.Client(base_url=server, cookies=cookie, trust_env=False) as nobody:
            for address in route.addresses():
                refused = nobody.request(route.method, address)
                assert refused.status_code == (303 if route.method == "GET" else 401), address
                if route.method == "GET":
                    assert refused.headers["location"].removeprefix("../" * (address.count("/") - 2)) == "connexion"
                part = nobody.request(route.method, address, headers={"HX-Request": "true"})
                assert (part.status_code, part.text) == (401, "")


@pytest.mark.slow
@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("route", [route for route in ALL if route.method == "POST"], ids=str)
def test_a_form_that_is_not_ours_changes_nothing(route: Route, clients: dict[Role, httpx.Client]) -> None:
    client = clients[Role.ADMIN]
    right, of_another = token_of(client), token_of(clients[Role.EDITOR])
    if route.right is None:
        right = csrf_of(httpx.get(f"{client.base_url}/console/connexion", trust_env=False).text)
    assert right != of_another
    forms = [({}, {}), ({"csrf": ""}, {}), ({"csrf": "x" * 32}, {}), ({"csrf": of_another}, {}), ({"csrf": "é\ud7ff\0"}, {})]
    foreign = [{"Sec-Fetch-Site": site} for site in ("cross-site", "same-site")]
    foreign += [{"Origin": origin} for origin in ("https://ailleurs.example", "null")]
    for address in route.addresses():
        for data, headers in [*forms, *(({"csrf": right}, headers) for headers in foreign)]:
            refused = client.post(address, data=data, headers=headers)
            assert refused.status_code == 403, (address, data, headers)
        assert client.post(f"{address}?csrf={right}").status_code == 403
        as_json = client.post(address, json={"csrf": right})
        assert as_json.status_code == 403


@pytest.mark.slow
@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("route", [route for route in ALL if route.method == "POST"], ids=str)
def test_a_form_that_is_too_large_is_refused(route: Route, clients: dict[Role, httpx.Client]) -> None:
    refused = clients[Role.ADMIN].post(route.addresses()[0], data={"csrf": "x", "texte": "y" * 70_000})
    assert refused.status_code == 413
    assert "trop long" in refused.text


@pytest.mark.slow
@pytest.mark.parametrize("route", [route for route in ALL if route.method == "GET"], ids=str)
def test_what_a_screen_answers_is_kept_nowhere_and_framed_by_nobody(route: Route, clients: dict[Role, httpx.Client]) -> None:
    for address in route.addresses():
        headers = clients[Role.ADMIN].get(address).headers
        if not route.path.startswith("/console/f/"):
            assert "no-store" in headers["cache-control"], address
        assert headers["x-content-type-options"] == EVERYWHERE["X-Content-Type-Options"]
        if headers.get("content-type", "").startswith("text/html"):
            policy = headers["content-security-policy"]
            assert "unsafe" not in policy
            for rule in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'self'"):
                assert rule in policy
            assert {name.lower() for name in ON_PAGES} <= set(headers)


@pytest.mark.slow
@pytest.mark.parametrize("route", [route for route in ALL if route.method == "GET"], ids=str)
def test_no_address_makes_the_console_fail(route: Route, clients: dict[Role, httpx.Client]) -> None:
    """Whatever is written after `?` or in place of an id, the answer is a page and no error of ours."""
    odd = "?avant=9999999999999999999999&acteur=%00%ff'&action=%3Cb%3E&fait=%2e&page=-1&jours=x&code=%00&state=%C3%A9"
    for address in (*(address + odd for address in route.addresses()), *route.addresses("9" * 30)):
        assert clients[Role.ADMIN].get(address).status_code < 500, address


@pytest.mark.slow
@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("route", [route for route in ALL if route.method == "POST" and ":int}" in route.path], ids=str)
def test_nothing_is_done_to_what_there_is_not(route: Route, clients: dict[Role, httpx.Client]) -> None:
    client = clients[Role.ADMIN]
    for address in route.addresses("9" * 30, "987654321"):
        assert 400 <= client.post(address, data={"csrf": token_of(client), "role": "lecteur"}).status_code < 500, address
