"""`/console/suspendre`: switch an answer off at once, or on again, and who did so when and why."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.engine import Connection

from api.console import pages
from api.console.access import agent_of, allow, visitor_of
from api.console.console import Console
from api.console.forms import read_form
from api.console.publishing import MOST_REASON, kept_reason
from api.console.rights import Right
from api.console.suspending import HISTORY, NotSwitched, Switchboard, texts_of
from bot.execution.suspension import notice_of
from bot.storage import suspensions
from bot.storage.outcomes import FILE
from bot.storage.suspensions import Switch

SECTION = "suspendre"


def router(console: Console) -> APIRouter:
    """The routes."""
    settings = console.settings
    routes = APIRouter()
    board = Switchboard(settings.project_dir / FILE)

    async def show(request: Request, status: int = 200, why_not: str = "") -> Response:
        def look(connection: Connection) -> tuple[list[Switch], list[Switch]]:
            return suspensions.present(connection), suspensions.history(connection, HISTORY)

        agent = agent_of(request)
        off, history = await agent.store.look(look)
        answers = board.answers(agent.model.domain, off)
        return pages.screen(
            request,
            "suspendre.html",
            status,
            error=pages.texts()[SECTION]["pourquoi_pas"][why_not] if why_not else "",
            answers=answers,
            notice_texts=texts_of(notice_of(agent.model.domain)),
            history=history,
            most_reason=MOST_REASON,
            poll=settings.model_poll,
        )

    async def switch(request: Request, *, is_on: bool) -> Response:
        agent, form = agent_of(request), await read_form(request, settings)
        reason = kept_reason(agent, form.get("raison"))
        try:
            wanted = Switch(form.get("reponse"), visitor_of(request).name, reason, agent.clock(), is_on)
            await board.switch(agent, wanted)
        except NotSwitched as error:
            return await show(request, 409, str(error))
        return pages.go(request, SECTION, fait="retablissement" if is_on else "suspension")

    @routes.get("/suspendre", dependencies=[allow(settings, Right.READ)])
    async def suspend_screen(request: Request) -> Response:
        """The answers, which of them are off, and what was switched."""
        return await show(request)

    @routes.post("/suspendre", dependencies=[allow(settings, Right.PUBLISH)])
    async def suspend(request: Request) -> Response:
        """Switch an answer off."""
        return await switch(request, is_on=False)

    @routes.post("/suspendre/retablir", dependencies=[allow(settings, Right.PUBLISH)])
    async def resume(request: Request) -> Response:
        """Switch an answer on again."""
        return await switch(request, is_on=True)

    return routes
