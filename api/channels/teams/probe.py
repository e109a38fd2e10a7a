"""Does what the operator set work: each thing that the channel needs from Microsoft, tried once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from api.channels.teams.credentials import Credentials, NoToken
from api.channels.teams.keys import KeySet, KeysUnavailable
from api.channels.teams.settings import LOOPBACK, TeamsSettings

TIMEOUT = 10.0
KNOWN_CODES = ("AADSTS7000215", "AADSTS7000222", "AADSTS700016", "AADSTS90002")
"""Microsoft's errors that the operator's guide explains: wrong secret, expired secret, unknown application, unknown tenant."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried."""

    what: str
    """Key of the French sentence that names it: `keys`, `token`, `service`."""
    subject: str
    """What was tried: a URL, an id, a host."""
    problem: str | None = None
    """What went wrong."""
    advice: str | None = None
    """Key of the French sentence that says what to do."""


async def probe(settings: TeamsSettings) -> AsyncIterator[Finding]:
    """Try the keys, our token, and each host that answers are sent to; gives each finding as it comes."""
    yield await _keys(settings)
    yield await _token(settings)
    for host in settings.service_hosts:
        if not (settings.is_test and host in LOOPBACK):
            yield await _service(host)


async def _keys(settings: TeamsSettings) -> Finding:
    try:
        await KeySet(settings.metadata_url).find("")
    except KeysUnavailable:
        return Finding("keys", settings.metadata_url, "unreachable", "egress_keys")
    return Finding("keys", settings.metadata_url)


async def _token(settings: TeamsSettings) -> Finding:
    try:
        await Credentials(settings).token()
    except NoToken as error:
        code = str(error)
        return Finding("token", settings.app_id, code, code.lower() if code in KNOWN_CODES else "token_other")
    return Finding("token", settings.app_id)


async def _service(host: str) -> Finding:
    """A TLS connection without any proxy: answers do not go through one."""
    try:
        async with asyncio.timeout(TIMEOUT):
            _, writer = await asyncio.open_connection(host, 443, ssl=True)
    except (OSError, TimeoutError) as error:
        return Finding("service", host, type(error).__name__, "egress_service")
    writer.close()
    return Finding("service", host)
