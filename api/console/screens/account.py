"""One's own account, and its password."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.console import account_changes, pages, passwords
from api.console.access import agent_of, allow, begin_session, visitor_of
from api.console.console import Console
from api.console.forms import read_form
from api.console.login import check_password
from api.console.refusals import Refusal
from api.console.rights import Right


def router(console: Console) -> APIRouter:
    """The routes."""
    settings = console.settings
    routes = APIRouter()

    def page(request: Request, status: int = 200, error: str = "") -> Response:
        least, most = passwords.LEAST_CHARS, passwords.MOST_CHARS
        return pages.screen(request, "compte.html", status, error=error, least=least, most=most)

    @routes.get("/compte", dependencies=[allow(settings, Right.READ)])
    async def show(request: Request) -> Response:
        """Who is logged in."""
        return page(request)

    @routes.post("/compte", dependencies=[allow(settings, Right.READ)])
    async def change_password(request: Request) -> Response:
        """Change one's own password; all sessions end, and this browser gets a new one."""
        visitor, agent = visitor_of(request), agent_of(request)
        if visitor.source != "local":
            raise Refusal(409, "compte_externe")
        form = await read_form(request, settings)
        old, new = form.exact("ancien"), form.exact("nouveau")
        t = pages.texts()
        if new != form.exact("encore"):
            return page(request, 422, t["compte"]["differents"])
        wrong = passwords.problem(new, visitor.name) or ("meme" if new == old else None)
        if wrong is not None:
            return page(request, 422, pages.password_problem(wrong))
        console.tries.count(request)
        if await check_password(agent, visitor.name, old, "change_password") is None:
            return page(request, 401, t["compte"]["ancien_refuse"])
        values = {"password_hash": await passwords.make_hash(new)}
        await account_changes.change(agent, visitor.name, visitor.account_id, "change_password", values, cut=True)
        response = pages.go(request, "compte", fait="mot_de_passe_change")
        await begin_session(console, request, response, visitor.account_id)
        return response

    return routes
