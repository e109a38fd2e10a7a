"""Is the server alive, can it answer, which version is it."""

from __future__ import annotations

import logging

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from api import VERSION
from api.declared import JSON, TEXT, answers, shape
from bot.agent import Agent
from bot.storage.errors import StorageError

log = logging.getLogger("bma.api")
RASA_FORMAT = "3.1"


def router() -> APIRouter:
    """The public health routes."""
    routes = APIRouter(tags=["health"])

    @routes.get("/health/live")
    async def live() -> dict[str, str]:
        """The process runs."""
        return {"status": "ok"}

    @routes.get(
        "/health/ready",
        responses=answers("It can.", {JSON: shape(("status", "model_id", "database"), status=TEXT)})
        | answers("It cannot.", {JSON: shape(("status", "database"), status=TEXT, database=TEXT)}, 503),
    )
    async def ready(request: Request) -> JSONResponse:
        """The process can answer: it has a model and its database answers."""
        agent: Agent = request.app.state.agent
        try:
            await agent.store.check()
        except StorageError as error:
            log.error("not ready: %s", error)
            return JSONResponse({"status": "unavailable", "database": error.cause}, 503, headers={"Retry-After": "5"})
        return JSONResponse({"status": "ok", "model_id": agent.model.info.model_id, "database": "ok"})

    @routes.get("/version")
    async def version() -> dict[str, str]:
        """The version of the assistant, and of the project files it reads."""
        return {"version": VERSION, "minimum_compatible_version": VERSION, "rasa_format": RASA_FORMAT}

    return routes
