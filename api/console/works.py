"""What a job does before and after its process: what it is given, and where what came of it is kept."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

from sqlalchemy.engine import Connection

from api.console import worker
from api.serving import archive_bytes
from api.settings import Settings
from bot.agent import Agent
from bot.project.files import relative_name
from bot.storage import corrections, models
from bot.storage.corrections import Correction
from bot.storage.jobs import Kind
from bot.storage.models import Published

CONFIRMED = "console"
"""What stands for the file of the test sentences that were confirmed in the console."""
MANY = 100_000
"""More corrections than there will be."""


class WorkRefused(Exception):
    """A job that cannot be done; the argument is a key of the console's texts."""


class Work(Protocol):
    """A job's two ends."""

    kind: ClassVar[Kind]

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What the job's row says that it is about; no text."""

    async def prepare(self, folder: Path) -> None:
        """Put into a folder what the process reads; WorkRefused when there is nothing to do."""

    async def keep(self, folder: Path, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Keep what the process left in the folder, whose `result.json` is `body`; gives a summary for lists."""


def confirmed_for(connection: Connection, destination: str) -> list[Correction]:
    """The sentences that editors confirmed for training or for test, in the order of their confirmation."""
    found = corrections.with_status(connection, "confirmed", corrections.SENTENCES, count=MANY)
    mine = [item for item in found if item.destination == destination]
    return sorted(mine, key=lambda item: (item.decided_at or 0.0, item.id))


@dataclass(frozen=True, slots=True)
class TrainDraft:
    """Train the project with the confirmed sentences; the model becomes a candidate."""

    agent: Agent
    settings: Settings
    author: str
    reason: str
    sentences: tuple[Correction, ...]
    kind: ClassVar[Kind] = "train"

    @property
    def parameters(self) -> Mapping[str, Any]:
        """How many sentences were added."""
        return {"additions": len(self.sentences)}

    async def prepare(self, folder: Path) -> None:
        """Say where the project is, and what is added."""
        config = self.settings.config
        inputs = {
            "root": str(self.settings.project_dir.resolve()),
            "config": str(config.resolve()) if config is not None else None,
            "additions": [(item.text, item.intent) for item in self.sentences],
        }
        await asyncio.to_thread(_write_json, folder / worker.INPUTS, inputs)

    async def keep(self, folder: Path, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Store the archive as a candidate, and delete those that nobody goes back to."""
        data = await asyncio.to_thread((folder / worker.MODEL).read_bytes)
        model = Published(
            model_id=str(body["model_id"]),
            fingerprint=str(body["fingerprint"]),
            author=self.author,
            reason=self.reason,
            created_at=time.time(),
            additions=tuple(item.id for item in self.sentences),
            sentences=int(body["sentences"]),
        )

        def store(connection: Connection) -> None:
            models.publish(connection, model, data)
            models.prune(connection)

        await self.agent.store.run(store)
        return {"model_id": model.model_id}


@dataclass(frozen=True, slots=True)
class TestSet:
    """The sentences on which models are proved, as they are now."""

    file: Path | None
    """The project's frozen ones; None when it has none."""
    name: str
    confirmed: tuple[tuple[str, str], ...]
    """Text and intent of those confirmed in the console."""
    digest: str
    """Of all of them: another one, and what was proved is not any more."""


@dataclass(frozen=True, slots=True)
class ProveCandidate:
    """Ask a candidate and the published model the test sentences."""

    agent: Agent
    settings: Settings
    candidate: str
    published: str
    tests: TestSet
    kind: ClassVar[Kind] = "prove"

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What a publication asks a proof for."""
        return terms(self.settings, self.candidate, self.published, self.tests.digest)

    async def prepare(self, folder: Path) -> None:
        """Copy the two archives and the sentences."""
        if self.tests.file is None and not self.tests.confirmed:
            raise WorkRefused("no_sentences")
        candidate = await self.agent.store.run(lambda connection: models.archive_of(connection, self.candidate))
        published = await self._published()
        if candidate is None or published is None:
            raise WorkRefused("model_gone")
        inputs = {
            "files": [self.tests.name] if self.tests.file is not None else [],
            "confirmed": self.tests.confirmed,
            "place": CONFIRMED,
            "most_regression": self.settings.console_most_regression,
        }

        def write() -> None:
            (folder / worker.CANDIDATE).write_bytes(candidate)
            (folder / worker.PUBLISHED).write_bytes(published)
            if self.tests.file is not None:
                copy = folder / "sentences" / self.tests.name
                copy.parent.mkdir(parents=True)
                copy.write_bytes(self.tests.file.read_bytes())
            _write_json(folder / worker.INPUTS, inputs)

        await asyncio.to_thread(write)

    async def keep(self, folder: Path, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The report is the job's result: nothing else is kept."""
        counts = {name: body["comparison"][name] for name in ("fixed", "broken", "still_wrong")}
        return {"passed": body["passed"], **counts}

    async def _published(self) -> bytes | None:
        stored = await self.agent.store.run(lambda connection: models.archive_of(connection, self.published))
        model = self.agent.model
        if stored is None and model.info.model_id == self.published:
            return await asyncio.to_thread(archive_bytes, model)
        return stored


def test_set(connection: Connection, settings: Settings) -> TestSet:
    """The test sentences as they are now: those of the file, and those confirmed in the console."""
    path = settings.project_dir / settings.frozen_tests
    confirmed = tuple((item.text, item.intent or "") for item in confirmed_for(connection, "test"))
    digest = hashlib.sha256(json.dumps(confirmed).encode())
    if not path.is_file():
        return TestSet(None, "", confirmed, digest.hexdigest())
    digest.update(path.read_bytes())
    name = relative_name(path, settings.project_dir)
    return TestSet(path, path.name if Path(name).is_absolute() else name, confirmed, digest.hexdigest())


def terms(settings: Settings, candidate: str, published: str, digest: str) -> dict[str, Any]:
    """What a proof is about: with other terms, it proves nothing any more.

    Args:
        settings: have the gate's bound.
        candidate: id of the model that is proved.
        published: id of the model that it is compared with.
        digest: of the test sentences.
    """
    bound = settings.console_most_regression
    return {"candidate": candidate, "published": published, "digest": digest, "most_regression": bound}


def served(connection: Connection, agent: Agent) -> str:
    """Id of the published model: what this process serves as long as none was published."""
    return models.active(connection) or agent.model.info.model_id


def _write_json(path: Path, body: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
