"""The audit: who did what, when, on what."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from api.console import pages
from api.console.access import agent_of, allow
from api.console.console import Console
from api.console.csv_export import BYTE_ORDER_MARK, CONTENT_TYPE, SEPARATOR, guarded
from api.console.rights import Right
from bot.agent import Agent
from bot.storage import accounts, audit
from bot.storage.audit import Entry

ON_A_PAGE = 100
AT_ONCE = 2_000
"""Lines of the file that are read together."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are asked for; empty for all."""

    actor: str
    action: str

    @property
    def query(self) -> str:
        """As part of an address."""
        return urlencode({name: value for name, value in (("acteur", self.actor), ("action", self.action)) if value})


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(dependencies=[allow(console.settings, Right.ADMIN)])

    @routes.get("/journal")
    async def show(request: Request) -> Response:
        """The latest entries, or older ones."""
        agent, wanted, before = agent_of(request), _filter(request), _before(request)
        found = await agent.store.look(
            partial(audit.page, count=ON_A_PAGE + 1, before=before, actor=wanted.actor, action=wanted.action)
        )
        people = {account.name: account.display_name for account in await agent.store.look(accounts.everyone)}
        shown = found[:ON_A_PAGE]
        return pages.screen(
            request,
            "journal.html",
            entries=[line(recorded.entry, people) for recorded in shown],
            wanted=wanted,
            before=before,
            older=shown[-1].id if len(found) > ON_A_PAGE else None,
            actors=sorted(people) + sorted(pages.texts()["journal"]["acteurs"]),
        )

    @routes.get("/journal.csv")
    async def save(request: Request) -> Response:
        """All entries that the filter lets pass, as a file."""
        headers = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="journal.csv"'}
        lines = _csv(agent_of(request), _filter(request))
        return StreamingResponse(lines, media_type=CONTENT_TYPE, headers=headers)

    return routes


def line(entry: Entry, people: dict[str, str]) -> dict[str, Any]:
    """An entry in words.

    Args:
        entry: as it was written.
        people: display names of accounts, by name.
    """
    t = pages.texts()["journal"]
    return {
        "at": entry.at,
        "actor": entry.actor,
        "known_as": people.get(entry.actor) or t["acteurs"].get(entry.actor, ""),
        "action": t["actions"].get(entry.action, entry.action),
        "subject": entry.subject,
        "details": [(t["details"].get(key, key), words(value)) for key, value in entry.details.items()],
    }


def words(value: object) -> str:
    """A detail's value as people write it."""
    commun = pages.texts()["commun"]
    if isinstance(value, bool):
        return str(commun["oui" if value else "non"])
    if isinstance(value, list):
        return ", ".join(map(words, value))
    if isinstance(value, dict):
        return ", ".join(f"{key} {words(inner)}" for key, inner in value.items())
    if isinstance(value, float):
        return f"{value:g}".replace(".", ",")
    known = {**commun["roles"], **pages.texts()["journal"]["valeurs"]}
    return str(known.get(value, value)) if isinstance(value, str) else "" if value is None else str(value)


async def _csv(agent: Agent, wanted: Filter) -> AsyncIterator[str]:
    """The file, piece by piece, in the form of `csv_export`."""
    people = {account.name: account.display_name for account in await agent.store.look(accounts.everyone)}
    columns = pages.texts()["journal"]["colonnes"]
    yield BYTE_ORDER_MARK + _row([columns[name] for name in ("quand", "qui", "nom", "quoi", "sur", "details")])
    before: int | None = None
    while True:
        found = await agent.store.look(
            partial(audit.page, count=AT_ONCE, before=before, actor=wanted.actor, action=wanted.action)
        )
        yield "".join(_row(_cells(line(recorded.entry, people))) for recorded in found)
        if len(found) < AT_ONCE:
            return
        before = found[-1].id


def _cells(shown: dict[str, Any]) -> list[str]:
    details = "; ".join(f"{name} : {value}" for name, value in shown["details"])
    return [pages.moment(shown["at"]), shown["actor"], shown["known_as"], shown["action"], shown["subject"], details]


def _row(cells: list[str]) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=SEPARATOR, lineterminator="\r\n").writerow([guarded(cell) for cell in cells])
    return stream.getvalue()


def _filter(request: Request) -> Filter:
    actor, action = (request.query_params.get(name, "").replace("\0", "").strip() for name in ("acteur", "action"))
    return Filter(actor[:255], action[:64])


def _before(request: Request) -> int | None:
    value = request.query_params.get("avant", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 18 else None
