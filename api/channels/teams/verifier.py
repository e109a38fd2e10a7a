"""Whose request it is: tokens of the Bot Framework's connector, checked strictly.

Stricter than the SDK's own check, which accepts other applications of the tenant, tokens without expiry and foreign service
URLs (measured). Rules: learn.microsoft.com, « Bot Framework authentication », from the connector service to the bot.
"""

from __future__ import annotations

from typing import Any

import jwt
from microsoft_agents.activity import Activity

from api.channels.teams.keys import KeySet

ISSUER = "https://api.botframework.com"
LEEWAY = 300
"""Seconds that clocks may differ."""


class Refused(Exception):
    """The request does not come from Teams; the message tells operators why."""


async def verify(token: str, activity: Activity, keys: KeySet, app_id: str) -> None:
    """Check that a token was made by the Bot Framework, for us, for this activity.

    Args:
        token: the bearer token.
        activity: what came with it.
        keys: the Bot Framework's signing keys.
        app_id: our application id.

    Raises:
        Refused: it was not.
        KeysUnavailable: the keys cannot be had now.
    """
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError) as error:
        raise Refused("no token") from error
    if header.get("alg") != "RS256":
        raise Refused("algorithm")
    kid = header.get("kid")
    if not isinstance(kid, str):
        raise Refused("no key id")
    key = await keys.find(kid)
    if key is None:
        raise Refused("unknown key")
    claims = _claims(token, key.public, app_id)
    service = claims.get("serviceurl")
    if not isinstance(service, str) or service.rstrip("/") != activity.service_url.rstrip("/"):
        raise Refused("service URL")
    if activity.channel_id is None or activity.channel_id.channel not in key.endorsements:
        raise Refused("key not endorsed for the channel")


def _claims(token: str, key: Any, app_id: str) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            audience=app_id,
            issuer=ISSUER,
            leeway=LEEWAY,
            options={"require": ["exp", "iss", "aud"], "strict_aud": True},
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise Refused(type(error).__name__) from error
    return claims
