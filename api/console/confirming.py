"""An editor looks at a proposed correction: is it free of personal data, what does it double, where does it go?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.engine import Connection

from api.console import pages
from api.console.access import agent_of, allow, visitor_of
from api.console.forms import Form, read_form
from api.console.project_files import Files, ProjectFiles, topics
from api.console.refusals import Refusal
from api.console.rights import Right
from api.settings import Settings
from bot.project.model import Addition
from bot.project.problems import ProjectError
from bot.storage import corrections
from bot.storage.corrections import Confirmation, Correction, Destination
from bot.training.draft import on_one_line, refusal
from bot.training.overlaps import Corpus, Overlap, confirmed, overlaps
from bot.training.prediction import scope_of

SECTION = "ameliorer"
MOST_SENTENCE = 2_000
"""Characters of a sentence: no example may be longer."""
MOST_FLAGS = 8
"""Near sentences that are shown."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What an editor's form says."""

    text: str
    intent: str
    destination: Destination
    clean: bool
    """Whether the editor says that it is free of personal data."""
    seen: bool
    """Whether the editor has seen that another topic has nearly the same sentence."""


class Confirming:
    """The routes of one correction.

    Args:
        settings: what the operator set.
        files: the project.
    """

    def __init__(self, settings: Settings, files: ProjectFiles) -> None:
        self._settings = settings
        self._files = files

    def router(self) -> APIRouter:
        """The routes."""
        routes = APIRouter()

        @routes.get("/ameliorer/{number:int}", dependencies=[allow(self._settings, Right.READ)])
        async def examine(request: Request, number: int) -> Response:
            """A correction, and for editors the form that makes a sentence of it."""
            return await self._show(request, await _correction(request, number))

        @routes.get("/ameliorer/{number:int}/recoupements", dependencies=[allow(self._settings, Right.READ)])
        async def near(request: Request, number: int) -> Response:
            """What its sentence doubles or contradicts; a part of the screen."""
            correction = await _correction(request, number)
            filled = Filled(correction.text, correction.intent or "", "training", clean=False, seen=False)
            files = await self._read()
            flags = {place: await self._overlaps(request, files, filled, place) for place in ("training", "test")}
            return pages.fragment(request, "ameliorer_recoupements.html", section=SECTION, flags=flags, most=MOST_FLAGS)

        @routes.post("/ameliorer/{number:int}/confirmer", dependencies=[allow(self._settings, Right.EDIT)])
        async def confirm(request: Request, number: int) -> Response:
            """Make a sentence of it, or show why not."""
            correction = await _correction(request, number)
            if correction.status != "proposed":
                raise Refusal(409, "correction_decidee")
            filled, files = self._filled(request, await read_form(request, self._settings)), await self._read()
            flags = await self._overlaps(request, files, filled, filled.destination)
            reasons = _reasons(files, filled, flags)
            if not reasons and not await self._confirm(request, number, filled):
                raise Refusal(409, "correction_decidee")
            if reasons:
                return await self._show(request, correction, filled, reasons, {filled.destination: flags}, files)
            return pages.go(request, SECTION, fait="confirme_test" if filled.destination == "test" else "confirme")

        return routes

    async def _show(
        self,
        request: Request,
        correction: Correction,
        filled: Filled | None = None,
        reasons: Sequence[str] = (),
        flags: dict[str, list[Overlap]] | None = None,
        files: Files | None = None,
    ) -> Response:
        files = files or self._files.kept
        model = agent_of(request).model
        domain = files.project.domain if files else model.domain
        scope = files.out_of_scope if files else scope_of(model.interpreter.specs).out_of_scope
        return pages.screen(
            request,
            "ameliorer_phrase.html",
            400 if reasons else 200,
            section=SECTION,
            correction=correction,
            filled=filled or Filled(correction.text, correction.intent or "", "training", clean=False, seen=False),
            reasons=reasons,
            flags=flags,
            most=MOST_FLAGS,
            longest=MOST_SENTENCE,
            topics=[*topics(domain, scope), scope],
        )

    async def _read(self) -> Files:
        try:
            return await self._files.read()
        except ProjectError as error:
            raise Refusal(503, "projet_illisible") from error

    def _filled(self, request: Request, form: Form) -> Filled:
        text = on_one_line(agent_of(request).masked(form.get("texte")))
        destination: Destination = "test" if form.get("destination") == "test" else "training"
        return Filled(text, form.get("sujet"), destination, form.get("sans_donnees") == "oui", form.get("vu") == "oui")

    async def _overlaps(self, request: Request, files: Files, filled: Filled, place: Destination) -> list[Overlap]:
        def known(connection: Connection) -> Corpus:
            return _console(corrections.additions(connection), corrections.test_sentences(connection))

        console = await agent_of(request).store.look(known)
        return await asyncio.to_thread(overlaps, Addition(filled.text, filled.intent), place, [files.corpus, console])

    async def _confirm(self, request: Request, number: int, filled: Filled) -> bool:
        agent, addition = agent_of(request), Addition(filled.text, filled.intent)
        confirmation = Confirmation(filled.text, filled.intent, filled.destination, visitor_of(request).name)
        now = agent.clock()

        def allowed(training: Sequence[Addition], tests: Sequence[Addition]) -> bool:
            near = overlaps(addition, filled.destination, [_console(training, tests)])
            return not any(overlap.forbids for overlap in near)

        return await agent.store.run(lambda connection: corrections.confirm(connection, number, confirmation, now, allowed))


def _console(training: Sequence[Addition], tests: Sequence[Addition]) -> Corpus:
    return Corpus([*confirmed(training, "training"), *confirmed(tests, "test")])


def _reasons(files: Files, filled: Filled, flags: Sequence[Overlap]) -> list[str]:
    """Why a sentence is not taken as it is, in French."""
    t = pages.texts()[SECTION]["raisons"]
    reasons = []
    if not filled.clean:
        reasons.append(t["sans_donnees"])
    if problem := refusal(Addition(filled.text, filled.intent), files.project):
        reasons.append(problem.sentence)
    forbidding = next((overlap.kind for overlap in flags if overlap.forbids), None)
    if forbidding is not None:
        reasons.append(t[forbidding if forbidding != "other_set" else f"other_set_{filled.destination}"])
    elif any(overlap.kind == "near_conflict" for overlap in flags) and not filled.seen:
        reasons.append(t["near_conflict"])
    return reasons


async def _correction(request: Request, number: int) -> Correction:
    found = await agent_of(request).store.look(lambda connection: corrections.by_id(connection, number))
    if found is None:
        raise Refusal(404, "correction_partie")
    return found
