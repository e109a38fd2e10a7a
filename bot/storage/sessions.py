"""Sessions of the console, kept here so that they can be cut. Functions for `Store.run`."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.storage.schema import accounts, sessions

IDLE = 30 * 60.0
"""Seconds without a request after which a session is over."""
LIFE = 8 * 3600.0
"""Seconds after which a session is over whatever happens: a working day."""
NOTED = 60.0
"""Seconds between two notes that a session is in use."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session in use, and whose it is."""

    token_hash: str
    account_id: int
    csrf: str
    """What every form of this session must carry."""
    seen_at: float
    """Seconds since 1970."""
    name: str
    display_name: str
    role: str
    source: str
    """`local` or `oidc`."""


def begin(connection: Connection, token_hash: str, account_id: int, csrf: str, at: float) -> None:
    """Begin a session; those that are over go.

    Args:
        connection: in a transaction.
        token_hash: keyed hash of what the cookie holds.
        account_id: whose.
        csrf: what every form of it must carry.
        at: seconds since 1970.
    """
    over = (sessions.c.seen_at < at - IDLE) | (sessions.c.created_at < at - LIFE)
    connection.execute(sa.delete(sessions).where(over))
    row = {"token_hash": token_hash, "account_id": account_id, "csrf": csrf, "created_at": at, "seen_at": at}
    connection.execute(sa.insert(sessions), row)


def find(connection: Connection, token_hash: str, at: float) -> Session | None:
    """The session of a cookie, with what its account may now; None when it is over or its account is disabled.

    Args:
        connection: in a transaction.
        token_hash: keyed hash of what the cookie holds.
        at: seconds since 1970.
    """
    query = (
        sa.select(sessions.c.token_hash, sessions.c.account_id, sessions.c.csrf, sessions.c.seen_at)
        .add_columns(accounts.c.name, accounts.c.display_name, accounts.c.role, accounts.c.source)
        .join_from(sessions, accounts)
        .where(
            sessions.c.token_hash == token_hash,
            sessions.c.seen_at >= at - IDLE,
            sessions.c.created_at >= at - LIFE,
            sa.not_(accounts.c.disabled),
        )
    )
    row = connection.execute(query).mappings().first()
    return Session(**row) if row is not None else None


def count(connection: Connection, at: float) -> dict[int, int]:
    """How many sessions each account has in use; accounts without one are left out."""
    mine = sa.select(sessions.c.account_id, sa.func.count()).where(
        sessions.c.seen_at >= at - IDLE, sessions.c.created_at >= at - LIFE
    )
    return {row[0]: row[1] for row in connection.execute(mine.group_by(sessions.c.account_id))}


def touch(connection: Connection, token_hash: str, at: float) -> None:
    """Note that a session is in use."""
    connection.execute(sa.update(sessions).where(sessions.c.token_hash == token_hash).values(seen_at=at))


def end(connection: Connection, token_hash: str) -> None:
    """End a session."""
    connection.execute(sa.delete(sessions).where(sessions.c.token_hash == token_hash))
