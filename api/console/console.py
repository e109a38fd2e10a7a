"""What all screens share."""

from __future__ import annotations

import math
import time

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from api.console.refusals import Refusal
from api.rate_limit import RateLimits
from api.settings import Settings
from bot.agent import Agent
from bot.storage import accounts
from bot.storage.errors import StorageError

LOOPBACK = ("127.0.0.1", "::1", "localhost")
TRIES_A_MINUTE = 20
"""Passwords that one address may try."""


class Console:
    """The console of a server.

    Args:
        settings: what the operator set.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.oidc: object | None = None
        self.tries = Tries(settings)
        self._has_accounts = False

    async def is_open(self, agent: Agent) -> bool:
        """Whether the console answers: on a public address only when somebody can log in."""
        wish = self.settings.console
        if wish != "auto":
            return wish == "on"
        if self.settings.host in LOOPBACK or self.oidc is not None or self._has_accounts:
            return True
        try:
            self._has_accounts = await agent.store.run(accounts.exist)
        except StorageError:
            return False
        return self._has_accounts


class Tries:
    """How many passwords each address tries, in this process's memory.

    Args:
        settings: needed to hash addresses as everywhere.
    """

    def __init__(self, settings: Settings) -> None:
        self._addresses = RateLimits(settings)
        self._limit = RateLimitItemPerMinute(TRIES_A_MINUTE)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, request: Request) -> None:
        """Count a try.

        Raises:
            Refusal: 429, one too many.
        """
        address = self._addresses.hashed(request.client.host if request.client else "")
        if not self._limiter.hit(self._limit, address):
            reset = self._limiter.get_window_stats(self._limit, address).reset_time
            raise Refusal(429, "essais", secondes=max(1, math.ceil(reset - time.time())))
