"""What the server's log holds: one line a request, and no text, no conversation's id, no address, no token."""

from __future__ import annotations

import logging
import time
import traceback
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
WHOLE_URLS = ("httpx", "httpcore")
"""Loggers of libraries that log each URL that is asked, and the action server's token is in one."""
UNKNOWN = "?"
"""Instead of a path that is no route's: it is whatever somebody wrote, a conversation's id or a forged line."""
MAX_CHAIN = 5
"""Errors of a chain that are shown."""
access = logging.getLogger("bma.access")


def set_up(level: str) -> None:
    """Log to standard error.

    Args:
        level: `debug`, `info`, `warning` or `error`.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(Formatter(FORMAT))
    logging.basicConfig(level=level.upper(), handlers=[handler])
    for name in WHOLE_URLS:
        logging.getLogger(name).setLevel(logging.WARNING)


class Formatter(logging.Formatter):
    """Shows where an error happened and its kind, without its message: that may hold what a user typed."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """The frames of an error and of those that it came from, the first one first."""
        error: BaseException | None = ei[1]
        parts: list[str] = []
        while error is not None and len(parts) < MAX_CHAIN:
            frames = "".join(traceback.format_tb(error.__traceback__))
            parts.append(f"{frames}{type(error).__module__}.{type(error).__qualname__}")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(reversed(parts))


def route_of(scope: Scope) -> str:
    """The route that answers a request, as it was declared: `/conversations/{conversation_id}`."""
    return str(getattr(scope.get("route"), "path", UNKNOWN))


class AccessLog:
    """One line a request: method, route, status, milliseconds; no query (it may hold the token), no conversation's id.

    Args:
        app: the ASGI application that answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and log how."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = time.perf_counter()
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            elapsed = 1000 * (time.perf_counter() - start)
            access.info("%s %s %d %.1f ms", scope["method"], route_of(scope), status, elapsed)
