"""Accounts: made, changed, disabled in the console and by command; each change is in the audit."""

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import cache

import httpx
import pytest
from argon2 import extract_parameters

from api.console.passwords import ALPHABET, LEAST_CHARS, hash_of_nobody, hash_password, is_right, new_password, problem
from api.console.rights import Role
from bot.storage import accounts, audit
from bot.storage.accounts import Account
from bot.storage.database import connect
from tests.api.console.people import PASSWORD, csrf_of, log_in
from tests.stored import latest_entries
from tests.trained import ROOT

OTHER = "une autre phrase assez longue"


@cache
def hashed() -> str:
    return hash_password(PASSWORD)


class Person:
    """A browser with somebody logged in."""

    count = 0

    def __init__(self, server: str, name: str, password: str = PASSWORD) -> None:
        Person.count += 1
        address = {"X-Forwarded-For": f"192.0.2.{Person.count}"}
        self.client = httpx.Client(base_url=server, headers=address, trust_env=False, follow_redirects=True)
        self.client.follow_redirects = False
        self.logged_in = log_in(self.client, name, password).status_code == 303
        self.client.follow_redirects = True

    def sees(self, address: str = "compte") -> bool:
        return str(self.client.get(f"/console/{address}").url).endswith(f"/{address}")

    def post(self, address: str, **fields: str) -> httpx.Response:
        csrf = csrf_of(self.client.get("/console/compte").text)
        return self.client.post(f"/console/{address}", data=fields | {"csrf": csrf})


@pytest.fixture(scope="module")
def admin(server: str) -> Iterator[Person]:
    found = Person(server, "admin")
    yield found
    found.client.close()


def account(database: str, name: str) -> Account:
    engine = connect(database)
    with engine.connect() as connection:
        found = accounts.by_name(connection, name)
    engine.dispose()
    assert found is not None
    return found


def last(database: str) -> audit.Entry:
    engine = connect(database)
    with engine.connect() as connection:
        found = latest_entries(connection, 1)[0]
    engine.dispose()
    return found


def made(database: str, name: str, role: Role = Role.READER) -> int:
    """The id of a new account of a test's own."""
    engine = connect(database)
    with engine.begin() as connection:
        accounts.add(connection, name, name.title(), "local", role.value, hashed(), "test", 0)
    engine.dispose()
    return account(database, name).id


@pytest.mark.slow
def test_an_account_is_made_with_a_password_that_was_typed(admin: Person, database: str, server: str) -> None:
    page = admin.post("comptes", nom="claire", nom_affiche="Claire Dubois", role="editeur", mot_de_passe=OTHER)
    assert "Le compte est créé" in page.text
    assert "Claire Dubois" in page.text
    entry = last(database)
    assert (entry.actor, entry.action, entry.subject, entry.details) == ("admin", "create_account", "claire", {"role": "editeur"})
    assert Person(server, "claire", OTHER).logged_in
    assert account(database, "claire").created_by == "admin"


@pytest.mark.slow
def test_a_password_that_we_make_is_shown_once(admin: Person, database: str, server: str) -> None:
    page = admin.post("comptes", nom="denis", role="lecteur", mot_de_passe="")
    found = re.search(r'<code class="secret">([^<]+)</code>', page.text)
    assert found is not None
    assert "no-store" in page.headers["cache-control"]
    assert Person(server, "denis", found[1]).logged_in
    assert found[1] not in admin.client.get("/console/comptes").text + admin.client.get("/console/journal").text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"nom": "", "mot_de_passe": OTHER}, "Ce nom ne va pas"),
        ({"nom": "a\nb", "mot_de_passe": OTHER}, "Ce nom ne va pas"),
        ({"nom": "Admin", "mot_de_passe": OTHER}, "Un compte s'appelle déjà"),
        ({"nom": "CLI", "mot_de_passe": OTHER}, "désigne autre chose"),
        ({"nom": "eva", "mot_de_passe": "court"}, "doit compter de 12 à 256 caractères"),
        ({"nom": "eva", "mot_de_passe": "a" * 20}, "trop facile"),
        ({"nom": "eva", "mot_de_passe": "é" * 300}, "doit compter de 12 à 256 caractères"),
    ],
)
def test_what_will_not_do_is_said_and_makes_nothing(admin: Person, database: str, fields: dict[str, str], said: str) -> None:
    before = last(database)
    page = admin.post("comptes", role="lecteur", nom_affiche="<b>Eva</b>", **fields)
    assert page.status_code == 422
    assert said in page.text.replace("&#39;", "'")
    assert "&lt;b&gt;Eva" in page.text
    assert last(database) == before
    assert admin.post("comptes", nom="eva", role="roi", mot_de_passe=OTHER).status_code == 400


@pytest.mark.slow
def test_a_role_counts_from_the_next_request_on(admin: Person, database: str, server: str) -> None:
    account_id = made(database, "fatou", Role.ADMIN)
    fatou = Person(server, "fatou")
    assert fatou.client.get("/console/comptes").status_code == 200
    assert "Le rôle est changé" in admin.post(f"comptes/{account_id}/role", role="testeur").text
    assert fatou.client.get("/console/comptes").status_code == 403
    assert fatou.sees()
    entry = last(database)
    assert (entry.action, entry.subject, entry.details) == ("change_role", "fatou", {"role": "testeur", "before": "admin"})


@pytest.mark.slow
def test_a_disabled_account_is_out_at_once_until_it_is_enabled(admin: Person, database: str, server: str) -> None:
    account_id = made(database, "gilles")
    gilles = Person(server, "gilles")
    assert gilles.sees()
    assert "désactivé" in admin.post(f"comptes/{account_id}/desactiver").text
    assert not gilles.sees()
    assert not Person(server, "gilles").logged_in
    assert "de nouveau actif" in admin.post(f"comptes/{account_id}/activer").text
    assert not gilles.sees()
    assert Person(server, "gilles").logged_in


@pytest.mark.slow
def test_sessions_are_cut_and_passwords_replaced(admin: Person, database: str, server: str) -> None:
    account_id = made(database, "hanna")
    one, two = Person(server, "hanna"), Person(server, "hanna")
    admin.post(f"comptes/{account_id}/fermer-sessions")
    assert (one.sees(), two.sees()) == (False, False)
    assert last(database).action == "cut_sessions"
    three = Person(server, "hanna")
    for _ in range(5):
        assert not Person(server, "hanna", "faux mais assez long").logged_in
    assert "verrouillé" in admin.client.get(f"/console/comptes/{account_id}").text
    assert not Person(server, "hanna").logged_in
    admin.post(f"comptes/{account_id}/deverrouiller")
    assert Person(server, "hanna").logged_in
    admin.post(f"comptes/{account_id}/mot-de-passe", mot_de_passe=OTHER)
    assert not three.sees()
    assert not Person(server, "hanna").logged_in
    assert Person(server, "hanna", OTHER).logged_in


@pytest.mark.slow
def test_the_last_administrator_stays(admin: Person, database: str) -> None:
    account_id = account(database, "admin").id
    for address, fields in ((f"comptes/{account_id}/desactiver", {}), (f"comptes/{account_id}/role", {"role": "editeur"})):
        refused = admin.post(address, **fields)
        assert refused.status_code == 409
        assert "dernier administrateur" in refused.text
    assert (account(database, "admin").role, account(database, "admin").disabled) == ("admin", False)
    assert admin.post(f"comptes/{account_id}/role", role="admin").status_code == 200
    other = made(database, "irene", Role.ADMIN)
    assert admin.post(f"comptes/{other}/desactiver").status_code == 200


@pytest.mark.slow
def test_two_administrators_who_demote_each_other_leave_one(database: str, server: str) -> None:
    names = ("jules", "karim")
    ids = [made(database, name, Role.ADMIN) for name in names]
    people = [Person(server, name) for name in names]
    first = people[0].post(f"comptes/{account(database, 'admin').id}/role", role="lecteur")
    assert first.status_code == 200
    try:
        statuses: list[int] = []

        def demote(person: Person, account_id: int) -> None:
            statuses.append(person.post(f"comptes/{account_id}/role", role="lecteur").status_code)

        threads = [
            threading.Thread(target=demote, args=(people[0], ids[1])),
            threading.Thread(target=demote, args=(people[1], ids[0])),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(account(database, name).role for name in names) == ["admin", "lecteur"]
    finally:
        kept = account(database, "admin").id
        engine = connect(database)
        with engine.begin() as connection:
            accounts.change(connection, kept, {"role": "admin"})
            for account_id in ids:
                accounts.change(connection, account_id, {"disabled": True})
        engine.dispose()


@pytest.mark.slow
@pytest.mark.parametrize("account_id", ["0", "987654321", "9" * 40])
def test_an_account_that_is_none_is_not_found(admin: Person, account_id: str) -> None:
    assert admin.client.get(f"/console/comptes/{account_id}").status_code == 404
    for what in ("desactiver", "activer", "deverrouiller", "fermer-sessions", "role", "mot-de-passe"):
        assert admin.post(f"comptes/{account_id}/{what}", role="lecteur").status_code == 404


@pytest.mark.slow
def test_a_person_changes_the_password_and_other_browsers_are_out(database: str, server: str) -> None:
    made(database, "lea")
    here, there = Person(server, "lea"), Person(server, "lea")
    before = here.client.cookies["bma_console"]
    for fields, said in (
        ({"ancien": "faux mais long", "nouveau": OTHER, "encore": OTHER}, "actuel est incorrect"),
        ({"ancien": PASSWORD, "nouveau": OTHER, "encore": OTHER + "!"}, "sont différents"),
        ({"ancien": PASSWORD, "nouveau": PASSWORD, "encore": PASSWORD}, "est le même"),
        ({"ancien": PASSWORD, "nouveau": "court", "encore": "court"}, "doit compter"),
        ({}, "doit compter"),
    ):
        refused = here.post("compte", **fields)
        assert refused.status_code in (401, 422)
        assert said in refused.text
    done = here.post("compte", ancien=PASSWORD, nouveau=f" {OTHER} ", encore=f" {OTHER} ")
    assert "Votre mot de passe est changé" in done.text
    assert last(database).action == "change_password"
    assert (here.sees(), there.sees()) == (True, False)
    assert here.client.cookies["bma_console"] != before
    assert not Person(server, "lea", OTHER).logged_in  # spaces are part of it
    assert Person(server, "lea", f" {OTHER} ").logged_in


@pytest.mark.slow
def test_guessing_the_old_password_locks_the_account(database: str, server: str) -> None:
    made(database, "marc")
    marc = Person(server, "marc")
    for number in range(5):
        marc.post("compte", ancien=f"essai numero {number}", nouveau=OTHER, encore=OTHER)
    refused = marc.post("compte", ancien=PASSWORD, nouveau=OTHER, encore=OTHER)
    assert refused.status_code == 401
    assert not Person(server, "marc", OTHER).logged_in


@pytest.mark.slow
def test_commands_list_change_and_disable(database: str, server: str) -> None:
    made(database, "nora")
    nora = Person(server, "nora")

    def bma(*words: str, typed: str = "") -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "api.cli.main", "console", *words],
            input=typed,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={"BMA_DATABASE_URL": database, "PATH": "", "PYTHONPATH": str(ROOT), "COLUMNS": "160"},
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    status, table = bma("list-users")
    assert status == 0
    assert re.search(r"nora.*Nora.*lecteur.*local.*actif", table)
    assert bma("set-password", "nora", typed="court\n")[0] == 2
    status, said = bma("set-password", "nora", typed=f"{OTHER}\n")
    assert (status, "remplacé" in said) == (0, True)
    assert not nora.sees()
    nora = Person(server, "nora", OTHER)
    assert nora.logged_in
    assert bma("disable-user", "nora")[0] == 0
    assert not nora.sees()
    assert (last(database).actor, last(database).action) == ("cli", "disable_account")
    assert bma("disable-user", "personne")[0] == 2
    status, said = bma("create-user", "NORA", typed=f"{OTHER}\n")
    assert (status, "existe déjà" in said) == (2, True)
    assert bma("create-user", "server", typed=f"{OTHER}\n")[0] == 2


def test_passwords_that_we_make_are_long_and_all_different() -> None:
    found = {new_password() for _ in range(200)}
    assert len(found) == 200
    for password in found:
        assert problem(password, "admin") is None
        assert set(password) <= {*ALPHABET, "-"}


@pytest.mark.parametrize(
    ("password", "wrong"),
    [
        ("a" * LEAST_CHARS, "facile"),
        ("abcdefghijk", "longueur"),
        ("Jean-Baptiste", "facile"),
        ("cheval pile", "longueur"),
        (PASSWORD, None),
    ],
)
def test_what_is_wrong_with_a_password(password: str, wrong: str | None) -> None:
    assert problem(password, "jean-baptiste") == wrong


def test_a_login_under_an_unknown_name_costs_what_a_wrong_password_costs_the_first_one_too() -> None:
    began = time.process_time()
    nobodys = hash_of_nobody()
    made = time.process_time()
    stored = hash_password(PASSWORD)
    assert made - began < (time.process_time() - made) / 10
    assert extract_parameters(nobodys) == extract_parameters(stored)


async def test_a_password_is_the_same_from_every_keyboard() -> None:
    stored = hash_password("l'été à la mer".replace("é", "e\u0301"))
    assert await is_right(stored, "l'été à la mer")
    assert not await is_right(stored, "l'ete à la mer")
    assert not await is_right(hash_password("x" * 256), "x" * 257)
    assert not await is_right(None, "of nobody")
    assert not await is_right("no hash", "x")
