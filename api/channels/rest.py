"""Rasa's REST channel (`rasa/core/channels/rest.py`), without its silences.

GET /webhooks/rest/ tells that it is there. POST /webhooks/rest/webhook takes `{"sender"?, "message", "metadata"?}`
and answers the list of what is said; `?stream=true` gives one JSON object a line.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from api.declared import JSON, OBJECT, TEXT, answers, body, refusals, shape
from api.errors import ApiError
from api.rate_limit import RateLimits
from api.requests import has_token, json_object
from api.settings import Settings
from bot.agent import Agent, Message

CHANNEL = "rest"
MAX_SENDER = 255
MAX_MESSAGE_ID = 64
_WRITABLE = r"^[^\x00]*$"
SENDER = {**TEXT, "minLength": 1, "maxLength": MAX_SENDER, "pattern": _WRITABLE}
MESSAGE_ID = {**TEXT, "minLength": 1, "maxLength": MAX_MESSAGE_ID, "pattern": _WRITABLE}
MESSAGE = shape(
    ("message",),
    sender={"anyOf": [SENDER, {"type": "null"}]},
    message={**TEXT, "maxLength": 5_000},
    metadata={"anyOf": [shape((), message_id={"anyOf": [MESSAGE_ID, {"type": "null"}]}), {"type": "null"}]},
)
SAID = {
    "type": "array",
    "items": shape(("recipient_id",), recipient_id=TEXT, text=TEXT, buttons={"type": "array", "items": OBJECT}),
}


def router(settings: Settings) -> APIRouter:
    """The channel's routes."""
    routes = APIRouter(prefix=f"/webhooks/{CHANNEL}", tags=[CHANNEL])

    @routes.get("/")
    async def health() -> dict[str, str]:
        """Tell that the channel is there."""
        return {"status": "ok"}

    @routes.post(
        "/webhook",
        responses=answers("What is said.", {JSON: SAID, "text/event-stream": TEXT}) | refusals(400, 403, 409, 413, 415, 429, 503),
        openapi_extra=body(MESSAGE),
    )
    async def webhook(request: Request, stream: bool = False) -> Response:
        """Answer a message."""
        if settings.assistant_off and not has_token(request, settings):
            raise ApiError(503, "assistant_off", {"Retry-After": "600"})
        body = await json_object(request, settings)
        sender = _sender(body)
        agent: Agent = request.app.state.agent
        conversation = agent.secret.conversation(CHANNEL, sender)
        limits: RateLimits = request.app.state.limits
        limits.count(request, conversation)
        message = Message(
            conversation=conversation,
            text=_text(body, settings),
            trusted=has_token(request, settings),
            message_id=_message_id(body),
        )
        reply = await agent.handle(message)
        said = [{"recipient_id": sender, **item} for item in reply.messages]
        if stream:
            lines = "".join(json.dumps(item) + "\n" for item in said)
            return Response(lines, media_type="text/event-stream")
        return JSONResponse(said)

    return routes


def _sender(body: Mapping[str, Any]) -> str:
    sender = body.get("sender")
    if sender is None:
        return secrets.token_urlsafe(24)
    if not isinstance(sender, str) or not 1 <= len(sender) <= MAX_SENDER or _unwritable(sender):
        raise ApiError(400, "sender_invalid")
    return sender


def _text(body: Mapping[str, Any], settings: Settings) -> str:
    text = body.get("message")
    if not isinstance(text, str):
        raise ApiError(400, "message_missing")
    if len(text) > settings.max_message_chars:
        raise ApiError(413, "too_large", limit=settings.max_message_chars)
    return text


def _message_id(body: Mapping[str, Any]) -> str | None:
    metadata = body.get("metadata")
    if metadata is None:
        return None
    if not isinstance(metadata, Mapping):
        raise ApiError(400, "metadata_invalid")
    message_id = metadata.get("message_id")
    return None if message_id is None else checked_message_id(message_id)


def checked_message_id(message_id: Any) -> str:
    """A sender's id of a message.

    Raises:
        ApiError: 400, it is none.
    """
    if not isinstance(message_id, str) or not 1 <= len(message_id) <= MAX_MESSAGE_ID or _unwritable(message_id):
        raise ApiError(400, "message_id_invalid")
    return message_id


def _unwritable(text: str) -> bool:
    """Whether a text holds what neither UTF-8 nor a database can keep: NUL or a lone surrogate."""
    return "\0" in text or any("\ud800" <= char <= "\udfff" for char in text)
