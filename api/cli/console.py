"""`bma console`: accounts of the helpdesk console."""

from __future__ import annotations

import sys
import time

import typer
from rich.console import Console
from sqlalchemy.engine import Connection

from api.cli.texts import text
from api.cli.visiting import visit
from api.console.passwords import LEAST_CHARS, MOST_CHARS, hash_password
from api.console.rights import Role
from api.settings import Settings
from bot.storage import Store, accounts, audit

MAX_NAME = 255


async def create_user(settings: Settings, name: str, display_name: str | None, role: Role, out: Console, err: Console) -> int:
    """Make a local account; its password is asked for, or read from standard input.

    Args:
        settings: say which database.
        name: what one logs in with.
        display_name: how screens call its owner; the name by default.
        role: what it may do.
        out: for what was done.
        err: for what is wrong.

    Returns:
        Exit status: 0, or 2 when nothing was made.
    """
    name = name.strip()
    if not name or len(name) > MAX_NAME or not name.isprintable():
        err.print(text("account_name", most=MAX_NAME), markup=False, soft_wrap=True)
        return 2
    password = _ask_password()
    if not LEAST_CHARS <= len(password) <= MOST_CHARS:
        err.print(text("password_length", least=LEAST_CHARS, most=MOST_CHARS), markup=False, soft_wrap=True)
        return 2
    hashed, now = hash_password(password), time.time()

    def make(connection: Connection) -> bool:
        if not accounts.add(connection, name, display_name or name, "local", role.value, hashed, "cli", now):
            return False
        audit.add(connection, audit.Entry(now, "cli", "create_account", name, {"role": role.value}))
        return True

    async def work(store: Store) -> int:
        made = await store.run(make)
        said = text("account_made" if made else "account_taken", account=name, role=role.value)
        (out if made else err).print(said, markup=False, soft_wrap=True)
        return 0 if made else 2

    return await visit(settings, err, work)


def _ask_password() -> str:
    """From the terminal, twice and unseen; or the first line of standard input, for scripts."""
    if sys.stdin.isatty():
        return str(typer.prompt(text("password"), hide_input=True, confirmation_prompt=text("password_again")))
    return sys.stdin.readline().rstrip("\n")
