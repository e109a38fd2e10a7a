"""The console as routes of the application."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from api.console import pages
from api.console.access import agent_of
from api.console.console import Console
from api.console.refusals import LoginNeeded, Refusal
from api.console.screens import (
    account,
    accounts,
    glossary,
    improving,
    inbox,
    journal,
    know,
    organisation,
    proving,
    publication,
    search,
    session,
    suspending,
    trying,
)
from api.settings import Settings

PREFIX = "/console"
SCREENS: tuple[Callable[[Console], APIRouter], ...] = (
    session.router,
    organisation.router,
    account.router,
    trying.router,
    inbox.router,
    improving.router,
    search.router,
    glossary.router,
    proving.router,
    publication.router,
    suspending.router,
    know.router,
    accounts.router,
    journal.router,
)


def install(app: FastAPI, settings: Settings) -> None:
    """Add the console to the application; nothing when it is switched off.

    Raises:
        SettingsError: a setting of the identity provider cannot work.
    """
    if settings.console == "off":
        return
    console = Console(settings)

    async def opened(request: Request) -> None:
        if not await console.is_open(agent_of(request)):
            raise HTTPException(404)

    routes = APIRouter(prefix=PREFIX, tags=["console"], include_in_schema=False, dependencies=[Depends(opened)])
    for screen in SCREENS:
        routes.include_router(screen(console))

    @app.get(PREFIX, include_in_schema=False)
    async def slash() -> Response:
        """The console's address, with the slash that its relative links need."""
        return RedirectResponse("console/", 308)

    app.include_router(routes)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(LoginNeeded, _login)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return pages.refused(request, error)


async def _login(request: Request, _error: Exception) -> Response:
    """To the login form; a part of a page cannot show it, so htmx is told to load it whole."""
    target = f"{pages.base(request)}connexion"
    if pages.is_htmx(request):
        return Response(status_code=401, headers={"HX-Redirect": target})
    if request.method in ("GET", "HEAD"):
        return RedirectResponse(target, 303)
    sentence = pages.texts()["refus"]["connexion"]
    return pages.screen(request, "refus.html", 401, sentence=sentence)
