"""Logging in and out, and the files that browsers load: what is asked before anybody is known."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response
from itsdangerous import BadSignature, URLSafeTimedSerializer

from api.assets import KEPT_LONG, respond
from api.console import pages
from api.console.access import agent_of, allow, begin_session, end_session, find_visitor, public
from api.console.console import Console
from api.console.forms import read_form
from api.console.login import check_password
from api.console.refusals import Refusal
from api.console.rights import Right, Role
from api.sessions import from_this_site

NOBODY = ""
"""No account has this name."""
FORM_LIFE = 3600
"""Seconds that the login form stays valid."""


def router(console: Console) -> APIRouter:
    """The routes."""
    settings = console.settings
    routes = APIRouter()

    def seal(request: Request) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(agent_of(request).secret.hash("signing key", "console login"), salt="form")

    async def form_page(request: Request, status: int = 200, name: str = "", error: str = "") -> Response:
        return pages.screen(
            request,
            "connexion.html",
            status,
            name=name,
            error=error,
            token=seal(request).dumps("login"),
            oidc=console.oidc is not None,
            local=console.oidc is None or settings.console_break_glass is not None,
            first=not await console.has_accounts(agent_of(request)),
        )

    @routes.get("/connexion", dependencies=[public(settings)])
    async def ask(request: Request) -> Response:
        """The login form."""
        visitor = await find_visitor(request)
        if visitor is not None:
            return pages.go(request, pages.home(visitor.role))
        return await form_page(request)

    @routes.post("/connexion", dependencies=[public(settings)])
    async def log_in(request: Request) -> Response:
        """Log in with a local account."""
        form = await read_form(request, settings)
        try:
            seal(request).loads(form.get("csrf"), max_age=FORM_LIFE)
        except BadSignature:
            return await form_page(request, 403, form.get("nom"), pages.texts()["connexion"]["perimee"])
        if not from_this_site(request):
            raise Refusal(403, "csrf")
        name = form.get("nom")[:255]
        console.tries.count(request)
        tried = name if console.lets_in(name) else NOBODY  # in the time that it takes for somebody
        account = await check_password(agent_of(request), tried, form.exact("mot_de_passe"))
        if account is None:
            return await form_page(request, 401, name, pages.texts()["connexion"]["refuse"])
        response = pages.go(request, pages.home(Role(account.role)))
        await begin_session(console, request, response, account.id)
        return response

    @routes.post("/deconnexion", dependencies=[allow(settings, Right.READ)])
    async def log_out(request: Request) -> Response:
        """End the session."""
        response = pages.go(request, "connexion", fait="deconnecte" if console.oidc is None else "deconnecte_oidc")
        await end_session(console, request, response)
        return response

    @routes.get("/f/{name}", dependencies=[public(settings)])
    async def file(request: Request, name: str) -> Response:
        """A style, a script or a library."""
        found = pages.files().get(name)
        if found is None:
            raise Refusal(404, "introuvable")
        return respond(found, request.headers.get("accept-encoding", ""), {"Cache-Control": KEPT_LONG, "Vary": "Accept-Encoding"})

    return routes
