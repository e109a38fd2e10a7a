"""Conversations that are busy in this process: one turn at a time in each, first come first served."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.storage.errors import Busy


class ConversationLocks:
    """Locks of the conversations that somebody has or waits for.

    Args:
        wait: seconds to wait for one, at most.
    """

    def __init__(self, wait: float) -> None:
        self._wait = wait
        self._locks: dict[str, _Lock] = {}

    @asynccontextmanager
    async def hold(self, sender_id: str) -> AsyncIterator[None]:
        """Have a conversation.

        Raises:
            Busy: others have had it for too long.
        """
        lock = self._locks.setdefault(sender_id, _Lock())
        lock.users += 1
        try:
            await self._acquire(lock)
            try:
                yield
            finally:
                lock.lock.release()
        finally:
            lock.users -= 1
            if not lock.users:
                del self._locks[sender_id]

    async def _acquire(self, lock: _Lock) -> None:
        if lock.users == 1:  # nobody has it: no clock need be set
            await lock.lock.acquire()
            return
        try:
            async with asyncio.timeout(self._wait):
                await lock.lock.acquire()
        except TimeoutError as error:
            raise Busy("a conversation has too many turns waiting") from error


class _Lock:
    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.users = 0
