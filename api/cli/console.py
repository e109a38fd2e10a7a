"""`bma console`: accounts of the helpdesk console."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.engine import Connection

from api.cli.texts import text
from api.cli.visiting import visit
from api.console.account_changes import add_local
from api.console.names import MAX_NAME
from api.console.pages import moment
from api.console.passwords import LEAST_CHARS, MOST_CHARS, hash_password, problem
from api.console.rights import Role
from api.settings import Settings
from bot.storage import Store, accounts, audit


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
    hashed = _new_hash(name, err)
    if hashed is None:
        return 2

    async def work(store: Store) -> int:
        wrong = await store.run(
            lambda connection: add_local(connection, "cli", name, display_name or name, role, hashed, time.time())
        )
        if wrong is not None:
            err.print(text(f"account_{wrong}", account=name, most=MAX_NAME), markup=False, soft_wrap=True)
            return 2
        out.print(text("account_made", account=name, role=role.value), markup=False, soft_wrap=True)
        return 0

    return await visit(settings, err, work)


async def set_password(settings: Settings, name: str, out: Console, err: Console) -> int:
    """Give a local account another password, unlock it and end its sessions; returns the exit status as `create_user`."""
    hashed = _new_hash(name, err)
    if hashed is None:
        return 2
    values = {"password_hash": hashed, "failures": 0, "locked_until": 0.0}
    return await _change(settings, name, "reset_password", values, "password_set", out, err)


async def disable_user(settings: Settings, name: str, out: Console, err: Console) -> int:
    """Disable an account and end its sessions; returns the exit status as `create_user`."""
    return await _change(settings, name, "disable_account", {"disabled": True}, "account_disabled", out, err)


async def list_users(settings: Settings, out: Console, err: Console) -> int:
    """Show all accounts; returns the exit status as `create_user`."""

    async def work(store: Store) -> int:
        now = time.time()
        table = Table(*(text(f"account_{column}") for column in ("column", "display", "role", "source", "seen", "state")))
        for account in await store.run(accounts.everyone):
            state = "disabled_now" if account.disabled else "locked" if account.locked_until > now else "active"
            seen = moment(account.last_login_at)
            table.add_row(account.name, account.display_name, account.role, account.source, seen, text(f"account_{state}"))
        out.print(table)
        return 0

    return await visit(settings, err, work)


async def _change(
    settings: Settings, name: str, action: str, values: Mapping[str, Any], said: str, out: Console, err: Console
) -> int:
    now = time.time()

    def change(connection: Connection) -> bool:
        found = accounts.by_name(connection, name)
        if found is None or ("password_hash" in values and found.source != "local"):
            return False
        accounts.change(connection, found.id, values)
        accounts.cut(connection, found.id)
        audit.add(connection, audit.Entry(now, "cli", action, name))
        return True

    async def work(store: Store) -> int:
        done = await store.run(change)
        (out if done else err).print(text(said if done else "account_unknown", account=name), markup=False, soft_wrap=True)
        return 0 if done else 2

    return await visit(settings, err, work)


def _new_hash(name: str, err: Console) -> str | None:
    """Of a password from the terminal, asked twice and unseen; or of the first line of standard input, for scripts."""
    if sys.stdin.isatty():
        password = str(typer.prompt(text("password"), hide_input=True, confirmation_prompt=text("password_again")))
    else:
        password = sys.stdin.readline().rstrip("\n")
    wrong = problem(password, name)
    if wrong is None:
        return hash_password(password)
    err.print(text(f"password_{wrong}", least=LEAST_CHARS, most=MOST_CHARS), markup=False, soft_wrap=True)
    return None
