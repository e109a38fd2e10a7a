"""Headers that keep pages safe, and the origins that may call the assistant."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.settings import Settings

_RULES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
)


def policy(*, trusted_types: bool) -> str:
    """The Content-Security-Policy of a page.

    Args:
        trusted_types: whether scripts may make HTML of text only through lit's own policy.
    """
    return "; ".join((*_RULES, "require-trusted-types-for 'script'", "trusted-types lit-html") if trusted_types else _RULES)


POLICY = policy(trusted_types=True)
EVERYWHERE = {"X-Content-Type-Options": "nosniff"}
ON_PAGES = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Frame-Options": "DENY",
}


def install(app: FastAPI, settings: Settings) -> None:
    """Safe headers on every answer, CORS for the listed origins only, without cookies."""
    app.add_middleware(SafeHeaders)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(settings.allowed_origins),
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Content-Type"],
        expose_headers=["Retry-After"],
        allow_credentials=False,
        max_age=3600,
    )


class SafeHeaders:
    """Adds the headers that a route did not set itself.

    Args:
        app: the ASGI application that answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with safe headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarding(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                is_page = headers.get("content-type", "").startswith("text/html")
                for name, value in (EVERYWHERE | (ON_PAGES if is_page else {})).items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, guarding)
