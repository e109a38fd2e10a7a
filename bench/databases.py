"""Empty databases for benchmarks, with the product's tables."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from bot.storage.database import connect, upgrade

POSTGRESQL = os.environ.get("BENCH_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1/postgres")


@contextmanager
def database(kind: str) -> Iterator[str | None]:
    """The URL of an empty database of a kind (`SQLite` or `PostgreSQL`); None where there is none."""
    if kind == "SQLite":
        with tempfile.TemporaryDirectory() as folder:
            yield _made(f"sqlite:///{Path(folder)}/bma.sqlite3")
        return
    name = f"bma_bench_{uuid.uuid4().hex}"
    server = sa.create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
    try:
        with server.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
    except sa.exc.OperationalError as error:
        print(f"no PostgreSQL: {type(error.orig).__name__}")
        yield None
        return
    try:
        yield _made(sa.make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False))
    finally:
        with server.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))


def _made(url: str) -> str:
    engine = connect(url)
    upgrade(engine)
    engine.dispose()
    return url
