"""Who did what to the service: never a text, never whose conversation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.json_text import json_text
from bot.storage.schema import audit


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that somebody did."""

    at: float
    """Seconds since 1970."""
    actor: str
    """An account's name, or `cli`, `api`, `user`, `server`."""
    action: str
    """Such as erase, export, purge, publish, activate."""
    subject: str = ""
    """On what, such as a model's id."""
    details: Mapping[str, Any] = field(default_factory=dict)


def add(connection: Connection, entry: Entry) -> None:
    """Write an entry."""
    connection.execute(
        sa.insert(audit),
        {
            "at": entry.at,
            "actor": entry.actor,
            "action": entry.action,
            "subject": entry.subject,
            "details": json_text(dict(entry.details)),
        },
    )


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry, and its place among all."""

    id: int
    entry: Entry


def page(connection: Connection, count: int, *, before: int | None = None, actor: str = "", action: str = "") -> list[Recorded]:
    """Some entries, newest first.

    Args:
        connection: in a transaction.
        count: how many at most.
        before: id of the entry before which they were written.
        actor: only what this one did.
        action: only this.
    """
    query = sa.select(audit).order_by(audit.c.id.desc()).limit(count)
    if before is not None:
        query = query.where(audit.c.id < before)
    if actor:
        query = query.where(audit.c.actor == actor)
    if action:
        query = query.where(audit.c.action == action)
    return [Recorded(row.id, _entry(row)) for row in connection.execute(query)]


def _entry(row: sa.Row[Any]) -> Entry:
    return Entry(row.at, row.actor, row.action, row.subject, json.loads(row.details))
