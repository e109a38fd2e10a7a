"""Logging in with the organisation's account: there, and back."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.console import pages
from api.console.access import agent_of, begin_session, public
from api.console.console import Console
from api.console.identity import IdentityProvider, admit
from api.console.refusals import Refusal
from api.console.rights import Role


def router(console: Console) -> APIRouter:
    """The routes."""
    settings = console.settings
    routes = APIRouter()

    def provider() -> IdentityProvider:
        if console.oidc is None:
            raise Refusal(404, "introuvable")
        return console.oidc

    @routes.get("/oidc", dependencies=[public(settings)])
    async def there(request: Request) -> Response:
        """Send the browser to the organisation's login page."""
        return await provider().begin(request)

    @routes.get("/retour", dependencies=[public(settings)])
    async def back(request: Request) -> Response:
        """Log in whom the organisation's login page sends back."""
        oidc = provider()
        response: Response
        try:
            account = await admit(agent_of(request), await oidc.finish(request))
        except Refusal as refusal:
            response = pages.refused(request, refusal)
        else:
            response = pages.go(request, pages.home(Role(account.role)))
            await begin_session(console, request, response, account.id)
        oidc.forget(request, response)  # what it was given serves once
        return response

    return routes
