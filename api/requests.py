"""What a request carries: its JSON, and the token."""

from __future__ import annotations

import asyncio
import hmac
import json
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request

from api.errors import ApiError
from api.patience import BODY
from api.settings import Settings

JSON_TYPES = ("application/json", "")
PLAIN_TYPES = ("text/plain",)


async def json_object(request: Request, settings: Settings) -> dict[str, Any]:
    """The request's body.

    JSON sent as text/plain (which a browser sends to any site without asking) is accepted only without an `Origin`
    or with an allowed one.

    Raises:
        ApiError: 400 no JSON object, 403 origin refused, 413 too large, 415 another content type.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("", *PLAIN_TYPES):
        _check_origin(request, settings)
    elif kind not in JSON_TYPES and not kind.endswith("+json"):
        raise ApiError(415, "content_type")
    raw = await read_body(request, settings)
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "not_json") from error
    if not isinstance(body, dict):
        raise ApiError(400, "not_object")
    return body


async def read_body(request: Request, settings: Settings) -> bytes:
    """The request's body.

    Raises:
        ApiError: 413, it is larger than `BMA_MAX_BODY_BYTES`; 408, it does not end.
    """
    try:
        async with asyncio.timeout(BODY):
            return await _whole(request, settings)
    except TimeoutError as error:
        raise ApiError(408, "too_slow", {"Connection": "close"}) from error


async def _whole(request: Request, settings: Settings) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > settings.max_body_bytes:
            raise ApiError(413, "too_large", {"Connection": "close"}, limit=settings.max_message_chars)
        parts.append(part)
    return b"".join(parts)


def _check_origin(request: Request, settings: Settings) -> None:
    origin = request.headers.get("origin")
    if origin is None or origin.rstrip("/") in settings.allowed_origins:
        return
    if urlsplit(origin).netloc == request.headers.get("host") and origin != "null":
        return
    raise ApiError(403, "origin_refused")


def has_token(request: Request, settings: Settings) -> bool:
    """Whether the request carries the right API token; compared in constant time."""
    given = _given_token(request)
    if settings.api_token is None or given is None:
        return False
    return hmac.compare_digest(given.encode("utf-8", "replace"), settings.api_token.encode())


def require_token(request: Request, settings: Settings) -> None:
    """Let only requests with the API token pass.

    Raises:
        ApiError: 403 when the server has no token, 401 when the request has none or a wrong one.
    """
    if settings.api_token is None:
        raise ApiError(403, "token_unset")
    if has_token(request, settings):
        return
    reason = "token_missing" if _given_token(request) is None else "token_wrong"
    raise ApiError(401, reason, {"WWW-Authenticate": "Bearer"})


def _given_token(request: Request) -> str | None:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials:
        return credentials.strip()
    return request.query_params.get("token")
