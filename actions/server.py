"""The action server: rasa-sdk's routes on FastAPI (`rasa_sdk/endpoint.py`), for a real Rasa or a process apart."""

from __future__ import annotations

import hmac
import json
import logging
import os
import sys
import zlib

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

from actions.data_files import DataFileError
from actions.links import links
from actions.logs import Logged, set_up_plainly
from actions.protocol import ActionProtocol

MAX_BODY = 10 * 1024 * 1024
"""Bytes of a request, as sent and inflated: Rasa sends all events of a conversation."""


def create_app(token: str | None = None) -> FastAPI:
    """The application.

    Args:
        token: asked for as `?token=` (as Rasa's endpoints send it) or `Authorization: Bearer`; None: nothing is asked.
    """
    protocol = ActionProtocol()

    logging.getLogger("uvicorn.access").addFilter(_without_query)  # for who serves it otherwise than `main`

    def allowed(request: Request) -> None:
        if token is not None and not hmac.compare_digest(_given_token(request), token.encode()):
            raise HTTPException(401)

    app = FastAPI(title="BMA Assistant actions", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Logged)

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
    if not inflater.eof or inflater.unused_data:
        raise HTTPException(400)
    return inflated


def _given_token(request: Request) -> bytes:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return given.encode("latin-1")
    return request.query_params.get("token", "").encode("utf-8", "replace")


def _without_query(record: logging.LogRecord) -> bool:
    """Cut the query, which may hold the token, out of uvicorn's access line (client, method, path, version, status)."""
    if isinstance(record.args, tuple) and len(record.args) == 5:
        client, method, path, *rest = record.args
        record.args = (client, method, str(path).partition("?")[0], *rest)
    return True


def main() -> None:
    """Serve on BMA_ACTIONS_HOST and BMA_ACTIONS_PORT, with BMA_ACTIONS_TOKEN when it is set."""
    import uvicorn

    port = os.environ.get("BMA_ACTIONS_PORT", "5055")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        sys.exit(f"BMA_ACTIONS_PORT: expected a port between 1 and 65535, found {port!r}")
    try:
        links()
    except DataFileError as error:
        sys.exit(str(error))
    set_up_plainly()
    app = create_app(os.environ.get("BMA_ACTIONS_TOKEN") or None)
    host = os.environ.get("BMA_ACTIONS_HOST") or "127.0.0.1"
    uvicorn.run(app, host=host, port=int(port), access_log=False, log_config=None)


if __name__ == "__main__":
    main()
