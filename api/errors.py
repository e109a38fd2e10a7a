"""Errors of the API: a status code and a French sentence, in the shape of Rasa's errors."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from ruamel.yaml import YAML
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import VERSION
from api.logs import route_of
from api.pages import page
from bot.agent import MessageIdReused
from bot.storage.errors import StorageError

log = logging.getLogger("bma.api")


@cache
def _texts() -> dict[str, str]:
    with (Path(__file__).parent / "texts.yml").open(encoding="utf-8") as stream:
        return dict(YAML(typ="safe", pure=True).load(stream))


class ApiError(Exception):
    """A request that cannot be answered.

    Args:
        status: HTTP status code.
        reason: key of the French sentence in texts.yml; also the machine-readable reason.
        headers: response headers, such as Retry-After.
        details: what the sentence names.
    """

    def __init__(self, status: int, reason: str, headers: Mapping[str, str] | None = None, **details: Any) -> None:
        self.status = status
        self.reason = reason
        self.headers = dict(headers or {})
        self.details = details
        super().__init__(reason)

    @property
    def sentence(self) -> str:
        """What the user reads."""
        return _texts()[self.reason].format(**self.details)

    def response(self) -> JSONResponse:
        """The error as JSON, with Rasa's keys."""
        body = {
            "version": VERSION,
            "status": "failure",
            "message": self.sentence,
            "reason": self.reason,
            "code": self.status,
        }
        return JSONResponse(body, self.status, headers=self.headers)


async def _api_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return _shown(request, error)


async def _storage_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, StorageError)
    log.error("storage failed (%s) at %s %s: %s", error.cause, request.method, route_of(request.scope), error)
    if error.cause in ("busy", "conflict"):
        return _shown(request, ApiError(503, "busy", {"Retry-After": "2"}))
    return _shown(request, ApiError(503, "storage", {"Retry-After": "5"}))


async def _message_id_reused(request: Request, _error: Exception) -> Response:
    return _shown(request, ApiError(409, "message_id_reused"))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    reason = {404: "not_found", 405: "method"}.get(error.status_code, "http")
    headers = {**(error.headers or {}), **({"Allow": _allowed(request)} if error.status_code == 405 else {})}
    return _shown(request, ApiError(error.status_code, reason, headers))


def _allowed(request: Request) -> str:
    """The methods of all routes at a request's path; the framework names those of the first one only."""
    found: set[str] = set()
    for route in request.app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            found |= getattr(route, "methods", None) or set()
    return ", ".join(sorted(found))


async def _invalid_parameter(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    names = ", ".join(sorted({str(item["loc"][-1]) for item in error.errors()}))
    return _shown(request, ApiError(400, "parameter", names=names))


async def _unexpected(request: Request, error: Exception) -> Response:
    reference = secrets.token_hex(4)
    log.error("error %s at %s %s: %s", reference, request.method, route_of(request.scope), type(error).__name__, exc_info=error)
    return _shown(request, ApiError(500, "unexpected", reference=reference))


def _shown(request: Request, error: ApiError) -> Response:
    """A page for who asked for one, JSON for the others."""
    if "text/html" not in request.headers.get("accept", ""):
        return error.response()
    root = "../" * (request.url.path.count("/") - 1)
    response = page("error.html", error.status, sentence=error.sentence, root=root)
    response.headers.update(error.headers)
    return response


class Unexpected:
    """Answers what nobody caught, inside of the middleware that gives every answer its headers.

    Args:
        app: the ASGI application that answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or say that something failed."""
        has_begun = False

        async def noting(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:
            if scope["type"] != "http" or has_begun:
                raise
            await (await _unexpected(Request(scope, receive), error))(scope, receive, send)


def install(app: FastAPI) -> None:
    """Make every error of the application a French sentence."""
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(StorageError, _storage_error)
    app.add_exception_handler(MessageIdReused, _message_id_reused)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid_parameter)
    app.add_middleware(Unexpected)
