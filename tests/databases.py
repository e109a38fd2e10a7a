"""Real databases for tests: a new SQLite file, or a PostgreSQL database of the test's own that goes with it."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.storage.database import connect, upgrade

SERVER = "postgresql+psycopg://postgres@127.0.0.1"
KINDS = ("sqlite", "postgresql")


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The URL of a new, empty database of a kind."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/bma.sqlite3"
        return
    name = f"bma_test_{uuid.uuid4().hex}"
    try:
        server = sa.create_engine(f"{SERVER}/postgres", isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
    except (sa.exc.DBAPIError, ImportError) as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"no PostgreSQL, and CI=true: {error}")
        pytest.skip(f"no PostgreSQL at 127.0.0.1: {type(error).__name__}")
    try:
        yield f"{SERVER}/{name}"
    finally:
        with server.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


@contextmanager
def migrated(kind: str, folder: Path) -> Iterator[str]:
    """The URL of a new database that has its tables."""
    with database(kind, folder) as url:
        engine = connect(url)
        upgrade(engine)
        engine.dispose()
        yield url
