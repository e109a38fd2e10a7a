"""The action server's log: one line a request with the id that its caller gave it; no query, which may hold the token.

`bma actions` sets up how lines look (`api.logs`); alone, `python -m actions.server` writes them as plain text.
"""

from __future__ import annotations

import logging
import re
import secrets
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars, get_contextvars

HEADER = "X-Request-Id"
KEY = "request"
"""Name of the id in log lines, the same as in the assistant's."""
_WELL_FORMED = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_NAME = HEADER.lower().encode()
UNKNOWN = "?"
"""Instead of a method or a path that is none of ours."""
log = logging.getLogger("bma.actions")


class Logged:
    """Answers each request under its id, and logs how.

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
        request_id = _given(scope) or secrets.token_hex(8)
        start = time.perf_counter()
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (_NAME, request_id.encode())]
            await send(message)

        with bound_contextvars(**{KEY: request_id}):
            try:
                await self._app(scope, receive, noting)
            finally:
                elapsed = 1000 * (time.perf_counter() - start)
                method = scope["method"] if scope["method"] in ("GET", "POST") else UNKNOWN
                route = str(getattr(scope.get("route"), "path", UNKNOWN))
                fields = {"method": method, "route": route, "status": status, "milliseconds": round(elapsed, 1)}
                log.info("%s %s %d %.1f ms", method, route, status, elapsed, extra=fields)


def _given(scope: Scope) -> str | None:
    """The request's own id when it has exactly one that is well formed."""
    found = [value for name, value in scope["headers"] if name == _NAME]
    return found[0].decode() if len(found) == 1 and _WELL_FORMED.fullmatch(found[0]) else None


def set_up_plainly() -> None:
    """Log to standard error, unless somebody has set up logging."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Plain("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


class _Plain(logging.Formatter):
    """Lines with the request's id; of an error only its kind, for what it says may be what a user typed."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        request_id = get_contextvars().get(KEY)
        return super().format(record) + (f" [{request_id}]" if request_id else "")

    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's name
        """The kind of an error."""
        error = ei[1] if isinstance(ei, tuple) else None
        return f"{type(error).__module__}.{type(error).__qualname__}"
