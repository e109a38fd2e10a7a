"""Files of the widget and of the pages, and the demo page that embeds it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from api.assets import KEPT_LONG, WIDGET, assets, respond
from api.declared import answers, refusals
from api.errors import ApiError
from api.pages import page
from api.settings import Settings

KEPT_SHORTLY = "public, max-age=60"


def router(settings: Settings) -> APIRouter:
    """The routes of the widget."""
    routes = APIRouter(tags=["widget"])

    @routes.get("/", response_class=HTMLResponse)
    async def demo() -> Response:
        """An information page with the widget."""
        return page("demo.html", script=assets()[WIDGET])

    @routes.get("/w/{name}", response_class=Response, responses=answers("The file.", {"*/*": {}}) | refusals(404, 503))
    async def asset(request: Request, name: str) -> Response:
        """A file that browsers load."""
        found = assets().get(name)
        if found is None:
            raise ApiError(404, "not_found")
        if settings.assistant_off and name.endswith(".js"):
            headers = {"Cache-Control": KEPT_SHORTLY, "Retry-After": "60", "Access-Control-Allow-Origin": "*"}
            raise ApiError(503, "assistant_off", headers)
        headers = {
            "Cache-Control": KEPT_LONG,
            "Access-Control-Allow-Origin": "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Vary": "Accept-Encoding",
        }
        return respond(found, request.headers.get("accept-encoding", ""), headers)

    return routes
