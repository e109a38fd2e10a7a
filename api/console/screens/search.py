"""« Chercher »: sentences and answers by their words, and what to look at in the data."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.console import data_checks, pages, searching
from api.console.access import agent_of, allow
from api.console.background import Kept
from api.console.console import Console
from api.console.data_checks import Checks
from api.console.project_files import Files, PatientReader, topics
from api.console.rights import Right
from api.console.searching import Index, Results, Sentence
from api.console.works import confirmed_for
from bot.agent import Agent
from bot.project.model import Example
from bot.training.archive import Model
from bot.training.prediction import Scope, scope_of

SECTION = "chercher"
AT_ONCE = 0.1
"""Seconds that a first answer waits for what is made in a thread."""
PATIENCE = 1.0
"""Seconds that a part of the screen waits for it: a server that stops waits for its requests."""


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(dependencies=[allow(console.settings, Right.READ)])
    library = Library(console)

    @routes.get("/chercher")
    async def show(request: Request) -> Response:
        """The form and what was found; what was found alone, as a part of the screen."""
        agent, asked, is_part = agent_of(request), request.query_params, pages.is_htmx(request)
        query = searching.read_query(asked.get("q", ""), asked.get("sujet", ""), agent.model.domain.intents)
        index = await library.index(agent, PATIENCE if is_part else AT_ONCE)  # also begins it, before anything is asked
        results: Results | None = None
        if index is not None and not query.is_empty:
            confirmed = await agent.store.look(lambda connection: confirmed_for(connection, "test"))
            sentences = [Sentence(item.text, item.intent or "") for item in confirmed]
            results = await asyncio.to_thread(index.find, query, sentences)
        values: dict[str, Any] = {
            "query": query,
            "results": results,
            "has_files": library.reader.has_files,
            "most": searching.MOST_SHOWN,
        }
        if is_part:
            return await asyncio.to_thread(partial(_part, request, "chercher_resultats.html", **values))
        names = sorted(agent.model.domain.intents)
        page = partial(pages.screen, request, "chercher.html", topics=names, most_chars=searching.MOST_CHARS, **values)
        return await asyncio.to_thread(page)  # a long page: turns go on meanwhile

    @routes.get("/chercher/controles")
    async def check(request: Request) -> Response:
        """What to look at in the data: a part of the screen, or a page of its own."""
        agent = agent_of(request)
        found = await library.checks(agent, PATIENCE)
        today = datetime.fromtimestamp(agent.clock(), pages.BRUSSELS).date()
        links = await asyncio.to_thread(data_checks.check_links, console.settings.project_dir, today)
        is_part = pages.is_htmx(request)
        values: dict[str, Any] = {"checks": found, "links": links, "has_files": library.reader.has_files, "limits": data_checks}
        if is_part:
            return _part(request, "chercher_controles.html", is_part=True, **values)
        return pages.screen(request, "chercher_controles_page.html", section=SECTION, is_part=False, **values)

    return routes


class Library:
    """What is searched and what was checked, made again when the model or the files change.

    Args:
        console: has the project.
    """

    def __init__(self, console: Console) -> None:
        self.reader = PatientReader(console.files)
        self._index: Kept[Index] = Kept()
        self._checks: Kept[Checks] = Kept()

    async def index(self, agent: Agent, patience: float) -> Index | None:
        """What can be found; None while it is being made.

        Args:
            agent: serves the model.
            patience: seconds that are waited.
        """
        is_read, files = await self.reader.files(patience)
        if not is_read:
            return None
        model = agent.model
        return await self._index.get((model.info.model_id, files), lambda: _index(model, files), patience)

    async def checks(self, agent: Agent, patience: float) -> Checks | None:
        """What there is to look at in the project's sentences, or in the model's without a project; None while it is being made.

        Args:
            agent: serves the model.
            patience: seconds that are waited.
        """
        is_read, files = await self.reader.files(patience)
        if not is_read:
            return None
        model = agent.model
        key = files or model.info.model_id
        return await self._checks.get(key, lambda: _check(model, files), patience)


def _part(request: Request, template: str, **values: Any) -> Response:
    # all parts are put into the screen itself, at /console/chercher
    return pages.fragment(request, template, section=SECTION, base="", **values)


def _index(model: Model, files: Files | None) -> Index:
    tests = [known for known in files.corpus.known if known.place == "test"] if files is not None else []
    return searching.index_of(model, tests, files.project.domain if files is not None else None)


def _check(model: Model, files: Files | None) -> Checks:
    examples: tuple[Example, ...] = files.project.nlu.examples if files is not None else model.examples()
    domain = files.project.domain if files is not None else model.domain
    scope: Scope = scope_of(files.project.config.pipeline if files is not None else model.interpreter.specs)
    return data_checks.check(examples, topics(domain, scope.out_of_scope), scope)
