"""« Savoir »: what people ask and what they get, as figures, charts and files."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from actions.doubt import RESPONSE_OF
from api.console import figures, pages
from api.console.access import agent_of, allow
from api.console.console import Console
from api.console.csv_export import CONTENT_TYPE, to_csv
from api.console.figures import Report, Wanted
from api.console.refusals import Refusal
from api.console.rights import Right
from bot.project.model import Domain
from bot.responses import title_of
from bot.storage.outcomes import FILE, Outcomes, OutcomesError, present_outcomes
from bot.storage.statistics import Period

log = logging.getLogger("bma.console")
DAYS = (7, 30, 90)
USUAL = 30
LONGEST = 731
"""Days of a period, at most."""
SECTION = "savoir"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of a request asks for."""

    wanted: Wanted
    days: int | None
    """The usual period that was chosen; None for two dates."""
    error: str
    """Key of a sentence; empty when the dates can be used."""

    def query(self, days: int | None = None) -> str:
        """The same in an address, or another usual period of the same channel."""
        period, channel = self.wanted.period, {"canal": self.wanted.channel} if self.wanted.channel else {}
        days = days or self.days
        dates = {"jours": days} if days else {"du": period.first.isoformat(), "au": period.last.isoformat()}
        return urlencode(dates | channel)


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(dependencies=[allow(console.settings, Right.READ)])
    table = console.settings.project_dir / FILE

    async def report(request: Request, asked: Asked, tables: Collection[str] = figures.TABLES) -> tuple[Report, list[str], bool]:
        agent = agent_of(request)
        outcomes, usable = _outcomes(table)
        found = await agent.store.look(lambda connection: figures.find(connection, asked.wanted, tables))
        topics = titles(agent.model.domain)
        return Report(found, asked.wanted, outcomes, topics, pages.texts()[SECTION]), found.channels, usable

    def page(request: Request, asked: Asked, made: Report, channels: list[str], usable: bool) -> Response:
        return pages.screen(
            request,
            "savoir.html",
            asked=asked,
            usual=DAYS,
            channels={name: made.channel(name) for name in sorted({*channels, *filter(None, [asked.wanted.channel])})},
            total=made.total,
            times=made.all_times(),
            tables=made.tables(),
            usable=usable,
        )

    @routes.get("/savoir")
    async def show(request: Request) -> Response:
        """Figures first, then charts with their tables."""
        asked = read_query(request, agent_of(request).clock())
        made = await report(request, asked)
        return await asyncio.to_thread(page, request, asked, *made)  # a long page: turns go on meanwhile

    @routes.get("/savoir/suites")
    async def followed(request: Request) -> Response:
        """Repeats and conversations that end on a miss: a part of the screen, or alone without JavaScript."""
        asked = read_query(request, agent_of(request).clock())
        outcomes, _ = _outcomes(table)
        found = await agent_of(request).store.look(lambda connection: figures.find_followed(connection, asked.wanted, outcomes))
        if pages.is_htmx(request):
            return pages.fragment(request, "savoir_suites.html", section=SECTION, followed=found)
        return pages.screen(request, "savoir_suites_page.html", section=SECTION, followed=found, asked=asked)

    @routes.get("/savoir/{name}.csv")
    async def save(request: Request, name: str) -> Response:
        """A table as a file."""
        asked = read_query(request, agent_of(request).clock())
        if name not in figures.TABLES:
            raise Refusal(404, "introuvable")
        made, _, _ = await report(request, asked, {name})
        found = made.tables()[name]
        period = asked.wanted.period
        file = f"bma-{name}-{period.first.isoformat()}-{period.last.isoformat()}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": "no-store"}
        return Response(to_csv(found), headers=headers, media_type=CONTENT_TYPE)

    return routes


def read_query(request: Request, now: float) -> Asked:
    """What an address asks for; thirty days where it cannot be understood.

    Args:
        request: its query has `jours`, or `du` and `au` (ISO dates, UTC), and `canal`.
        now: seconds since 1970.
    """
    query = request.query_params
    channel = query.get("canal", "").replace("\0", "").strip()[:64] or None
    if not (query.get("du") or query.get("au")):
        given = query.get("jours", "")
        days = next((days for days in DAYS if str(days) == given), USUAL)
        return Asked(Wanted(Period.latest(days, now), channel), days, "")
    first, last = _day(query.get("du", "")), _day(query.get("au", ""))
    if first is None or last is None:
        error = "dates_illisibles"
    elif first > last:
        error = "dates_inverses"
    elif (last - first).days >= LONGEST:
        error = "dates_trop"
    else:
        return Asked(Wanted(Period(first, last), channel), None, "")
    return Asked(Wanted(Period.latest(USUAL, now), channel), USUAL, error)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def titles(domain: Domain) -> dict[str, str]:
    """The titles of the topics that have one: the `metadata.titre` of their response."""
    found: dict[str, str] = {}
    for intent in domain.intents:
        title = title_of(domain.responses.get(RESPONSE_OF.get(intent, f"utter_{intent}"), ()))
        if title:
            found[intent] = title
    return found


def _outcomes(path: Path) -> tuple[Outcomes, bool]:
    """The project's table and whether it can be used."""
    try:
        return present_outcomes(path), True
    except OutcomesError as error:
        log.warning("%s", error)
        return Outcomes(), False
