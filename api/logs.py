"""What the server's log holds: one line a request, and no text, no conversation's id, no address, no token.

Modules log with the standard library, their message's values in it or as `extra`; structlog makes the lines of it: for people
(`text`) or one JSON object each (`json`). Of an error its kind and frames are shown, not its message: a user may have typed it.
"""

from __future__ import annotations

import logging
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any, Literal

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import merge_contextvars
from structlog.typing import EventDict, Processor

from api.request_ids import KEY

Format = Literal["auto", "text", "json"]
FIELDS = ("method", "route", "status", "milliseconds", "action")
"""What a line may hold beside `at`, `level`, `logger`, `request`, `event` and `error`; other extras are left out."""
WHOLE_URLS = ("httpx", "httpcore")
"""Loggers of libraries that log each URL that is asked, and the action server's token is in one."""
UNKNOWN = "?"
"""Instead of a path that is no route's: it is whatever somebody wrote, a conversation's id or a forged line."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""What a request may do; another word is whatever somebody wrote, and is UNKNOWN."""
MAX_CHAIN = 5
"""Errors of a chain that are shown."""
access = logging.getLogger("bma.access")
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160), 0x2028, 0x2029) if code not in (9, 10)}


def set_up(level: str, form: Format = "text") -> None:
    """Log to standard error.

    Args:
        level: `debug`, `info`, `warning` or `error`.
        form: of the lines; `auto` is `text` on a terminal, else `json`.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(form))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in WHOLE_URLS:
        logging.getLogger(name).setLevel(logging.WARNING)


def formatter(form: Format) -> logging.Formatter:
    """What makes lines of log records.

    Args:
        form: as in `set_up`.
    """
    is_text = form == "text" or (form == "auto" and sys.stderr.isatty())
    last: tuple[Processor, ...] = (_as_text,) if is_text else (structlog.processors.JSONRenderer(),)
    first: tuple[Processor, ...] = (
        merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.stdlib.ExtraAdder(allow=FIELDS),
        _without_messages,
    )
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=first, processors=[remove, *last])


def shown(error: BaseException | None) -> str:
    """Where an error happened and its kind, without its message; those that it came from before it.

    Args:
        error: the last one.
    """
    parts: list[str] = []
    while error is not None and len(parts) < MAX_CHAIN:
        frames = "".join(traceback.format_tb(error.__traceback__))
        parts.append(f"{frames}{type(error).__module__}.{type(error).__qualname__}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(reversed(parts))


def _without_messages(_logger: Any, _method: str, line: EventDict) -> EventDict:
    found = line.pop("exc_info", None)
    if found:
        line["error"] = shown(found[1])
    return line


def _as_text(_logger: Any, _method: str, line: EventDict) -> str:
    """`2026-01-01T00:00:00Z INFO bma.access GET /version 200 1.0 ms [9f86d081884c7d65]`, the error's frames below."""
    request = f" [{line[KEY]}]" if KEY in line else ""
    head = f"{line['at']} {line['level'].upper()} {line['logger']} {line['event']}{request}"
    return "\n".join(str(part).translate(_CONTROLS) for part in (head, line.get("error")) if part)


def route_of(scope: Scope) -> str:
    """The route that answers a request, as it was declared: `/conversations/{conversation_id}`."""
    return str(getattr(scope.get("route"), "path", UNKNOWN))


class AccessLog:
    """One line a request: method, route, status, milliseconds; no query (it may hold the token), no conversation's id.

    Args:
        app: the ASGI application that answers.
        note: also told of each request: its method, route and status.
    """

    def __init__(self, app: ASGIApp, note: Callable[[str, str, int], None]) -> None:
        self._app = app
        self._note = note

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
            method = scope["method"] if scope["method"] in METHODS else UNKNOWN
            route = route_of(scope)
            self._note(method, route, status)
            if access.isEnabledFor(logging.INFO):
                fields = {"method": method, "route": route, "status": status, "milliseconds": round(elapsed, 1)}
                access.info("%s %s %d %.1f ms", method, route, status, elapsed, extra=fields)
