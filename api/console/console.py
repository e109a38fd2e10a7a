"""What all screens share."""

from __future__ import annotations

import math
import time

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from api.console.identity import provider_of
from api.console.project_files import ProjectFiles
from api.console.refusals import Refusal
from api.rate_limit import RateLimits
from api.settings import Settings
from bot.agent import Agent
from bot.storage import accounts
from bot.storage.errors import StorageError

LOOPBACK = ("127.0.0.1", "::1", "localhost")
TRIES_A_MINUTE = 20
"""Passwords that one address may try."""
TRIES_OF_ALL = 300
"""Passwords that all addresses together may try in a minute: checking them takes a quarter of a processor."""


class Console:
    """The console of a server.

    Args:
        settings: what the operator set.

    Raises:
        SettingsError: a setting of the identity provider cannot work.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.oidc = provider_of(settings)
        self.is_https = (settings.console_url or "").startswith("https://")
        self.tries = Tries(settings)
        self.files = ProjectFiles(settings)
        self._has_accounts = False

    def lets_in(self, name: str) -> bool:
        """Whether a local account may log in: with an identity provider, only the one for emergencies."""
        return self.oidc is None or name == self.settings.console_break_glass

    async def is_open(self, agent: Agent) -> bool:
        """Whether the console answers: on a public address only when somebody can log in."""
        wish = self.settings.console
        if wish != "auto":
            return wish == "on"
        if self.settings.host in LOOPBACK or self.oidc is not None:
            return True
        try:
            return await self.has_accounts(agent)
        except StorageError:
            return False

    async def has_accounts(self, agent: Agent) -> bool:
        """Whether there is an account; asked of the database until there is one."""
        if not self._has_accounts:
            self._has_accounts = await agent.store.run(accounts.exist)
        return self._has_accounts


class Tries:
    """How many passwords each address tries, in this process's memory.

    Args:
        settings: needed to hash addresses as everywhere.
    """

    def __init__(self, settings: Settings) -> None:
        self._addresses = RateLimits(settings)
        self._limits = (RateLimitItemPerMinute(TRIES_A_MINUTE), RateLimitItemPerMinute(TRIES_OF_ALL))
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, request: Request) -> None:
        """Count a try.

        Raises:
            Refusal: 429, one too many.
        """
        address = self._addresses.hashed(request.client.host if request.client else "")
        for limit, whose in zip(self._limits, (address, "all"), strict=True):
            if not self._limiter.hit(limit, whose):
                reset = self._limiter.get_window_stats(limit, whose).reset_time
                raise Refusal(429, "essais", secondes=max(1, math.ceil(reset - time.time())))
