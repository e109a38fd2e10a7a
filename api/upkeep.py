"""What the server does on its own: texts go when their time is over."""

from __future__ import annotations

import asyncio
import logging

from bot.agent import Agent
from bot.storage import StorageError, retention

log = logging.getLogger("bma.upkeep")


async def purge_regularly(agent: Agent, days: float, seconds: float) -> None:
    """Purge now and then every so many seconds, until cancelled; one process at a time."""
    while True:
        try:
            done = await retention.purge(agent.store, days, agent.clock(), "server")
            if done is not None and done != retention.Purged(0, 0, 0):
                log.info("purged %d conversations, %d answers, %d other rows", done.conversations, done.answers, done.others)
        except StorageError as error:
            log.error("purge put off: %s", error)
        except Exception as error:  # whatever it is: texts would never go any more, and nobody would be told
            log.error("purge put off: %s", type(error).__name__, exc_info=error)
        await asyncio.sleep(seconds)
