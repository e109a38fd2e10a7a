"""One conversation out of the database: all that is stored of it, or nothing any more."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.storage import audit
from bot.storage.schema import TEXTS_OF_CONVERSATION, conversations


def erase(connection: Connection, sender_id: str, actor: str, at: float) -> bool:
    """Delete a conversation with its events, answers, snapshot, inbox, feedback and review items.

    Args:
        connection: in a transaction, in which nobody else has the conversation.
        sender_id: key of the conversation.
        actor: who asked for it, for the audit, which does not say whose conversation it was.
        at: seconds since 1970.

    Returns:
        Whether there was anything.
    """
    connection.execute(sa.select(conversations.c.sender_id).where(conversations.c.sender_id == sender_id).with_for_update())
    found = sum(
        connection.execute(sa.delete(table).where(table.c.sender_id == sender_id)).rowcount for table in TEXTS_OF_CONVERSATION
    )
    if found:
        audit.add(connection, audit.Entry(at, actor, "erase"))
    return bool(found)


def export(connection: Connection, sender_id: str, actor: str, at: float) -> dict[str, list[dict[str, Any]]]:
    """All rows of a conversation, table by table; tables that have none are left out.

    Args:
        connection: in a transaction.
        sender_id: key of the conversation.
        actor: who asked for it, for the audit.
        at: seconds since 1970.
    """
    found = {}
    for table in reversed(TEXTS_OF_CONVERSATION):
        query = sa.select(table).where(table.c.sender_id == sender_id).order_by(*table.primary_key)
        rows = [dict(row) for row in connection.execute(query).mappings()]
        if rows:
            found[table.name] = rows
    if found:
        audit.add(connection, audit.Entry(at, actor, "export"))
    return found
