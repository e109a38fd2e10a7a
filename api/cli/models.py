"""`bma model`: the models that every process of the service serves."""

from __future__ import annotations

import getpass
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.cli.texts import text
from api.cli.visiting import visit
from api.serving import delivered
from api.settings import Settings
from bot.storage import Store, models
from bot.storage.models import Activation, Published
from bot.training import archive
from bot.training.archive import ArchiveError
from bot.turns import masked


async def publish_model(settings: Settings, path: Path | None, reason: str, out: Console, err: Console) -> int:
    """Store an archive, the newest one by default, and make it the active model; returns the exit code."""
    path = path or archive.latest(settings.model_dir)
    if path is None:
        err.print(text("no_model", folder=settings.model_dir), markup=False, soft_wrap=True)
        return 2
    try:
        info = archive.read(path).info
    except ArchiveError as error:
        err.print(str(error), markup=False, soft_wrap=True)
        return 2
    why = masked(reason)
    model = Published(info.model_id, info.fingerprint, _author(), why, time.time(), sentences=info.examples)
    activation = Activation(model.model_id, model.author, why, model.created_at)
    published = (model, path.read_bytes())

    async def work(store: Store) -> int:
        is_first = await store.run(models.active) is None
        archives = [*(_delivered(settings.model_dir, model.model_id) if is_first else ()), published]
        if not await store.run(lambda connection: models.put_in_service(connection, activation, archives)):
            err.print(text("published_meanwhile", model=model.model_id), markup=False, soft_wrap=True)
            return 1
        out.print(text("published", model=model.model_id), markup=False, soft_wrap=True)
        return 0

    return await visit(settings, err, work)


def _delivered(folder: Path, model_id: str) -> list[tuple[Published, bytes]]:
    """What the processes have served so far, as far as their folder tells: its newest archive besides the one to publish.

    That one itself when there is no other; nothing when the folder has none that can be used.
    """
    same: list[tuple[Published, bytes]] = []
    for path in archive.newest_first(folder):
        try:
            info = archive.read(path).info
        except ArchiveError:
            continue
        found = [(delivered(info), path.read_bytes())]
        if info.model_id != model_id:
            return found
        same = found
    return same


async def activate_model(settings: Settings, model_id: str, reason: str, out: Console, err: Console) -> int:
    """Make a published model the active one; returns the exit code."""

    async def work(store: Store) -> int:
        now = time.time()
        if not await store.run(lambda connection: models.activate(connection, model_id, _author(), masked(reason), now)):
            err.print(text("unknown_model", model=model_id), markup=False, soft_wrap=True)
            return 1
        out.print(text("activated", model=model_id), markup=False, soft_wrap=True)
        return 0

    return await visit(settings, err, work)


async def list_models(settings: Settings, out: Console, err: Console) -> int:
    """Show the published models, newest first; returns the exit code."""

    async def work(store: Store) -> int:
        active = await store.run(models.active)
        table = Table()
        table.add_column(text("model"), no_wrap=True)
        for name in ("published_at", "author", "reason", "model_state"):
            table.add_column(text(name))
        for item in await store.run(models.published):
            at = datetime.fromtimestamp(item.created_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
            sign = text("model_active") if item.model_id == active else ""
            table.add_row(Text(item.model_id), at, Text(item.author), Text(item.reason), sign)
        out.print(table)
        return 0

    return await visit(settings, err, work)


def _author() -> str:
    return f"cli:{getpass.getuser()}"
