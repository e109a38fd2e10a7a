"""« Améliorer »: corrections become sentences of the draft, or notes to editors."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.console import csv_export, pages, tables
from api.console.access import agent_of, allow, visitor_of
from api.console.confirming import Confirming
from api.console.console import Console
from api.console.drafting import Drafting
from api.console.forms import read_form
from api.console.refusals import Refusal
from api.console.rights import Right
from api.console.tables import Column, Table
from bot.storage import corrections
from bot.storage.corrections import SENTENCES, Correction, Kind, Status

SECTION = "ameliorer"
PAGE = 50
"""Corrections on a page."""
NOTES: tuple[Kind, ...] = ("new_topic", "wording")
LISTS: dict[str, tuple[Status, tuple[Kind, ...]]] = {
    "a_examiner": ("proposed", SENTENCES),
    "confirmees": ("confirmed", SENTENCES),
    "rejetees": ("rejected", (*SENTENCES, *NOTES)),
    "notes": ("proposed", NOTES),
}
"""What can be listed, by the name in the address: which status, of which kinds."""
MOST_NOTES = 10_000
"""Notes in a file."""
_COLUMNS: tuple[tuple[str, tables.Kind], ...] = (
    ("date", "moment"),
    ("sorte", "text"),
    ("sujet", "text"),
    ("phrase", "text"),
    ("commentaire", "text"),
    ("auteur", "text"),
)
"""Of the notes in a file: key of the name, kind."""


def router(console: Console) -> APIRouter:
    """The routes."""
    settings = console.settings
    routes = APIRouter()
    files = console.files
    read, edit = [allow(settings, Right.READ)], [allow(settings, Right.EDIT)]

    @routes.get("/ameliorer", dependencies=read)
    async def show(request: Request) -> Response:
        """The queue; the draft comes in a part of its own."""
        name = request.query_params.get("liste", "")
        name = name if name in LISTS else "a_examiner"
        before = request.query_params.get("avant", "")
        last = int(before) if before.isascii() and before.isdigit() and len(before) <= 18 else None
        status, kinds = LISTS[name]
        store = agent_of(request).store
        found = await store.look(
            lambda connection: corrections.with_status(connection, status, kinds, count=PAGE + 1, before=last)
        )
        counts = await store.look(corrections.counts)
        numbers = {key: sum(counts.get((state, kind), 0) for kind in of) for key, (state, of) in LISTS.items()}
        return pages.screen(
            request,
            "ameliorer.html",
            list=name,
            corrections=found[:PAGE],
            more=found[PAGE - 1].id if len(found) > PAGE else None,
            numbers=numbers,
        )

    @routes.get("/ameliorer/notes.csv", dependencies=read)
    async def notes(request: Request) -> Response:
        """The open notes as a file."""
        found = await agent_of(request).store.look(
            lambda connection: corrections.with_status(connection, "proposed", NOTES, count=MOST_NOTES)
        )
        headers = {"Content-Disposition": 'attachment; filename="notes.csv"', "Cache-Control": "no-store"}
        return Response(csv_export.to_csv(_table(found)), media_type=csv_export.CONTENT_TYPE, headers=headers)

    @routes.post("/ameliorer/{number:int}/rejeter", dependencies=edit)
    async def reject(request: Request, number: int) -> Response:
        """Nothing is to be made of a correction; or a note was seen to."""
        agent, by = agent_of(request), visitor_of(request).name
        now = agent.clock()
        found = await agent.store.look(lambda connection: corrections.by_id(connection, number))
        if not await agent.store.run(lambda connection: corrections.reject(connection, number, by, now)):
            raise Refusal(409, "correction_decidee")
        if found is not None and found.kind in NOTES:
            return pages.go(request, SECTION, liste="notes", fait="classe")
        return pages.go(request, SECTION, fait="rejete")

    @routes.post("/ameliorer/{number:int}/retirer", dependencies=[allow(settings, Right.CORRECT)])
    async def withdraw(request: Request, number: int) -> Response:
        """Take a correction back: one's own while it is proposed, any as an editor."""
        await read_form(request, settings)
        agent, visitor = agent_of(request), visitor_of(request)
        now = agent.clock()
        found = await agent.store.look(lambda connection: corrections.by_id(connection, number))
        if found is None:
            raise Refusal(409, "correction_decidee")
        if not visitor.may(Right.EDIT) and (found.author != visitor.name or found.status != "proposed"):
            raise Refusal(403, "droit", role=visitor.role.value)
        seen = found.status  # of which the right was judged: a sentence that is confirmed meanwhile stays
        if not await agent.store.run(lambda connection: corrections.withdraw(connection, number, seen, visitor.name, now)):
            raise Refusal(409, "correction_decidee")
        return pages.go(request, SECTION, fait="retire")

    routes.include_router(Drafting(settings, files).router())
    routes.include_router(Confirming(settings, files).router())
    return routes


def _table(found: list[Correction]) -> Table:
    t = pages.texts()[SECTION]
    columns = [Column(t["colonnes"][key], kind) for key, kind in _COLUMNS]
    rows = [
        [item.created_at, t["sortes"][item.kind], item.intent or "", item.text, item.comment or "", item.author] for item in found
    ]
    return Table("notes", t["listes"]["notes"], columns, rows)
