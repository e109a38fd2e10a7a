"""`GET /metrics`: what Prometheus reads."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from api.declared import JSON, REFUSAL, answers
from api.errors import ApiError
from api.metrics.definitions import Metrics
from api.settings import Settings
from bot.agent import Agent
from bot.storage import StorageError, inbox

PATIENCE = 2.0
"""Seconds to wait for the database; a scrape is given up after ten."""
NOT_ALLOWED = answers("No token.", {JSON: REFUSAL}, 401) | answers("Not from here.", {JSON: REFUSAL}, 403)
FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via")
"""Headers of a request that a proxy passes on: it comes from this machine, and yet from anywhere."""


def router(settings: Settings) -> APIRouter:
    """The route."""
    routes = APIRouter(tags=["health"])

    @routes.get("/metrics", response_class=PlainTextResponse, responses=NOT_ALLOWED)
    async def read(request: Request) -> Response:
        """The figures of all workers."""
        _require_allowed(request, settings)
        metrics: Metrics = request.app.state.metrics
        if settings.teams_app_id:
            await _count_inbox(request.app.state.agent, metrics)
        from api.metrics.exposition import CONTENT_TYPE, render

        return Response(render(metrics), media_type=CONTENT_TYPE)

    return routes


def _require_allowed(request: Request, settings: Settings) -> None:
    """Let pass who has the token; where none is set, this machine itself.

    Raises:
        ApiError: 401 no token or a wrong one, 403 from another machine, or through a proxy.
    """
    if settings.metrics_token is None:
        if settings.trusted_proxies or not _is_local(request):
            raise ApiError(403, "metrics_local")
        return
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    expected = settings.metrics_token.encode()
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode("utf-8", "replace"), expected):
        raise ApiError(401, "metrics_token", {"WWW-Authenticate": "Bearer"})


def _is_local(request: Request) -> bool:
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False


async def _count_inbox(agent: Agent, metrics: Metrics) -> None:
    """Count what waits; a database that does not answer leaves the last figure, and is counted itself."""
    try:
        async with asyncio.timeout(PATIENCE):
            metrics.teams_inbox.set(await agent.store.look(lambda connection: inbox.waiting(connection, "teams")))
    except (StorageError, TimeoutError):
        pass
