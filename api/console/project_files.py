"""The project's files as the console needs them: read in a thread, and kept until one of them changes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from api.settings import Settings
from bot.project.domain_reader import DEFAULT_INTENTS
from bot.project.files import find_files
from bot.project.loader import read_project
from bot.project.model import Addition, Domain, Project
from bot.project.problems import ProjectError
from bot.training.draft import FileChange, changed_files
from bot.training.overlaps import TEST_FILES, Corpus, corpus_of
from bot.training.prediction import scope_of


@dataclass(frozen=True, eq=False)
class Files:
    """A project that was read, and its sentences."""

    root: Path
    project: Project
    corpus: Corpus

    @cached_property
    def out_of_scope(self) -> str:
        """The intent of what the assistant has no answer to."""
        return scope_of(self.project.config.pipeline).out_of_scope

    def changes(self, additions: Sequence[Addition]) -> dict[str, FileChange]:
        """What the files become with confirmed sentences; takes up to seconds.

        Raises:
            ProjectError: sentences that cannot be written any more.
        """
        return changed_files(self.root, self.project, additions)


class ProjectFiles:
    """The project of a server.

    Args:
        settings: where it is.
    """

    def __init__(self, settings: Settings) -> None:
        self._root = settings.project_dir
        self._config = settings.config
        self._tests = tuple(dict.fromkeys((settings.frozen_tests, *TEST_FILES)))
        self._lock = asyncio.Lock()
        self._state: tuple[object, ...] = ()
        self._files: Files | None = None

    @property
    def kept(self) -> Files | None:
        """The project as it was read last; None before the first time."""
        return self._files

    async def read(self) -> Files:
        """The project as it is now; a second or so when a file has changed, a few milliseconds when none has.

        Raises:
            ProjectError: it cannot be read.
        """
        async with self._lock:
            state = await asyncio.to_thread(self._look)
            if self._files is None or state != self._state:
                self._files, self._state = await asyncio.to_thread(self._read), state
            return self._files

    def _look(self) -> tuple[object, ...]:
        domain, data = find_files(self._root)
        config = self._config or self._root / "config.yml"
        paths = (config, *domain, *data, *(self._root / name for name in self._tests))
        stats = ((path, path.stat()) for path in paths if path.is_file())
        return tuple((path, stat.st_mtime_ns, stat.st_size) for path, stat in stats)

    def _read(self) -> Files:
        project, _ = read_project(self._root, self._config)
        return Files(self._root, project, corpus_of(project, self._tests))


class PatientReader:
    """The project for screens that do not wait long for it: it goes on being read when nobody waits any more.

    Args:
        files: the project.
    """

    def __init__(self, files: ProjectFiles) -> None:
        self._project = files
        self._reading: asyncio.Task[Files | None] | None = None
        self.has_files = True
        """Whether the project's files could be read the last time."""

    async def files(self, patience: float) -> tuple[bool, Files | None]:
        """Whether the project was read in time, and the project; None when it cannot be read."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())
        reading = self._reading
        await asyncio.wait([reading], timeout=patience)
        return (True, reading.result()) if reading.done() else (False, None)

    async def _read(self) -> Files | None:
        try:
            found = await self._project.read()
        except ProjectError:
            found = None
        self.has_files = found is not None
        return found


def topics(domain: Domain, out_of_scope: str) -> list[str]:
    """The intents that a question can be corrected to, in alphabetical order."""
    others = {out_of_scope, *DEFAULT_INTENTS}
    return sorted(name for name in domain.intents if name not in others)
