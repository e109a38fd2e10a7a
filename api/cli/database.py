"""`bma db`: the version of the database's tables."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from rich.console import Console
from sqlalchemy.engine import Engine

from api.cli.texts import text
from api.settings import Settings
from bot.storage.database import HEAD, ServerLock, connect, downgrade, is_embedded, require_current, upgrade, version, versions
from bot.storage.errors import DatabaseInUse, SchemaError, StorageError, failure


def upgrade_database(settings: Settings, out: Console, err: Console) -> int:
    """Bring the tables up to date; returns the exit code."""

    def work(engine: Engine) -> int:
        before = _version(engine)
        upgrade(engine)
        said = "db_unchanged" if before == HEAD else "db_upgraded"
        out.print(text(said, before=before or text("db_empty"), after=HEAD), markup=False, soft_wrap=True)
        return 0

    return _on_database(settings, err, work)


def downgrade_database(settings: Settings, to: str, out: Console, err: Console, *, is_sure: bool) -> int:
    """Go back to the tables of an older release; returns the exit code.

    Args:
        settings: which database.
        to: the version, as `bma db current` of that release names it.
        out: where it is said what was done.
        err: where it is said what would be lost, or why it cannot be done.
        is_sure: whether the operator knows that what only the newer tables hold is lost.
    """

    def work(engine: Engine) -> int:
        before = _version(engine)
        if before is None or to not in versions() or to >= before:
            known = ", ".join(item for item in versions() if before and item < before) or text("db_empty")
            err.print(text("db_no_older", found=before or text("db_empty"), to=to, known=known), markup=False, soft_wrap=True)
            return 2
        if not is_sure:
            err.print(text("db_downgrade_loses", found=before, to=to), markup=False, soft_wrap=True)
            return 1
        downgrade(engine, to)
        out.print(text("db_downgraded", before=before, after=to), markup=False, soft_wrap=True)
        return 0

    return _on_database(settings, err, work)


def show_version(settings: Settings, out: Console, err: Console) -> int:
    """Show the version of the tables; returns 0 when it is the one that this program needs, else 1."""

    def work(engine: Engine) -> int:
        found = _version(engine)
        said = "db_current" if found == HEAD else "db_other"
        out.print(text(said, found=found or text("db_empty"), needed=HEAD), markup=False, soft_wrap=True)
        return 0 if found == HEAD else 1

    return _on_database(settings, err, work)


def check_database(settings: Settings, workers: int, err: Console) -> int:
    """Stop before serving when the database cannot be served; 0 when it can, or may later.

    Args:
        settings: which database.
        workers: how many processes will serve it.
        err: where it is said.
    """
    if workers > 1 and is_embedded(settings.database_url):
        err.print(text("workers_sqlite", workers=workers), markup=False, soft_wrap=True)
        return 2

    def work(engine: Engine) -> int:
        try:
            require_current(engine)
        except SchemaError as error:
            said = "db_newer" if error.found is not None and error.found > HEAD else "db_older"
            err.print(text(said, found=error.found or text("db_empty"), needed=HEAD), markup=False, soft_wrap=True)
            return 2
        except StorageError as error:
            if is_embedded(settings.database_url):
                raise
            err.print(text("db_later", error=error), markup=False, soft_wrap=True)
        return 0

    return _on_database(settings, err, work)


def _version(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return version(connection)


def _on_database(settings: Settings, err: Console, work: Callable[[Engine], int]) -> int:
    """Do something with the database while no server has its SQLite file."""
    try:
        lock = ServerLock(settings.database_url)
        engine = connect(settings.database_url)
        try:
            return work(engine)
        finally:
            engine.dispose()
            lock.release()
    except DatabaseInUse as error:
        err.print(text("db_in_use", file=error), markup=False, soft_wrap=True)
    except StorageError as error:
        err.print(text("db_error", error=error), markup=False, soft_wrap=True)
    except sa.exc.SQLAlchemyError as error:
        err.print(text("db_error", error=failure(error)), markup=False, soft_wrap=True)
    return 2
