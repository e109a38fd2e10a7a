"""Conversations in SQL: SQLite for one process, PostgreSQL for any number of them."""

from __future__ import annotations

from bot.storage.database import Busy, StorageError, is_embedded
from bot.storage.records import Store

__all__ = ["Busy", "StorageError", "Store", "open_store"]


def open_store(url: str, *, pool: int = 10, wait: float = 3.0) -> Store:
    """The store for a database.

    Args:
        url: SQLAlchemy URL.
        pool: connections to PostgreSQL, at most.
        wait: seconds to wait for the database or for a conversation, at most.

    Raises:
        StorageError: the database cannot be used; SchemaError, DatabaseInUse say why.
    """
    if is_embedded(url):
        from bot.storage.sqlite import SqliteStore

        return SqliteStore(url, wait)
    from bot.storage.postgresql import PostgresqlStore

    return PostgresqlStore(url, pool, wait)
