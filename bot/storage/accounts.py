"""Accounts of the console. Functions for `Store.run`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.storage.database import check_writing
from bot.storage.schema import accounts, sessions
from bot.storage.upsert import is_inserted


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may use the console."""

    id: int
    name: str
    """What one logs in with; of an identity provider, its subject."""
    display_name: str
    source: str
    """`local` or `oidc`."""
    role: str
    password_hash: str | None
    disabled: bool
    failures: int
    """Wrong passwords since the last right one."""
    locked_until: float
    """Seconds since 1970."""
    created_at: float
    created_by: str
    last_login_at: float | None


_COLUMNS = [accounts.c[name] for name in Account.__dataclass_fields__]


def add(
    connection: Connection, name: str, display_name: str, source: str, role: str, password_hash: str | None, by: str, at: float
) -> bool:
    """Make an account; False when its name is taken.

    Args:
        connection: in a transaction.
        name: what one logs in with.
        display_name: how the screens call its owner.
        source: `local` or `oidc`.
        role: a role of the console.
        password_hash: of a local account.
        by: who makes it.
        at: seconds since 1970.
    """
    row = {
        "name": name,
        "display_name": display_name,
        "source": source,
        "role": role,
        "password_hash": password_hash,
        "disabled": False,
        "created_at": at,
        "created_by": by,
    }
    return is_inserted(connection, accounts, row)


def by_name(connection: Connection, name: str) -> Account | None:
    """The account of a name."""
    return _one(connection, accounts.c.name == name)


def by_id(connection: Connection, account_id: int) -> Account | None:
    """The account of an id."""
    return _one(connection, accounts.c.id == account_id)


def everyone(connection: Connection) -> list[Account]:
    """All accounts, by name."""
    query = sa.select(*_COLUMNS).order_by(accounts.c.name)
    return [Account(**row) for row in connection.execute(query).mappings()]


def exist(connection: Connection) -> bool:
    """Whether there is any account."""
    return connection.execute(sa.select(accounts.c.id).limit(1)).first() is not None


def change(connection: Connection, account_id: int, values: Mapping[str, Any]) -> bool:
    """Change columns of an account; False when there is no such account."""
    mine = accounts.c.id == account_id
    return bool(connection.execute(sa.update(accounts).where(mine).values(dict(values))).rowcount)


def admins(connection: Connection) -> set[int]:
    """Ids of the enabled administrators; until the transaction ends nobody else changes them."""
    query = sa.select(accounts.c.id).where(accounts.c.role == "admin", sa.not_(accounts.c.disabled))
    return set(connection.execute(query.order_by(accounts.c.id).with_for_update()).scalars())


def count_try(connection: Connection, name: str, at: float, lock: Callable[[int], float]) -> Account | None:
    """Count a try to log in before its password is looked at, so that tries at the same time all count.

    Args:
        connection: in a transaction.
        name: what was typed as a name.
        at: seconds since 1970.
        lock: seconds that an account is locked after so many failures.

    Returns:
        The account as it was before; None when there is none, or it is not local, disabled or locked. Both write to the disk:
        the time that it takes does not tell which.
    """
    open_ = (accounts.c.source == "local", sa.not_(accounts.c.disabled), accounts.c.locked_until <= at)
    query = sa.select(*_COLUMNS).where(accounts.c.name == name, *open_).with_for_update()
    row = connection.execute(query).mappings().first()
    if row is None:
        check_writing(connection)
        return None
    found = Account(**row)
    failures = found.failures + 1
    seconds = lock(failures)  # none: a try that came before this one and is counted after it is none of a locked account
    change(connection, found.id, {"failures": failures, "locked_until": at + seconds if seconds else 0.0})
    return found


def accept_try(connection: Connection, account: Account, at: float) -> bool:
    """Forget an account's failures, its password being right; False when it was changed or disabled meanwhile."""
    same = (accounts.c.id == account.id, accounts.c.password_hash == account.password_hash, sa.not_(accounts.c.disabled))
    values = {"failures": 0, "locked_until": 0.0, "last_login_at": at}
    return bool(connection.execute(sa.update(accounts).where(*same).values(values)).rowcount)


def cut(connection: Connection, account_id: int) -> int:
    """End all sessions of an account; tells how many there were."""
    return connection.execute(sa.delete(sessions).where(sessions.c.account_id == account_id)).rowcount


def _one(connection: Connection, which: sa.ColumnElement[bool]) -> Account | None:
    row = connection.execute(sa.select(*_COLUMNS).where(which)).mappings().first()
    return Account(**row) if row is not None else None
