"""Who is asking, and whether they may: sessions, rights, and tokens against forged forms.

A route declares what it needs with `allow(Right.…)`, or that it needs nothing with `public()`; a test walks all routes.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import Any

from fastapi import Depends, Request
from sqlalchemy.engine import Connection
from starlette.responses import Response

from api.console.console import Console
from api.console.forms import read_form
from api.console.refusals import LoginNeeded, Refusal
from api.console.rights import Right, Role, may
from api.sessions import from_this_site
from api.settings import Settings
from bot.agent import Agent
from bot.storage import sessions

COOKIE = "bma_console"
TOKEN_BYTES = 32
LARGEST_ID = 2**63 - 1
"""Larger than any row's; the databases take no larger number."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is logged in."""

    account_id: int
    name: str
    display_name: str
    role: Role
    csrf: str
    """What every form must carry."""
    token_hash: str
    """Of the session."""
    source: str
    """`local`, or `oidc`: the account is the organisation's."""

    def may(self, right: str) -> bool:
        """Whether the visitor has a right; for templates."""
        return may(self.role, Right(right))


class Allowed:
    """A route's dependency: somebody is logged in, has the right, and a change comes from a form of ours.

    Args:
        settings: limits of a request.
        right: what the route needs; None for a route that anybody may ask.
    """

    def __init__(self, settings: Settings, right: Right | None) -> None:
        self.right = right
        self._settings = settings

    async def __call__(self, request: Request) -> None:
        """Let the request pass.

        Raises:
            LoginNeeded: nobody is logged in.
            Refusal: 403, the role lacks the right, or the form is not ours; 404, the address has an id that no row can have.
        """
        if self.right is None:
            return
        visitor = await find_visitor(request)
        if visitor is None:
            raise LoginNeeded
        request.state.visitor = visitor
        if not may(visitor.role, self.right):
            raise Refusal(403, "droit", role=visitor.role.value)
        if any(isinstance(value, int) and value > LARGEST_ID for value in request.path_params.values()):
            raise Refusal(404, "introuvable")
        if request.method not in ("GET", "HEAD"):
            await require_own_form(request, self._settings, visitor.csrf)


def allow(settings: Settings, right: Right) -> Any:
    """The dependency of a route that needs a right."""
    return Depends(Allowed(settings, right))


def public(settings: Settings) -> Any:
    """The dependency of a route that anybody may ask."""
    return Depends(Allowed(settings, None))


async def require_own_form(request: Request, settings: Settings, token: str) -> None:
    """Refuse a form that another site made or sent.

    Raises:
        Refusal: 403.
    """
    form = await read_form(request, settings)
    if not from_this_site(request) or not hmac.compare_digest(form.get("csrf").encode(), token.encode()):
        raise Refusal(403, "csrf")


def agent_of(request: Request) -> Agent:
    """The assistant that this server runs."""
    agent: Agent = request.app.state.agent
    return agent


def visitor_of(request: Request) -> Visitor:
    """Who asks; of a route that needs a right."""
    visitor: Visitor = request.state.visitor
    return visitor


async def find_visitor(request: Request) -> Visitor | None:
    """Who is logged in with this browser."""
    token = request.cookies.get(COOKIE, "")
    if not token:
        return None
    agent = agent_of(request)
    token_hash, now = _hash(agent, token), agent.clock()
    found = await agent.store.run(lambda connection: sessions.find(connection, token_hash, now))
    if found is None:
        return None
    if now - found.seen_at > sessions.NOTED:
        await agent.store.run(lambda connection: sessions.touch(connection, token_hash, now))
    return Visitor(found.account_id, found.name, found.display_name, Role(found.role), found.csrf, token_hash, found.source)


async def begin_session(console: Console, request: Request, response: Response, account_id: int) -> None:
    """Log an account in with this browser, under a new session; the one that it had ends."""
    agent = agent_of(request)
    token, csrf = secrets.token_urlsafe(TOKEN_BYTES), secrets.token_urlsafe(24)
    token_hash, before, now = _hash(agent, token), request.cookies.get(COOKIE, ""), agent.clock()

    def begin(connection: Connection) -> None:
        if before:
            sessions.end(connection, _hash(agent, before))
        sessions.begin(connection, token_hash, account_id, csrf, now)

    await agent.store.run(begin)
    set_cookie(request, response, COOKIE, token, is_https=console.is_https)


async def end_session(console: Console, request: Request, response: Response) -> None:
    """Log out."""
    token_hash = visitor_of(request).token_hash
    await agent_of(request).store.run(lambda connection: sessions.end(connection, token_hash))
    set_cookie(request, response, COOKIE, "", is_https=console.is_https, max_age=0)


def set_cookie(
    request: Request, response: Response, name: str, value: str, *, is_https: bool, max_age: int | None = None
) -> None:
    """Give the browser a cookie that no script reads, and that it sends to the console only.

    Args:
        request: the one that is answered.
        response: the answer.
        name: of the cookie.
        value: of the cookie.
        is_https: whether browsers reach the console by HTTPS, whatever the request says.
        max_age: seconds that the browser keeps it; None until it is closed.
    """
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path=None,  # the browser takes the folder of the page (…/console), also behind a proxy that adds a prefix
        secure=is_https or request.url.scheme == "https",
        httponly=True,
        samesite="lax",  # strict would not be sent after the identity provider has sent the browser back
    )


def _hash(agent: Agent, token: str) -> str:
    return agent.secret.hash("console session", token)
