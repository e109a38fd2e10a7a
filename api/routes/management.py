"""Rasa's management routes, behind the API token."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer

from api.channels import rest
from api.declared import JSON, OBJECT, TEXT, answers, body, refusals, shape
from api.errors import ApiError
from api.requests import json_object, require_token
from api.settings import Settings
from bot.agent import Agent
from bot.identity import ConversationKey
from bot.tracker import Verbosity

BEARER = HTTPBearer(auto_error=False, description="`BMA_API_TOKEN`")
TEXT_TO_PARSE = shape(("text",), text={**TEXT, "maxLength": 5_000})
FOUND = answers("What is stored.", {JSON: OBJECT}) | refusals(404, 503)


def router(settings: Settings) -> APIRouter:
    """The management routes."""

    def allowed(request: Request) -> None:
        require_token(request, settings)

    routes = APIRouter(tags=["management"], dependencies=[Depends(allowed), Depends(BEARER)], responses=refusals(401, 403))

    @routes.post("/model/parse", responses=refusals(400, 413, 415), openapi_extra=body(TEXT_TO_PARSE))
    async def parse(request: Request) -> dict[str, Any]:
        """Understand a text: Rasa's parse result."""
        body = await json_object(request, settings)
        text = body.get("text")
        if not isinstance(text, str):
            raise ApiError(400, "text_missing")
        if len(text) > settings.max_message_chars:
            raise ApiError(413, "too_large", limit=settings.max_message_chars)
        return _agent(request).understand(text, trusted=True)

    @routes.get("/status")
    async def status(request: Request) -> dict[str, Any]:
        """Which model answers."""
        info = _agent(request).model.info
        return {"model_file": f"{info.model_id}.tar.gz", "model_id": info.model_id, "num_active_training_jobs": 0}

    @routes.get("/domain", responses=answers("The domain.", {JSON: OBJECT}))
    async def domain(request: Request) -> JSONResponse:
        """The model's domain."""
        return JSONResponse(_agent(request).model.domain.raw)

    @routes.get("/conversations/{conversation_id}/tracker", responses=FOUND | refusals(400))
    async def tracker(request: Request, conversation_id: str, include_events: Verbosity = Query("AFTER_RESTART")) -> JSONResponse:
        """A REST conversation as Rasa shows it."""
        found = await _agent(request).tracker(_key(request, conversation_id))
        if found is None:
            raise ApiError(404, "unknown_conversation")
        return JSONResponse(found.to_json(include_events) | {"sender_id": conversation_id})

    @routes.delete("/conversations/{conversation_id}/tracker", status_code=204, responses=refusals(404, 503))
    async def erase(request: Request, conversation_id: str) -> Response:
        """Forget a REST conversation."""
        if not await _agent(request).erase(_key(request, conversation_id), "api"):
            raise ApiError(404, "unknown_conversation")
        return Response(status_code=204)

    @routes.get("/conversations/{conversation_id}", responses=FOUND)
    async def export(request: Request, conversation_id: str, channel: str = Query(rest.CHANNEL)) -> JSONResponse:
        """All that is stored of a conversation."""
        found = await _agent(request).export(_key(request, conversation_id, channel), "api")
        if not found:
            raise ApiError(404, "unknown_conversation")
        return JSONResponse(found)

    @routes.delete("/conversations/{conversation_id}", status_code=204, responses=refusals(404, 503))
    async def forget(request: Request, conversation_id: str, channel: str = Query(rest.CHANNEL)) -> Response:
        """Forget a conversation and all that came of it."""
        if not await _agent(request).erase(_key(request, conversation_id, channel), "api"):
            raise ApiError(404, "unknown_conversation")
        return Response(status_code=204)

    return routes


def _agent(request: Request) -> Agent:
    agent: Agent = request.app.state.agent
    return agent


def _key(request: Request, conversation_id: str, channel: str = rest.CHANNEL) -> ConversationKey:
    return _agent(request).secret.conversation(channel.replace("\0", ""), conversation_id)
