"""Our own token for the connector, by Microsoft's MSAL."""

from __future__ import annotations

import asyncio
import logging

from microsoft_agents.authentication.msal import MsalAuth
from microsoft_agents.hosting.core import AgentAuthConfiguration
from microsoft_agents.hosting.core.authorization import AuthTypes

from api.channels.teams.settings import TeamsSettings

AUDIENCE = "https://api.botframework.com"
SCOPE = f"{AUDIENCE}/.default"
TIMEOUT = 20.0
"""Seconds to wait for a token, at most."""
_KINDS = {
    "secret": AuthTypes.client_secret,
    "certificate": AuthTypes.certificate,
    "managed_identity": AuthTypes.user_managed_identity,
}

for _name in ("microsoft_agents.authentication", "microsoft_agents.hosting"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)  # they log what Microsoft answers, ids among it


class NoToken(Exception):
    """Microsoft gives us no token; the message is its error code."""


class Credentials:
    """Who we are to Microsoft.

    Args:
        settings: the channel's.
    """

    def __init__(self, settings: TeamsSettings) -> None:
        self._anonymous = settings.anonymous and not settings.client_secret
        configuration = AgentAuthConfiguration(
            auth_type=_KINDS[settings.credential],
            client_id=settings.app_id,
            tenant_id=settings.tenant_id,
            client_secret=settings.client_secret or None,
            cert_pfx_file=str(settings.certificate) if settings.certificate else None,
            authority=settings.authority or None,
        )
        self._provider = MsalAuth(configuration)

    async def token(self) -> str | None:
        """A token that holds for some minutes at least, from MSAL's cache or from Microsoft; None when anonymous.

        Raises:
            NoToken: there is none to be had.
        """
        if self._anonymous:
            return None
        try:
            async with asyncio.timeout(TIMEOUT):
                return str(await self._provider.get_access_token(AUDIENCE, [SCOPE]))
        except TimeoutError as error:
            raise NoToken("no answer") from error
        except Exception as error:  # whatever MSAL, requests or the SDK raise
            raise NoToken(_code(error)) from error


def _code(error: Exception) -> str:
    """Microsoft's error code in an error, such as AADSTS7000215; else what kind of error it is. Nothing else of it."""
    words = str(error).replace("'", " ").replace(":", " ").split()
    return next((word for word in words if word.startswith("AADSTS")), type(error).__name__)
