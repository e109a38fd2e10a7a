"""The Bot Framework's signing keys: fetched without holding up anybody else, kept a day."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import jwt

log = logging.getLogger("bma.teams")

KEPT = 24 * 3600.0
"""Seconds for which keys are kept."""
PAUSE = 300.0
"""Seconds between two fetches because of an unknown key: keys are changed seldom, forged ids come often."""
RETRY = 5.0
"""Seconds between two fetches when the last one failed."""
TIMEOUT = 5.0


class KeysUnavailable(Exception):
    """The keys cannot be had now."""


@dataclass(frozen=True, slots=True)
class Key:
    """A signing key."""

    public: Any
    endorsements: frozenset[str]
    """Channels that it signs for."""


class KeySet:
    """The keys that an OpenID metadata document names.

    Args:
        metadata_url: of the document.
        clock: seconds that only grow.
    """

    def __init__(self, metadata_url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = metadata_url
        self._clock = clock
        self._keys: Mapping[str, Key] = {}
        self._fetched_at = -KEPT
        self._tried_at = -KEPT
        self._lock = asyncio.Lock()

    async def find(self, kid: str) -> Key | None:
        """The key of an id; None when the Bot Framework has no such key.

        Raises:
            KeysUnavailable: no keys were ever fetched.
        """
        if self._is_due(kid) or (kid not in self._keys and self._lock.locked()):
            async with self._lock:
                if self._is_due(kid):
                    await self._refresh()
        if not self._keys:
            raise KeysUnavailable(self._url)
        return self._keys.get(kid)

    def _is_due(self, kid: str) -> bool:
        now = self._clock()
        if not self._keys or now - self._fetched_at >= KEPT:
            return now - self._tried_at >= RETRY
        return kid not in self._keys and now - self._tried_at >= PAUSE

    async def _refresh(self) -> None:
        self._tried_at = self._clock()
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT) as client:
                metadata = (await client.get(self._url)).raise_for_status().json()
                found = (await client.get(str(metadata["jwks_uri"]))).raise_for_status().json()
            self._keys = {str(item["kid"]): _key(item) for item in found["keys"] if _signs(item)}
            self._fetched_at = self._clock()
        except (httpx.HTTPError, httpx.InvalidURL, jwt.PyJWTError, ValueError, KeyError, TypeError) as error:
            log.error("the Bot Framework's keys cannot be fetched: %s", type(error).__name__)


def _signs(item: Mapping[str, Any]) -> bool:
    return item.get("kty") == "RSA" and isinstance(item.get("kid"), str) and item.get("use", "sig") == "sig"


def _key(item: Mapping[str, Any]) -> Key:
    endorsements = item.get("endorsements") or ()
    return Key(jwt.PyJWK.from_dict(dict(item), algorithm="RS256").key, frozenset(map(str, endorsements)))
