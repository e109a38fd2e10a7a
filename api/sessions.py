"""The session of the assistant page: a signed cookie with a random conversation id, and tokens against forged forms."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from fastapi import Request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.responses import Response

from api.settings import Settings

COOKIE = "bma_conversation"
IDLE = 30 * 60
"""Seconds without a message after which a conversation is no longer shown: the computer may be shared."""
FORM_LIFE = 12 * 3600
"""Seconds that a form stays valid."""


class Sessions:
    """Reads and writes sessions.

    Args:
        settings: the key of all hashes, from which the signing keys are derived.
    """

    def __init__(self, settings: Settings) -> None:
        key = settings.secret().hash("signing key", "assistant page")
        self._cookies = URLSafeTimedSerializer(key, salt="conversation")
        self._forms = URLSafeTimedSerializer(key, salt="form")

    def read(self, request: Request) -> str | None:
        """The conversation that the request's cookie names; None without one, or when it is forged or too old."""
        try:
            found = self._cookies.loads(request.cookies.get(COOKIE, ""), max_age=IDLE)
        except BadSignature:
            return None
        return found if isinstance(found, str) else None

    def write(self, request: Request, response: Response, conversation: str) -> None:
        """Put the conversation into the response's cookie."""
        response.set_cookie(
            COOKIE,
            str(self._cookies.dumps(conversation)),
            path=None,  # the browser takes the folder of the page, also behind a proxy that adds a prefix
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )

    def forget(self, request: Request, response: Response) -> None:
        """Take the cookie away."""
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, max_age=0, path=None, secure=secure, httponly=True, samesite="lax")

    def token(self, conversation: str | None) -> str:
        """A form's proof that this server made it, for this conversation."""
        return str(self._forms.dumps(conversation or ""))

    def accepts(self, token: str, conversation: str | None) -> bool:
        """Whether a form's proof is good: for this conversation, or made before there was one."""
        try:
            made_for = self._forms.loads(token, max_age=FORM_LIFE)
        except BadSignature:
            return False
        return conversation is None or made_for in ("", conversation)


def new_conversation() -> str:
    """A random id, 192 bits."""
    return secrets.token_urlsafe(24)


def from_this_site(request: Request) -> bool:
    """Whether a form was sent from a page of this server, as the browser says."""
    fetch_site = request.headers.get("sec-fetch-site")
    if fetch_site is not None:
        return fetch_site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
