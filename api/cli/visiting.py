"""Commands that look into the database beside a server that may be running."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from rich.console import Console

from api.cli.texts import text
from api.settings import Settings, SettingsError
from bot.storage import StorageError, Store, visit_store
from bot.storage.database import HEAD
from bot.storage.errors import SchemaError


async def visit(settings: Settings, err: Console, work: Callable[[Store], Awaitable[int]]) -> int:
    """Do something with the database.

    Args:
        settings: which database.
        err: where it is said what went wrong.
        work: gives the exit code.

    Returns:
        The exit code; 2 when the database cannot be used.
    """
    try:
        store = visit_store(settings.database_url)
        try:
            return await work(store)
        finally:
            await store.close()
    except SettingsError as error:
        err.print(text("setting_error", error=error), markup=False, soft_wrap=True)
    except SchemaError as error:
        err.print(text("db_older", found=error.found or text("db_empty"), needed=HEAD), markup=False, soft_wrap=True)
    except StorageError as error:
        err.print(text("db_error", error=error), markup=False, soft_wrap=True)
    return 2
