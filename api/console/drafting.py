"""The draft: what the project's files become with the confirmed sentences, shown, downloaded or written."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.engine import Connection

from api.console import pages
from api.console.access import agent_of, allow, visitor_of
from api.console.project_files import Files, ProjectFiles
from api.console.refusals import Refusal
from api.console.rights import Right
from api.settings import Settings
from bot.project.model import Addition
from bot.project.problems import ProjectError
from bot.storage import audit, corrections
from bot.training.draft import FileChange, additions_missing, unified_patch, write_changes
from bot.training.overlaps import Known, overlaps

MOST_COMPARED = 300
"""Confirmed sentences that are compared with the files again each time: 5 ms each."""
_CLASSES = {"+": "add", "-": "del", "@": "place", "\\": "place"}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a diff."""

    kind: str
    """add, del, place or same."""
    text: str


@dataclass(frozen=True, slots=True)
class Diff:
    """What changes in one file."""

    file: str
    lines: Sequence[Line]
    added: int


@dataclass(frozen=True, slots=True)
class Draft:
    """The draft as it is now."""

    confirmed: int = 0
    """Sentences for training."""
    missing: int = 0
    """Of these, those that no file has yet."""
    tests: int = 0
    """Sentences for test: they stay in the database."""
    changes: dict[str, FileChange] = field(default_factory=dict)
    both: Sequence[tuple[Addition, Known]] = ()
    """Confirmed sentences that a file has in the other set: one of the two must go."""
    problems: Sequence[str] = ()
    """Why the files cannot be read, or the sentences not be written."""

    @property
    def diffs(self) -> list[Diff]:
        """The changed files, for reading."""
        return [_diff(name, change) for name, change in self.changes.items()]


class Drafting:
    """The routes of the draft.

    Args:
        settings: what the operator set.
        files: the project.
    """

    def __init__(self, settings: Settings, files: ProjectFiles) -> None:
        self._settings = settings
        self._files = files
        self._made: tuple[Files, Sequence[Addition], Sequence[Addition], Draft] | None = None

    def router(self) -> APIRouter:
        """The routes."""
        routes = APIRouter()
        read = [allow(self._settings, Right.READ)]

        @routes.get("/ameliorer/brouillon", dependencies=read)
        async def show(request: Request) -> Response:
            """The changed files; a part of the screen, or a page of its own."""
            draft = await self._draft(request)
            values: dict[str, Any] = {"draft": draft, "writes": self._settings.console_writes_files}
            if pages.is_htmx(request):
                return pages.fragment(request, "ameliorer_diff.html", section="ameliorer", base="", **values)
            return pages.screen(request, "ameliorer_brouillon.html", section="ameliorer", **values)

        @routes.get("/ameliorer/brouillon.patch", dependencies=read)
        async def patch(request: Request) -> Response:
            """The same for `git apply`."""
            draft = await self._draft(request)
            if draft.problems:
                raise Refusal(409, "brouillon_impossible")
            headers = {"Content-Disposition": 'attachment; filename="brouillon.patch"', "Cache-Control": "no-store"}
            return Response(unified_patch(draft.changes), media_type="text/x-diff; charset=utf-8", headers=headers)

        @routes.post("/ameliorer/ecrire", dependencies=[allow(self._settings, Right.EDIT)])
        async def write(request: Request) -> Response:
            """Write the changes into the working tree, where the operator allows it."""
            if not self._settings.console_writes_files:
                raise Refusal(403, "ecriture_fermee")
            draft = await self._draft(request)
            if draft.problems:
                raise Refusal(409, "brouillon_impossible")
            try:
                await asyncio.to_thread(write_changes, self._settings.project_dir, draft.changes)
            except OSError as error:
                raise Refusal(500, "ecriture_impossible", raison=error.strerror or type(error).__name__) from error
            agent, details = agent_of(request), {"files": sorted(draft.changes), "sentences": draft.missing}
            entry = audit.Entry(agent.clock(), visitor_of(request).name, "draft_write", details=details)
            await agent.store.run(lambda connection: audit.add(connection, entry))
            return pages.go(request, "ameliorer", fait="ecrit")

        return routes

    async def _draft(self, request: Request) -> Draft:
        def both(connection: Connection) -> tuple[tuple[Addition, ...], tuple[Addition, ...]]:
            return corrections.additions(connection), corrections.test_sentences(connection)

        training, tests = await agent_of(request).store.look(both)
        try:
            files = await self._files.read()
            if self._made is None or self._made[:3] != (files, training, tests):
                self._made = (files, training, tests, await asyncio.to_thread(_draft_of, files, training, tests))
            return self._made[3]
        except ProjectError as error:
            sentences = tuple(str(problem) if problem.location.file else problem.sentence for problem in error.problems)
            return Draft(len(training), 0, len(tests), problems=sentences)


def _draft_of(files: Files, training: Sequence[Addition], tests: Sequence[Addition]) -> Draft:
    missing = additions_missing(files.project, training)
    found = []
    for place, additions in (("training", training), ("test", tests)):
        for addition in additions[-MOST_COMPARED:]:
            near = overlaps(addition, "test" if place == "test" else "training", [files.corpus])
            found += [(addition, overlap.known) for overlap in near[:1] if overlap.kind == "other_set"]
    return Draft(len(training), len(missing), len(tests), files.changes(training), tuple(found))


def _diff(name: str, change: FileChange) -> Diff:
    patch = unified_patch({name: change}).split("\n")
    first = next(number for number, line in enumerate(patch) if line.startswith("@@"))
    lines = [Line(_CLASSES.get(line[:1], "same"), line.rstrip("\r")) for line in patch[first:-1]]
    return Diff(name, lines, sum(line.kind == "add" for line in lines))
