"""Statements of every turn, run by the driver itself.

SQLAlchemy compiles them, once for each kind of database; its own execution costs several times what such a statement takes
(docs/decisions.md). Connections, transactions and what an error means stay SQLAlchemy's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.sql.compiler import SQLCompiler

Values = Mapping[str, Any]
T = TypeVar("T")


class Statement:
    """A statement whose values are named, and need no conversion.

    Args:
        clause: the statement, or what makes it for a connection's kind of database.
    """

    def __init__(self, clause: sa.ClauseElement | Callable[[Connection], sa.ClauseElement]) -> None:
        self._clause = clause
        self._texts: dict[str, str] = {}

    def rows(self, connection: Connection, values: Values) -> list[tuple[Any, ...]]:
        """Read.

        Raises:
            sqlalchemy.exc.DBAPIError: the database refused.
        """

        def read(cursor: Any, text: str) -> list[tuple[Any, ...]]:
            cursor.execute(text, values)
            return list(cursor.fetchall())

        return self._run(connection, read)

    def first(self, connection: Connection, values: Values) -> tuple[Any, ...] | None:
        """Read the first row; raises as `rows` does."""
        found = self.rows(connection, values)
        return found[0] if found else None

    def change(self, connection: Connection, values: Values) -> int:
        """Write; tells how many rows were changed. Raises as `rows` does."""

        def write(cursor: Any, text: str) -> int:
            cursor.execute(text, values)
            return int(cursor.rowcount)

        return self._run(connection, write)

    def change_all(self, connection: Connection, values: Sequence[Values]) -> None:
        """Write once for each of the values; raises as `rows` does."""
        self._run(connection, lambda cursor, text: cursor.executemany(text, values))

    def _run(self, connection: Connection, work: Callable[[Any, str], T]) -> T:
        text = self._texts.get(connection.dialect.name) or self._compiled(connection)
        if not connection.in_transaction():
            connection.begin()
        try:
            with closing(connection.connection.cursor()) as cursor:
                return work(cursor, text)
        except Exception as error:
            # What SQLAlchemy does with an error of its own statements: wraps it, and drops connections that are lost.
            connection._handle_dbapi_exception(error, None, None, None, None)
            raise

    def _compiled(self, connection: Connection) -> str:
        dialect = connection.dialect
        clause = self._clause if isinstance(self._clause, sa.ClauseElement) else self._clause(connection)
        by_name = dialect if dialect.paramstyle == "pyformat" else type(dialect)(paramstyle="named")  # type: ignore[call-arg]
        compiled = clause.compile(dialect=by_name)
        assert isinstance(compiled, SQLCompiler)
        assert not any(value is not None for value in compiled.params.values()), "a value that has no name"
        text = self._texts[dialect.name] = compiled.string
        return text
