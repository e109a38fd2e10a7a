"""One turn at a time in each conversation, and no wait without an end."""

import asyncio
import time

import pytest

from bot.storage.errors import Busy
from bot.storage.locks import ConversationLocks


async def test_they_come_one_after_the_other_in_their_order() -> None:
    locks, order = ConversationLocks(5), []

    async def turn(number: int) -> None:
        async with locks.hold("a"):
            order.append(number)
            await asyncio.sleep(0.001)

    await asyncio.gather(*(turn(number) for number in range(20)))
    assert order == list(range(20))
    assert locks._locks == {}


async def test_who_comes_just_as_another_one_is_let_in_waits_no_longer_either() -> None:
    """Between the release and the moment when the next one runs, the lock looks free."""
    locks = ConversationLocks(0.2)
    first = locks.hold("a")
    await first.__aenter__()

    async def second() -> None:
        async with locks.hold("a"):
            await asyncio.sleep(1)

    async def third() -> float:
        began = time.perf_counter()
        with pytest.raises(Busy):
            async with locks.hold("a"):
                pass
        return time.perf_counter() - began

    waiting = asyncio.create_task(second())
    await asyncio.sleep(0)
    await first.__aexit__(None, None, None)
    assert await third() < 0.6
    await waiting
