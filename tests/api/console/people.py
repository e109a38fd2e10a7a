"""Accounts for tests, one of each role, and logging in with them."""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from api.console.passwords import hash_password
from api.console.rights import Role
from bot.storage import accounts
from bot.storage.database import connect
from tests.servers import assistant

PASSWORD = "une phrase assez longue"


def add_people(database_url: str) -> None:
    """One account of each role, named after it, in the database of a running server."""
    hashed = hash_password(PASSWORD)
    engine = connect(database_url)
    with engine.begin() as connection:
        for role in Role:
            accounts.add(connection, role.value, f"Une personne {role.value}", "local", role.value, hashed, "test", time.time())
    engine.dispose()


@contextmanager
def staffed(folder: Path, env: Mapping[str, str] | None = None) -> Iterator[str]:
    """A server on a new SQLite file in `folder` that has an account of each role; its address."""
    with assistant(folder, env) as url:
        add_people(f"sqlite:///{folder}/bma.sqlite3")
        yield url


def log_in(client: httpx.Client, name: str, password: str = PASSWORD) -> httpx.Response:
    """Send the login form as a browser does."""
    fields = {"csrf": csrf_of(client.get("/console/connexion").text), "nom": name, "mot_de_passe": password}
    return client.post("/console/connexion", data=fields)


def csrf_of(page: str) -> str:
    """The token of a page's first form."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None, page
    return found[1]
