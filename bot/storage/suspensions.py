"""Responses that somebody has switched off for the moment. Functions for `Store.run` and `Store.look`.

The table holds those that are off now; who switched what off and on again, when and why, is told by the audit.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.storage import audit
from bot.storage.schema import audit as audit_table
from bot.storage.schema import suspensions
from bot.storage.upsert import is_inserted

SUSPEND, RESUME = "response_suspend", "response_resume"
"""The audit's words."""


@dataclass(frozen=True, slots=True)
class Switch:
    """Somebody switches a response off, or on again."""

    response: str
    """Name of the response (`utter_capacite`)."""
    author: str
    reason: str
    """Masked."""
    at: float
    """Seconds since 1970."""
    is_on: bool = False
    """Whether it is said again from then on."""


def suspend(connection: Connection, switch: Switch) -> bool:
    """Switch a response off; False when it is off already: nothing changes."""
    row = {
        "response": switch.response,
        "reason": switch.reason,
        "author": switch.author,
        "suspended_at": switch.at,
    }
    done = is_inserted(connection, suspensions, row)
    if done:
        _note(connection, SUSPEND, switch)
    return done


def resume(connection: Connection, switch: Switch) -> bool:
    """Switch a response on again; False when it is not off: nothing changes."""
    done = bool(connection.execute(sa.delete(suspensions).where(suspensions.c.response == switch.response)).rowcount)
    if done:
        _note(connection, RESUME, switch)
    return done


def names(connection: Connection) -> frozenset[str]:
    """Names of the responses that are off."""
    return frozenset(connection.execute(sa.select(suspensions.c.response)).scalars())


def present(connection: Connection) -> list[Switch]:
    """Those that are off, the latest first."""
    query = sa.select(suspensions).order_by(suspensions.c.suspended_at.desc(), suspensions.c.response)
    return [Switch(row.response, row.author, row.reason, row.suspended_at) for row in connection.execute(query)]


def history(connection: Connection, count: int) -> list[Switch]:
    """What was switched off and on again, the latest first."""
    query = sa.select(audit_table).where(audit_table.c.action.in_((SUSPEND, RESUME)))
    rows = connection.execute(query.order_by(audit_table.c.id.desc()).limit(count))
    return [
        Switch(row.subject, row.actor, str(json.loads(row.details).get("reason", "")), row.at, is_on=row.action == RESUME)
        for row in rows
    ]


def _note(connection: Connection, action: str, switch: Switch) -> None:
    audit.add(connection, audit.Entry(switch.at, switch.author, action, switch.response, {"reason": switch.reason}))
