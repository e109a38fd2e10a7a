"""How many messages a minute: of one conversation, and from one address; and how many looks at a stored conversation.

Counted in this process's memory: N processes allow N times as many. Addresses are counted under a hash whose key lives
in memory and changes every day, so that nothing here can be turned back into an address tomorrow.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import secrets
import time
from collections.abc import Callable

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from api.errors import ApiError
from api.settings import Settings
from bot.identity import ConversationKey

DAY = 86_400


class RateLimits:
    """The counters of a process.

    Args:
        settings: how many (`BMA_RATE_LIMIT`).
        clock: time in seconds since 1970; it says when a new day begins.
        note: told of each message or look that is refused, and whose limit it was: `address` or `conversation`.
    """

    def __init__(
        self, settings: Settings, clock: Callable[[], float] = time.time, note: Callable[[str], None] = lambda _scope: None
    ) -> None:
        allowed = settings.messages_a_minute()
        self._limits = (RateLimitItemPerMinute(allowed[0]), RateLimitItemPerMinute(allowed[1])) if allowed else None
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._clock = clock
        self._note = note
        self._day = -1
        self._key = b""

    def count(self, request: Request, conversation: ConversationKey | None = None) -> None:
        """Count a message.

        Args:
            request: from where it comes.
            conversation: to which it belongs, when that is known.

        Raises:
            ApiError: 429, one too many; `Retry-After` says how many seconds to wait.
        """
        if self._limits is None:
            return
        of_conversation, of_address = self._limits
        self._hit(of_address, "address", self._sender(request))
        if conversation is not None:
            self._hit(of_conversation, "conversation", str(conversation))

    def count_look(self, request: Request) -> None:
        """Count a look at a stored conversation: as many from an address as messages, apart from them, so that what was answered
        can be shown.

        Args:
            request: from where it comes.

        Raises:
            ApiError: 429, one too many.
        """
        if self._limits is not None:
            self._hit(self._limits[1], "address", "look", self._sender(request))

    def _sender(self, request: Request) -> str:
        return self.hashed(request.client.host if request.client else "")

    def hashed(self, address: str) -> str:
        """The day's hash of an address; of IPv6 its network counts, since each machine has many addresses."""
        day = int(self._clock() // DAY)
        if day != self._day:
            self._day, self._key = day, secrets.token_bytes(32)
        return hashlib.blake2b(_network(address).encode(), key=self._key, digest_size=16).hexdigest()

    def _hit(self, limit: RateLimitItemPerMinute, *names: str) -> None:
        if not self._limiter.hit(limit, *names):
            reset = self._limiter.get_window_stats(limit, *names).reset_time
            seconds = max(1, math.ceil(reset - time.time()))
            self._note(names[0])
            raise ApiError(429, "too_many", {"Retry-After": str(seconds)}, seconds=seconds)


def _network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if found.version == 6:
        return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))
    return str(found)
