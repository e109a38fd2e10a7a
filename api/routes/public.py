"""What the front ends may do for their user: erase the conversation, say whether an answer helped. Nothing here reads.

The id of a REST conversation is its only key: only one that cannot be guessed opens these routes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from api.channels import rest
from api.declared import TEXT, body, refusals, shape
from api.errors import ApiError
from api.rate_limit import RateLimits
from api.requests import json_object
from api.settings import Settings
from bot.agent import Agent
from bot.storage.feedback import MAX_REASON, Feedback, give

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{12}", re.I)
_HEX = re.compile(r"[0-9a-f]{32,255}|[0-9A-F]{32,255}")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]{22,255}")
FEEDBACK = shape(
    ("sender", "message_id", "helpful"),
    sender=TEXT,
    message_id=rest.MESSAGE_ID,
    helpful={"type": "boolean"},
    reason={"anyOf": [{**TEXT, "maxLength": 5_000}, {"type": "null"}]},
)
_VARIED = 8
"""Different characters in an id, at least: 22 random ones have as good as always more."""


def router(settings: Settings) -> APIRouter:
    """The public routes."""
    routes = APIRouter(prefix="/w", tags=["public"])

    @routes.delete("/conversations/{conversation_id}", status_code=204, responses=refusals(403, 429, 503))
    async def erase(request: Request, conversation_id: str) -> Response:
        """Forget a REST conversation; the same answer whether there was one."""
        _require_random(conversation_id)
        _count(request)
        agent: Agent = request.app.state.agent
        await agent.erase(agent.secret.conversation(rest.CHANNEL, conversation_id), "user")
        return Response(status_code=204)

    @routes.post(
        "/feedback", status_code=204, responses=refusals(400, 403, 404, 413, 415, 429, 503), openapi_extra=body(FEEDBACK)
    )
    async def feedback(request: Request) -> Response:
        """Say whether an answer helped."""
        body = await json_object(request, settings)
        sender, message_id, helpful = body.get("sender"), body.get("message_id"), body.get("helpful")
        if not isinstance(sender, str) or not isinstance(message_id, str) or not isinstance(helpful, bool):
            raise ApiError(400, "feedback_invalid")
        _require_random(sender)
        _count(request)
        agent: Agent = request.app.state.agent
        given = Feedback(
            sender_id=str(agent.secret.conversation(rest.CHANNEL, sender)),
            message_id=rest.checked_message_id(message_id),
            helpful=helpful,
            reason=_reason(body, agent, settings),
            at=agent.clock(),
        )
        if not await agent.store.run(lambda connection: give(connection, given)):
            raise ApiError(404, "unknown_answer")
        return Response(status_code=204)

    return routes


def is_random(conversation_id: str) -> bool:
    """Whether an id looks like 128 random bits or more: a UUID of version 4, 32 hexadecimal or 22 base64url characters."""
    uuid = _UUID.fullmatch(conversation_id)
    if uuid is not None:
        return uuid[1] == "4" and uuid[2] in "89abAB" and _is_varied(conversation_id)
    if _HEX.fullmatch(conversation_id):
        return _is_varied(conversation_id)
    mixed = conversation_id.upper() != conversation_id != conversation_id.lower()
    return bool(_BASE64URL.fullmatch(conversation_id)) and mixed and _is_varied(conversation_id)


def _is_varied(text: str) -> bool:
    return len(set(text)) >= _VARIED


def _count(request: Request) -> None:
    """These requests count as messages of their address."""
    limits: RateLimits = request.app.state.limits
    limits.count(request)


def _require_random(conversation_id: str) -> None:
    if not is_random(conversation_id):
        raise ApiError(403, "sender_guessable")


def _reason(body: Mapping[str, Any], agent: Agent, settings: Settings) -> str | None:
    reason = body.get("reason")
    if reason is None:
        return None
    if not isinstance(reason, str):
        raise ApiError(400, "feedback_invalid")
    if len(reason) > settings.max_message_chars:
        raise ApiError(413, "too_large", limit=settings.max_message_chars)
    return str(agent.masked(reason))[:MAX_REASON] or None
