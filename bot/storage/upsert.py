"""INSERT … ON CONFLICT, which both databases have and SQLAlchemy spells twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection


def insertion(connection: Connection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    """An insertion into a table that can say what happens on a conflict."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def is_inserted(connection: Connection, table: sa.Table, row: Mapping[str, Any]) -> bool:
    """Insert a row unless there is one with its key; tells whether it was inserted."""
    statement = insertion(connection, table).on_conflict_do_nothing().returning(*table.primary_key)
    return connection.execute(statement, [dict(row)]).first() is not None
