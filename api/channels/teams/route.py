"""`POST /api/messages`: where Teams sends activities.

In this order: no token 401, too large 413, no activity 400, whose token 401, where the answer would go 401, whose tenant 403.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from microsoft_agents.activity import Activity

from api.channels.teams import activities
from api.channels.teams.activities import Arrival, BadInvoke, NotAnActivity, Question, Vote
from api.channels.teams.feedback import note_vote
from api.channels.teams.keys import KeySet, KeysUnavailable
from api.channels.teams.reception import receive
from api.channels.teams.settings import TeamsSettings
from api.channels.teams.texts import text
from api.channels.teams.verifier import Refused, verify
from api.channels.teams.worker import Workers
from api.errors import ApiError
from api.patience import BODY
from api.settings import Settings
from bot.agent import Agent

log = logging.getLogger("bma.teams")


def router(settings: Settings, teams: TeamsSettings, keys: KeySet) -> APIRouter:
    """The channel's route.

    Args:
        settings: the server's.
        teams: the channel's.
        keys: the Bot Framework's signing keys.
    """
    routes = APIRouter(tags=["teams"])

    @routes.post("/api/messages")
    async def messages(request: Request) -> Response:
        """Take an activity; 202 when it is stored."""
        token = _token(request, teams)
        activity = _activity(await _body(request))
        await _require_teams(token, activity, teams, keys)
        agent: Agent = request.app.state.agent
        workers: Workers = request.app.state.teams_workers
        asked = activities.asked(activity)
        if isinstance(asked, Question | Arrival):
            if await receive(activity, asked, agent, settings.max_message_chars):
                workers.wake()
            else:
                log.info("an activity came twice")
        elif isinstance(asked, Vote):
            await note_vote(activity, asked, agent)
        return _acknowledged(activity, asked)

    return routes


def _token(request: Request, teams: TeamsSettings) -> str | None:
    """The bearer token; None when none is needed."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    if teams.anonymous and not scheme:
        return None
    raise _refused("no bearer token")


async def _body(request: Request) -> bytes:
    try:
        async with asyncio.timeout(BODY):
            return await _whole(request)
    except TimeoutError as error:
        raise ApiError(408, "too_slow", {"Connection": "close"}) from error


async def _whole(request: Request) -> bytes:
    found: list[bytes] = []
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > activities.MAX_BYTES:
            raise ApiError(413, "teams_too_large", {"Connection": "close"})
        found.append(piece)
    return b"".join(found)


def _activity(raw: bytes) -> Activity:
    try:
        return activities.read_activity(raw)
    except NotAnActivity as error:
        log.warning("no activity: %s", error)
        raise ApiError(400, "teams_activity") from error


async def _require_teams(token: str | None, activity: Activity, teams: TeamsSettings, keys: KeySet) -> None:
    """Let only Teams pass, whose answers go to Teams, of users whom we answer."""
    if token is not None:
        try:
            await verify(token, activity, keys, teams.app_id)
        except Refused as error:
            raise _refused(str(error)) from error
        except KeysUnavailable as error:
            raise ApiError(503, "teams_keys", {"Retry-After": "5"}) from error
    if not teams.allows_service(activity.service_url):
        raise _refused("service host")
    if not teams.anonymous and activities.tenant_of(activity) not in teams.answered_tenants:
        log.warning("refused: tenant")
        raise ApiError(403, "teams_tenant")


def _refused(why: str) -> ApiError:
    log.warning("refused: %s", why)
    return ApiError(401, "teams_refused", {"WWW-Authenticate": "Bearer"})


def _acknowledged(activity: Activity, asked: activities.Asked) -> Response:
    if activity.type != "invoke":
        return Response(status_code=202)
    if asked is None:
        return JSONResponse({}, 501)
    if activity.name == "adaptiveCard/action":
        return JSONResponse(_card_response(is_known=not isinstance(asked, BadInvoke)))
    return JSONResponse({})


def _card_response(*, is_known: bool) -> dict[str, Any]:
    """What a click on an Action.Execute shows at once; its answer comes as a message."""
    if is_known:
        return {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": text("clic_recu")}
    error = {"code": "BadRequest", "message": text("clic_inconnu")}
    return {"statusCode": 400, "type": "application/vnd.microsoft.error", "value": error}
