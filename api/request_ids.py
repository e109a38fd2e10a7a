"""The id of a request: in every log line that the request causes, in its answer, and in what is asked of an action server.

It comes with the request when a trusted proxy sends it (`X-Request-Id`), so that the proxy's log and ours meet; otherwise it is
new. It lives in a context variable (structlog's): channel, engine and actions need not pass it on.
"""

from __future__ import annotations

import random
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars, get_contextvars
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

HEADER = "X-Request-Id"
KEY = "request"
"""Name of the id in log lines."""
WELL_FORMED = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_NAME = HEADER.lower().encode()
_random = random.Random(secrets.randbits(128))


def new_id() -> str:
    """An id that no other request has, most likely; it is no secret, and asking the system for one would cost a turn 2 %."""
    return f"{_random.getrandbits(64):016x}"


def current() -> str | None:
    """The id of the request that is being answered; None outside any."""
    found = get_contextvars().get(KEY)
    return str(found) if found is not None else None


@contextmanager
def bound(request_id: str) -> Iterator[None]:
    """What is done in the block belongs to a request."""
    with bound_contextvars(**{KEY: request_id}):
        yield


class RequestIds:
    """Gives each request its id, then lets a trusted proxy say who sent it. The outermost part of the application.

    Args:
        app: the ASGI application that answers.
        trusted: addresses or networks of the proxies that are believed.
    """

    def __init__(self, app: ASGIApp, trusted: Sequence[str]) -> None:
        proxied = ProxyHeadersMiddleware(app, list(trusted))  # type: ignore[arg-type]
        self._app: ASGIApp = proxied if trusted else app  # type: ignore[assignment]
        self._trusted = proxied.trusted_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer under an id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        peer = scope["client"][0] if scope.get("client") else None
        request_id = _given(scope) if peer in self._trusted else None
        request_id = request_id or new_id()

        async def naming(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (_NAME, request_id.encode())]
            await send(message)

        with bound(request_id):
            await self._app(scope, receive, naming)


def _given(scope: Scope) -> str | None:
    """The request's own id when it has exactly one that is well formed."""
    found = [value for name, value in scope["headers"] if name == _NAME]
    return found[0].decode() if len(found) == 1 and WELL_FORMED.fullmatch(found[0]) else None
