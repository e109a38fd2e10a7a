"""Conversations in SQL: SQLite for one process, PostgreSQL for any number of them."""

from __future__ import annotations

from bot.storage.database import ServerLock, check, connect, is_embedded
from bot.storage.errors import Busy, DatabaseInUse, StorageError
from bot.storage.records import Store

__all__ = ["Busy", "StorageError", "Store", "open_store", "visit_store"]


def open_store(url: str, *, pool: int = 10, wait: float = 3.0) -> Store:
    """The store of a server: of an SQLite file, the only one.

    Args:
        url: SQLAlchemy URL.
        pool: connections to PostgreSQL, at most.
        wait: seconds to wait for the database or for a conversation, at most.

    Raises:
        StorageError: the database cannot be used; SchemaError, DatabaseInUse say why.
    """
    if is_embedded(url):
        from bot.storage.sqlite import SqliteStore

        server = ServerLock(url)
        try:
            return SqliteStore(url, wait, server)
        except StorageError:
            server.release()
            raise
    from bot.storage.postgresql import PostgresqlStore

    return PostgresqlStore(url, pool, wait)


def visit_store(url: str) -> Store:
    """The store for a command that does one thing, beside a server that may be running.

    Args:
        url: SQLAlchemy URL.

    Raises:
        StorageError: the database cannot be used.
    """
    if is_embedded(url):
        from bot.storage.sqlite import SqliteStore

        try:
            return SqliteStore(url, server=ServerLock(url))
        except DatabaseInUse:
            _check(url)  # the server that has it may be of another version: its tables are left as they are
            return SqliteStore(url)
    from bot.storage.postgresql import PostgresqlStore

    return PostgresqlStore(url, pool=1)


def _check(url: str) -> None:
    engine = connect(url)
    try:
        with engine.connect() as connection:
            check(connection)
    finally:
        engine.dispose()
