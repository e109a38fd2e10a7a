"""« Boite de réception »: questions that were not answered well, in groups, and what the helpdesk says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.engine import Connection

from api.console import pages
from api.console.access import agent_of, allow
from api.console.console import Console
from api.console.inbox_view import MOST_NUMBERS, View, numbers_of
from api.console.rights import Right
from api.console.triage import MOST_TEXT, Triage
from bot.storage import review
from bot.storage.review import KINDS, Group, Item
from bot.training.alike import merged

PAGE = 30
"""Groups on a page."""
EXAMPLES = 10
"""Questions of a group that are shown."""


@dataclass(frozen=True, slots=True)
class Row:
    """A group in the list."""

    numbers: str
    """The latest items' ids of the groups merged in it: how addresses name it, without a text."""
    text: str
    count: int
    kind: str
    at: float


@dataclass(frozen=True, slots=True)
class Opened:
    """A group that is looked at."""

    numbers: str
    items: Sequence[Item]
    said: Mapping[int, Sequence[str]]
    """The assistant's answers, by the item's id."""
    count: int
    until: int
    """The highest id: a decision is about what was seen."""


def router(console: Console) -> APIRouter:
    """The routes."""
    settings = console.settings
    routes = APIRouter()
    triage = Triage(settings)

    @routes.get("/boite", dependencies=[allow(settings, Right.READ)])
    async def show(request: Request) -> Response:
        """The list, and one group of it opened."""
        view = View.of(request.query_params)
        numbers = numbers_of(request.query_params.get("groupe", ""))
        rows, counts, opened = await agent_of(request).store.look(lambda connection: _look(connection, view, numbers))
        return pages.screen(
            request,
            "boite.html",
            rows=rows[(view.page - 1) * PAGE : view.page * PAGE],
            more=len(rows) > view.page * PAGE,
            groups=len(rows),
            counts=counts,
            total=sum(counts.values()),
            kinds=KINDS,
            undo=request.query_params.get("annuler", ""),
            **_detail(request, triage, view, opened),
        )

    @routes.get("/boite/groupe", dependencies=[allow(settings, Right.READ)])
    async def group(request: Request) -> Response:
        """One group opened; a part of the screen."""
        view = View.of(request.query_params)
        numbers = numbers_of(request.query_params.get("groupe", ""))
        opened = await agent_of(request).store.look(lambda connection: _open(connection, view, numbers))
        values = _detail(request, triage, view, opened)
        return pages.fragment(request, "boite_groupe.html", section="boite", base="", **values)  # it stands in /boite

    routes.include_router(triage.router())
    return routes


def _detail(request: Request, triage: Triage, view: View, opened: Opened | None) -> dict[str, Any]:
    return {"opened": opened, "topics": triage.topics(agent_of(request)), "view": view, "most": MOST_TEXT}


def _look(connection: Connection, view: View, numbers: Sequence[int]) -> tuple[list[Row], dict[str, int], Opened | None]:
    rows = [_row(together) for together in merged(review.groups(connection, view.which))]
    here = rows[(view.page - 1) * PAGE : view.page * PAGE]
    if not numbers and here:
        numbers = numbers_of(here[min(view.rank, len(here) - 1)].numbers)
    return rows, review.counts(connection), _open(connection, view, numbers)


def _row(together: tuple[Group, ...]) -> Row:
    first = together[0].latest
    numbers = ",".join(str(group.latest.id) for group in together[:MOST_NUMBERS])
    count = sum(group.count for group in together[:MOST_NUMBERS])
    return Row(numbers, first.text, count, first.kind, max(group.latest.created_at for group in together))


def _open(connection: Connection, view: View, numbers: Sequence[int]) -> Opened | None:
    """A group by the ids that name it; None when all of them were erased or decided."""
    named = review.by_ids(connection, numbers) if numbers else []
    signatures = list(dict.fromkeys(item.signature for item in named))
    items = review.items_of(connection, signatures, view.which, count=EXAMPLES) if signatures else []
    if not items:
        return None
    count = review.count_of(connection, signatures, view.which)
    said = {number: _texts(messages) for number, messages in review.answers_of(connection, items).items()}
    return Opened(",".join(str(item.id) for item in named), items, said, count, items[0].id)


def _texts(messages: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(message["text"]) for message in messages if message.get("text")]
