"""« Sigles »: how the assistant reads abbreviations and acronyms. Nothing is changed here."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.console import glossary, pages, searching
from api.console.access import agent_of, allow
from api.console.background import Kept
from api.console.console import Console
from api.console.glossary import Reading, Usage
from api.console.project_files import PatientReader
from api.console.rights import Right
from bot.training.archive import Model

SECTION = "sigles"
AT_ONCE = 0.1
"""Seconds that a first answer waits for the files and for what is counted in a thread."""
PATIENCE = 1.0
"""Seconds that a part of the screen waits for it: a server that stops waits for its requests."""


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(dependencies=[allow(console.settings, Right.READ)])
    reader = PatientReader(console.files)
    counted: Kept[Usage] = Kept()

    @routes.get("/sigles")
    async def show(request: Request) -> Response:
        """What is read as what, and how often it is used; the tables alone, as a part of the screen."""
        is_part, model = pages.is_htmx(request), agent_of(request).model
        query = searching.read_query(request.query_params.get("q", ""), "", ())
        patience = PATIENCE if is_part else AT_ONCE
        is_read, files = await reader.files(patience)
        present = glossary.reading_of_model(model.interpreter)
        draft = glossary.reading_of_files(files.project) if files is not None else None
        usage = (
            await counted.get((model.info.model_id, files), lambda: _count(model, present, draft), patience) if is_read else None
        )
        values: dict[str, Any] = {
            "query": query,
            "usage": usage,
            "abbreviations": glossary.abbreviations_of(present, draft, query),
            "values": glossary.values_of(present, draft, query),
            "acronyms": glossary.acronyms_of(usage, query) if usage is not None else [],
            "has_files": reader.has_files,
        }
        if is_part:  # put into the screen itself, at /console/sigles
            return await asyncio.to_thread(partial(pages.fragment, request, "sigles_tableaux.html", section=SECTION, **values))
        return await asyncio.to_thread(partial(pages.screen, request, "sigles.html", most_chars=searching.MOST_CHARS, **values))

    return routes


def _count(model: Model, present: Reading, draft: Reading | None) -> Usage:
    both = {**(draft.synonyms if draft is not None else {}), **present.synonyms}
    return glossary.usage_of(model.examples(), Reading(present.abbreviations, both))
