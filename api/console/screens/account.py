"""One's own account."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.console import pages
from api.console.access import allow
from api.console.console import Console
from api.console.rights import Right


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/compte", dependencies=[allow(console.settings, Right.READ)])
    async def show(request: Request) -> Response:
        """Who is logged in."""
        return pages.screen(request, "compte.html")

    return routes
