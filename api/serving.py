"""What a process serves: the database's active model, or else its folder's newest archive; without what is suspended."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import tempfile
from datetime import datetime
from pathlib import Path

from api import garbage
from api.settings import Settings, SettingsError
from bot.agent import Agent
from bot.storage import StorageError, Store, models, suspensions
from bot.storage.models import DELIVERY, Published
from bot.training import archive
from bot.training.archive import ArchiveError, Model, ModelInfo

log = logging.getLogger("bma.models")


def newest_model(settings: Settings) -> Path:
    """The newest archive in the folder.

    Raises:
        SettingsError: there is none.
    """
    path = archive.latest(settings.model_dir)
    if path is None:
        raise SettingsError(f"no model in {settings.model_dir}; run: bma train")
    return path


async def first_model(store: Store, settings: Settings) -> Model:
    """The model to begin with; the folder's when the database does not answer or has none."""
    try:
        return await _active(store) or archive.read(newest_model(settings))
    except (StorageError, ArchiveError) as error:
        log.error("the active model cannot be read, the newest one of %s is served: %s", settings.model_dir, error)
        return archive.read(newest_model(settings))


async def first_suspensions(store: Store) -> frozenset[str]:
    """Names of the responses that are suspended when a process begins; none while the database does not answer."""
    try:
        return await store.look(suspensions.names)
    except StorageError as error:
        log.error("which responses are suspended is not known yet: %s", error)
        return frozenset()


async def follow(agent: Agent, seconds: float) -> None:
    """Serve what is published, without what is suspended, from now on; looked at every so many seconds, until cancelled."""
    refused: str | None = None
    while True:
        await asyncio.sleep(seconds)
        try:
            before, talking = agent.suspended, agent.model
            wanted, suspended = await agent.store.run(
                lambda connection: (models.active(connection), suspensions.names(connection))
            )
            if agent.suspended is before:  # else somebody has just switched one in this process, and this is older
                agent.suspend(suspended)
            if wanted in (None, refused, agent.model.info.model_id):
                continue
            model = await _active(agent.store)
            if model is not None and agent.model is talking:  # else this process has just published one, and this is older
                serve(agent, model)
        except StorageError:
            continue  # readiness says so; the model in memory goes on
        except ArchiveError as error:
            refused = wanted
            log.error("the active model cannot be served: %s", error)
        except Exception as error:  # whatever it is: this process would never serve a new model again
            log.error("the active model cannot be served now: %s", type(error).__name__, exc_info=error)


def serve(agent: Agent, model: Model) -> None:
    """Let a model that is loaded talk from the next message on, and give the memory of the one before back.

    Its arrays are held by cycles (each component's caches know the component), which Python would look for in an hour or never;
    and the C library keeps freed pages for itself. Takes a tenth of a second, in which nobody is answered.
    """
    agent.use(model)
    garbage.collect()
    if _trim is not None:
        _trim(0)
    log.info("model %s is served", model.info.model_id)


_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
"""Of the GNU C library; others have none."""


async def load(store: Store, model_id: str) -> Model | None:
    """A stored model, loaded beside the one that talks; None when there is no such model.

    Raises:
        StorageError: the database does not answer.
        ArchiveError: it cannot be used.
    """
    data = await store.run(lambda connection: models.archive_of(connection, model_id))
    return await asyncio.to_thread(read_bytes, data) if data is not None else None


def delivered(info: ModelInfo) -> Published:
    """How the model is stored that is served as long as none was published, so that one can always go back to it."""
    trained_at = datetime.fromisoformat(info.trained_at).timestamp()
    return Published(info.model_id, info.fingerprint, DELIVERY, DELIVERY, trained_at, sentences=info.examples)


def archive_bytes(model: Model) -> bytes:
    """The archive of a model in memory; takes a second, so call it in a thread."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.tar.gz"
        archive.write(path, model)
        return path.read_bytes()


async def _active(store: Store) -> Model | None:
    data = await store.run(models.active_archive)
    return await asyncio.to_thread(read_bytes, data) if data is not None else None


def read_bytes(data: bytes) -> Model:
    """The model of an archive.

    Raises:
        ArchiveError: it cannot be used.
    """
    with tempfile.NamedTemporaryFile(suffix=".tar.gz") as file:
        file.write(data)
        file.flush()
        return archive.read(Path(file.name))
