"""The action server: rasa-sdk's routes on FastAPI (`rasa_sdk/endpoint.py`), for a real Rasa or a process apart."""

from __future__ import annotations

import hmac
import json
import os
import zlib
from typing import Any

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

from actions.protocol import ActionProtocol

MAX_BODY = 10 * 1024 * 1024
"""Bytes of a request, as sent and inflated: Rasa sends all events of a conversation."""


def create_app(token: str | None = None) -> FastAPI:
    """The application.

    Args:
        token: asked for as `?token=` (as Rasa's endpoints send it) or `Authorization: Bearer`; None: nothing is asked.
    """
    protocol = ActionProtocol()

    def allowed(request: Request) -> None:
        if token is None:
            return
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            given = request.query_params.get("token", "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), token.encode()):
            raise HTTPException(401)

    app = FastAPI(title="BMA Assistant actions", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/health")
    async def health() -> dict[str, str]:
        """The server is there."""
        return {"status": "ok"}

    @app.get("/actions", dependencies=[Depends(allowed)])
    async def actions() -> list[dict[str, str]]:
        """Names of the actions."""
        return [{"name": name} for name in protocol.names()]

    @app.post("/webhook", dependencies=[Depends(allowed)])
    async def webhook(request: Request) -> JSONResponse:
        """Run an action."""
        try:
            body = json.loads(await _body(request))
        except (ValueError, RecursionError, zlib.error):
            return JSONResponse({"error": "Invalid body request"}, 400)
        status, answer = await protocol.answer(body)
        return JSONResponse(answer, status)

    return app


async def _body(request: Request) -> bytes:
    encoding = request.headers.get("content-encoding", "identity").lower()
    if encoding not in ("identity", "deflate", ""):
        raise HTTPException(400)
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY:
            raise HTTPException(413)
        parts.append(part)
    raw = b"".join(parts)
    if encoding != "deflate":
        return raw
    inflater = zlib.decompressobj()
    inflated = inflater.decompress(raw, MAX_BODY)
    if inflater.unconsumed_tail:
        raise HTTPException(413)
    return inflated


def main() -> None:
    """Serve on BMA_ACTIONS_HOST and BMA_ACTIONS_PORT, with BMA_ACTIONS_TOKEN when it is set."""
    import uvicorn

    settings: dict[str, Any] = {
        "host": os.environ.get("BMA_ACTIONS_HOST", "127.0.0.1"),
        "port": int(os.environ.get("BMA_ACTIONS_PORT", "5055")),
    }
    uvicorn.run(create_app(os.environ.get("BMA_ACTIONS_TOKEN") or None), access_log=False, **settings)


if __name__ == "__main__":
    main()
