"""The database: its connections, its version, and for SQLite the one server process that may have it."""

from __future__ import annotations

import fcntl
import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.url import URL

from bot.storage.errors import DatabaseInUse, SchemaError, StorageError, failure

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

HEAD = "0004"
"""The schema's version that this code reads and writes (a test compares it with the migrations)."""
FIRST = "0001"
"""The version of the tables that were made before there were migrations."""


def is_embedded(url: str | URL) -> bool:
    """Whether the database is SQLite: a file or memory of one server process."""
    return bool(sa.make_url(url).get_backend_name() == "sqlite")


def file_of(url: str | URL) -> Path | None:
    """The file of an SQLite database; None for others and in memory."""
    parsed = sa.make_url(url)
    if not is_embedded(parsed) or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database))


def connect(url: str, *, pool: int = 10, wait: float = 3.0) -> Engine:
    """The engine for a database.

    SQLite: one connection, write-ahead log, every commit on disk (`synchronous=FULL`), deleted text overwritten.
    PostgreSQL: a pool; every commit on disk (`synchronous_commit=on`, whatever the server's default).

    Args:
        url: SQLAlchemy URL; of SQLite, the file's folder is made when missing.
        pool: connections to PostgreSQL, at most.
        wait: seconds to wait for a connection or a lock, at most; a statement may take twice as long.

    Raises:
        StorageError: the folder of an SQLite file cannot be made.
    """
    parsed = sa.make_url(url)
    if is_embedded(parsed):
        return _sqlite(parsed, wait)
    return sa.create_engine(_bare(parsed), **_postgresql(parsed, pool, wait))


def connect_reading(url: str, *, wait: float = 3.0) -> Engine:
    """An engine that only reads an SQLite file which is there; arguments as in `connect`."""
    return _sqlite(sa.make_url(url), wait, reading=True)


def connect_async(url: str, *, pool: int = 10, wait: float = 3.0) -> AsyncEngine:
    """The asynchronous engine for PostgreSQL; arguments as in `connect`."""
    from sqlalchemy.ext.asyncio import create_async_engine

    parsed = sa.make_url(url)
    return create_async_engine(_bare(parsed), **_postgresql(parsed, pool, wait))


def _bare(url: URL) -> URL:
    """The URL for SQLAlchemy: our driver, whatever is written, and without the options, which are given otherwise."""
    if importlib.util.find_spec("psycopg") is None:
        raise StorageError("PostgreSQL needs the extra: pip install 'bma-assistant[postgresql]'")
    return url.set(drivername="postgresql+psycopg").difference_update_query(["options"])


def _postgresql(url: URL, pool: int, wait: float) -> dict[str, Any]:
    milliseconds = int(1000 * wait)
    options = f"-c synchronous_commit=on -c lock_timeout={milliseconds} -c statement_timeout={2 * milliseconds}"
    options += f" -c idle_in_transaction_session_timeout={12 * milliseconds}"
    given = url.query.get("options")
    return {
        "pool_size": pool,
        "max_overflow": 0,
        "hide_parameters": True,
        "pool_timeout": wait,
        "connect_args": {"options": f"{given} {options}" if given else options, "connect_timeout": max(2, int(wait))},
    }


def _sqlite(url: URL, wait: float, *, reading: bool = False) -> Engine:
    file = None if reading else file_of(url)  # closing a file drops this process's locks on it, those of the writer too
    if file is not None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        except OSError as error:
            raise StorageError(f"{file}: {error.strerror}", "disk") from error
    arguments = {"check_same_thread": False, "timeout": wait}
    engine = sa.create_engine(url, poolclass=sa.pool.StaticPool, connect_args=arguments, hide_parameters=True)
    pragmas = ("query_only=ON",) if reading else ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
    begin = "BEGIN" if reading else "BEGIN IMMEDIATE"  # a commit then never finds that another process wrote meanwhile

    @sa.event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's own BEGIN below, so that savepoints work
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def version(connection: Connection) -> str | None:
    """The schema's version; `FIRST` for tables made before there were migrations, None without tables."""
    names = set(sa.inspect(connection).get_table_names())
    if "alembic_version" in names:
        found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        if found is not None:
            return str(found)
    return FIRST if "conversations" in names else None


def upgrade(engine: Engine, to: str = "head") -> None:
    """Bring the schema to a version, data kept; all in one transaction.

    Args:
        engine: the database.
        to: a version of `bot/storage/migrations/versions/`.
    """
    _migrate(engine, "upgrade", to)


def downgrade(engine: Engine, to: str) -> None:
    """Go back to an older version; what only the newer one holds is lost."""
    _migrate(engine, "downgrade", to)


def versions() -> tuple[str, ...]:
    """All versions that the schema has had, oldest first."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(Path(__file__).parent / "migrations"))
    return tuple(sorted(script.revision for script in scripts.walk_revisions()))


def _migrate(engine: Engine, verb: str, to: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "bot.storage:migrations")
    with _alone(engine) as connection:
        config.attributes["connection"] = connection
        if version(connection) == FIRST and "alembic_version" not in sa.inspect(connection).get_table_names():
            command.stamp(config, FIRST)
        getattr(command, verb)(config, to)


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A transaction in which nobody else migrates."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
            connection.execute(sa.text("SET LOCAL lock_timeout = 0"))
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        yield connection


MIGRATION_LOCK = 7_241_001
"""Number of the advisory lock of migrations in PostgreSQL."""


def require_current(engine: Engine) -> None:
    """Check the schema, and upgrade the embedded database.

    Raises:
        SchemaError: another schema in PostgreSQL; or a newer one than this code knows.
        StorageError: no connection, or the upgrade failed.
    """
    try:
        with engine.connect() as connection:
            found = version(connection)
        if found == HEAD:
            return
        if engine.dialect.name != "sqlite" or (found is not None and found > HEAD):
            raise SchemaError(found, HEAD)
        upgrade(engine)
    except sa.exc.SQLAlchemyError as error:
        raise failure(error) from error


def check(connection: Connection) -> None:
    """Look whether the database answers and has this code's schema.

    Raises:
        SchemaError: it has another one.
    """
    found = version(connection)
    if found != HEAD:
        raise SchemaError(found, HEAD)


def check_writing(connection: Connection) -> None:
    """Write something that changes nothing."""
    connection.execute(sa.text("UPDATE alembic_version SET version_num = version_num"))


class ServerLock:
    """The right to serve an SQLite file, held by one process; other databases need none.

    Args:
        url: the database.

    Raises:
        DatabaseInUse: another process has it.
        StorageError: the lock file cannot be written.
    """

    def __init__(self, url: str) -> None:
        self._descriptor: int | None = None
        file = file_of(url)
        if file is None:
            return
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StorageError(f"{file.with_suffix('.lock')}: {error.strerror}", "disk") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise DatabaseInUse(str(file)) from error
        self._descriptor = descriptor

    def release(self) -> None:
        """Let another process serve."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
