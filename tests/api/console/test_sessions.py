"""Sessions and failed logins, on a real server whose database the tests let grow older."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from bot.storage.database import connect
from tests.api.console.people import PASSWORD, csrf_of, log_in, staffed
from tests.servers import assistant
from tests.stored import latest_entries

pytestmark = pytest.mark.slow
PAGE = "/console/compte"


@pytest.fixture
def client(server: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server, trust_env=False, headers=elsewhere()) as found:
        yield found


def elsewhere(count: list[int] = [0]) -> dict[str, str]:  # noqa: B006
    """A browser at an address of its own: tries are counted for each."""
    count[0] += 1
    return {"X-Forwarded-For": f"192.0.2.{count[0]}"}


def run(database: str, statement: str, **values: Any) -> int:
    engine = connect(database)
    with engine.begin() as connection:
        changed = connection.execute(sa.text(statement), values).rowcount
    engine.dispose()
    return changed


def sees(client: httpx.Client) -> bool:
    return client.get(PAGE).status_code == 200


@pytest.mark.parametrize(("minutes", "lasts"), [(29, True), (31, False)])
def test_a_session_ends_after_half_an_hour_without_a_request(
    client: httpx.Client, database: str, minutes: int, lasts: bool
) -> None:
    log_in(client, "lecteur")
    assert run(database, "UPDATE sessions SET seen_at = seen_at - :age", age=60 * minutes)
    assert sees(client) is lasts
    assert sees(client) is lasts


@pytest.mark.parametrize(("hours", "lasts"), [(7.9, True), (8.1, False)])
def test_a_session_ends_after_a_working_day_however_busy(client: httpx.Client, database: str, hours: float, lasts: bool) -> None:
    log_in(client, "lecteur")
    assert run(database, "UPDATE sessions SET created_at = created_at - :age", age=3600 * hours)
    assert sees(client) is lasts


def test_each_request_makes_the_session_last_longer(client: httpx.Client, database: str) -> None:
    log_in(client, "lecteur")
    for _ in range(3):
        run(database, "UPDATE sessions SET seen_at = seen_at - 1500")
        assert sees(client)


def test_sessions_that_are_over_leave_the_database(client: httpx.Client, database: str) -> None:
    log_in(client, "lecteur")
    run(database, "UPDATE sessions SET seen_at = seen_at - 7200")
    log_in(client, "testeur")
    assert run(database, "UPDATE sessions SET csrf = csrf") == 1


def test_a_login_has_a_new_session_and_ends_the_one_before(client: httpx.Client, server: str) -> None:
    log_in(client, "lecteur")
    before = client.cookies["bma_console"]
    form = csrf_of(client.get(PAGE).text)
    client.cookies.clear()
    # another person gives the browser a cookie before the login: it is not the session's afterwards
    client.cookies.set("bma_console", before)
    login = csrf_of(httpx.get(f"{server}/console/connexion", trust_env=False).text)
    done = client.post("/console/connexion", data={"csrf": login, "nom": "testeur", "mot_de_passe": PASSWORD})
    assert done.status_code == 303
    after = done.cookies["bma_console"]
    assert after != before
    with httpx.Client(base_url=server, cookies={"bma_console": before}, trust_env=False) as old:
        assert not sees(old)
    with httpx.Client(base_url=server, cookies={"bma_console": after}, trust_env=False) as new:
        page = new.get(PAGE).text
        assert "Une personne testeur" in page
        assert csrf_of(page) != form


def test_a_cookie_of_one_server_means_nothing_to_another(client: httpx.Client, tmp_path: Path, database: str) -> None:
    log_in(client, "admin")
    cookies = {"bma_console": client.cookies["bma_console"]}
    settings = {"BMA_SECRET_KEY": "m" * 32} | ({"BMA_DATABASE_URL": database} if "postgresql" in database else {})
    with assistant(tmp_path, settings) as url, httpx.Client(base_url=url, cookies=cookies, trust_env=False) as other:
        assert not sees(other)
    assert sees(client)


def test_the_database_holds_no_cookie(client: httpx.Client, database: str) -> None:
    log_in(client, "admin")
    token = client.cookies["bma_console"]
    assert run(database, "UPDATE sessions SET csrf = csrf WHERE token_hash = :token", token=token) == 0
    assert run(database, "UPDATE sessions SET csrf = csrf WHERE token_hash LIKE :token", token=f"%{token[:16]}%") == 0


def test_what_an_account_may_is_read_with_each_request(client: httpx.Client, database: str) -> None:
    run(database, "UPDATE accounts SET role = 'admin' WHERE name = 'testeur'")
    log_in(client, "testeur")
    assert client.get("/console/comptes").status_code == 200
    run(database, "UPDATE accounts SET role = 'testeur' WHERE name = 'testeur'")
    assert client.get("/console/comptes").status_code == 403
    run(database, "UPDATE accounts SET disabled = true WHERE name = 'testeur'")
    assert not sees(client)
    run(database, "UPDATE accounts SET disabled = false WHERE name = 'testeur'")


def test_the_cookie_is_secure_behind_a_proxy_with_tls(client: httpx.Client) -> None:
    form = {"csrf": csrf_of(client.get("/console/connexion").text), "nom": "lecteur", "mot_de_passe": PASSWORD}
    behind = client.post("/console/connexion", data=form, headers={"X-Forwarded-Proto": "https"})
    assert "; Secure" in behind.headers["set-cookie"]
    assert "; Secure" not in log_in(client, "lecteur").headers["set-cookie"]


def test_the_cookie_is_secure_when_the_console_has_an_https_address(tmp_path: Path) -> None:
    settings = {"BMA_CONSOLE_URL": "https://bma.example/console/"}
    with staffed(tmp_path, settings) as url, httpx.Client(base_url=url, trust_env=False) as client:
        assert "; Secure" in log_in(client, "lecteur").headers["set-cookie"]


# Locked accounts


@pytest.fixture
def unlocked(database: str) -> Iterator[None]:
    yield
    run(database, "UPDATE accounts SET failures = 0, locked_until = 0")


def locked_for(database: str, name: str) -> float:
    engine = connect(database)
    with engine.connect() as connection:
        until = connection.execute(sa.text("SELECT locked_until FROM accounts WHERE name = :name"), {"name": name}).scalar_one()
    engine.dispose()
    return float(until) - time.time()


@pytest.mark.usefixtures("unlocked")
def test_five_wrong_passwords_lock_an_account_and_each_more_doubles_the_wait(client: httpx.Client, database: str) -> None:
    said = {log_in(client, "editeur", f"faux {number} mais long").text for number in range(5)}
    assert 55 < locked_for(database, "editeur") <= 60
    right = log_in(client, "editeur")
    assert right.status_code == 401
    assert not sees(client)
    said.add(right.text)
    said.add(log_in(client, "editeur", "encore un autre").text)
    assert 50 < locked_for(database, "editeur") <= 60  # tries while it is locked add nothing
    for wait in (120, 240, 480, 960, 1920, 3600, 3600):
        run(database, "UPDATE accounts SET locked_until = 0 WHERE name = 'editeur'")
        client.headers.update(elsewhere())
        said.add(log_in(client, "editeur", "toujours faux, toujours").text)
        assert wait - 10 < locked_for(database, "editeur") <= wait
    assert len({page.replace(csrf_of(page), "") for page in said}) == 1  # one page for all failures
    run(database, "UPDATE accounts SET failures = 5000, locked_until = 0 WHERE name = 'editeur'")
    assert log_in(client, "editeur", "faux depuis toujours").status_code == 401
    run(database, "UPDATE accounts SET locked_until = 0 WHERE name = 'editeur'")
    assert log_in(client, "editeur").status_code == 303
    assert run(database, "UPDATE accounts SET failures = 0 WHERE name = 'editeur' AND failures = 0") == 1


@pytest.mark.usefixtures("unlocked")
def test_the_page_does_not_tell_whether_an_account_exists(client: httpx.Client, database: str) -> None:
    run(database, "UPDATE accounts SET disabled = true WHERE name = 'publicateur'")
    pages = []
    for name in ("editeur", "personne", "publicateur"):
        client.headers.update(elsewhere())
        for _ in range(6):
            refused = log_in(client, name, "faux mais assez long")
            assert refused.status_code == 401
            pages.append(refused.text.replace(csrf_of(refused.text), "").replace(f'value="{name}"', ""))
    run(database, "UPDATE accounts SET disabled = false WHERE name = 'publicateur'")
    assert len(set(pages)) == 1


@pytest.mark.usefixtures("unlocked")
def test_a_password_takes_as_long_for_nobody_as_for_somebody(client: httpx.Client) -> None:
    def shortest(name: str) -> float:
        times = []
        for _ in range(4):
            form = {"csrf": csrf_of(client.get("/console/connexion").text), "nom": name, "mot_de_passe": "x" * 20}
            begin = time.perf_counter()
            client.post("/console/connexion", data=form)
            times.append(time.perf_counter() - begin)
        return min(times)

    known, unknown = shortest("editeur"), shortest("personne")
    assert 0.5 < known / unknown < 2


@pytest.mark.usefixtures("unlocked")
def test_passwords_tried_at_the_same_time_all_count(server: str, database: str) -> None:
    """Twelve at once, the right one among the last: without counting first, all would be compared."""
    form = csrf_of(httpx.get(f"{server}/console/connexion", trust_env=False).text)
    statuses: list[int] = []
    ready = threading.Barrier(12)

    def attempt(number: int) -> None:
        data = {"csrf": form, "nom": "testeur", "mot_de_passe": f"essai numero {number:02}"}
        with httpx.Client(base_url=server, headers={"X-Forwarded-For": f"198.51.100.{number}"}, trust_env=False) as client:
            ready.wait()
            statuses.append(client.post("/console/connexion", data=data, timeout=30).status_code)

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [401] * 12
    assert locked_for(database, "testeur") > 30
    engine = connect(database)
    with engine.connect() as connection:
        failed = [entry for entry in latest_entries(connection, 50) if (entry.actor, entry.action) == ("testeur", "login_failed")]
        failures = connection.execute(sa.text("SELECT failures FROM accounts WHERE name = 'testeur'")).scalar_one()
    engine.dispose()
    assert failures == len(failed) == 5


def test_one_address_tries_twenty_passwords_a_minute(server: str) -> None:
    with httpx.Client(base_url=server, headers=elsewhere(), trust_env=False) as client:
        statuses = [log_in(client, f"personne {number}").status_code for number in range(21)]
        assert statuses == [401] * 20 + [429]
        refused = log_in(client, "admin")
        assert refused.status_code == 429
        assert 0 < int(refused.headers["retry-after"]) <= 60
        assert "Trop d'essais" in refused.text.replace("&#39;", "'")
    with httpx.Client(base_url=server, headers=elsewhere(), trust_env=False) as other:
        assert log_in(other, "admin").status_code == 303
