"""The `bma` command, with faults: messages that make the engine fail or think for long, and death at a chosen moment.

`BMA_TEST_DIE` names the moment at which the process kills itself, as `kill -9` would.
"""

import asyncio
import os
import signal
from collections.abc import Callable
from typing import Any

from api.channels.teams import route, worker
from api.channels.teams.connector import Connector
from api.channels.teams.worker import Workers
from api.cli.main import app
from bot.agent import Agent, Message, Reply
from bot.storage import inbox

FAILS = "provoque une panne"
THINKS = "réfléchis trois secondes"
LEAK = "postgresql://bma:motdepasse@base"
MOMENTS = ("receiving", "received", "claiming", "claimed", "answered", "noted", "delivered", "sent")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def install_faults() -> None:
    handle = Agent.handle

    async def faulty(self: Agent, message: Message) -> Reply:
        if FAILS in message.text:
            raise RuntimeError(LEAK)
        if THINKS in message.text:
            await asyncio.sleep(3)
        return await handle(self, message)

    Agent.handle = faulty  # type: ignore[method-assign]


def install_death(moment: str | None) -> None:
    match moment:
        case "receiving":
            inbox.add = dying(inbox.add, before=True)
        case "received":
            route.receive = dying_async(route.receive)  # type: ignore[assignment]
        case "claiming":
            inbox.claim = dying(inbox.claim, before=False)
        case "claimed":
            Workers._work = dying_async(Workers._work, before=True)  # type: ignore[method-assign]
        case "answered":
            worker.answer = dying_async(worker.answer)  # type: ignore[assignment]
        case "noted":
            Connector.send = dying_async(Connector.send, before=True)  # type: ignore[method-assign]
        case "delivered":
            Connector.send = dying_async(Connector.send)  # type: ignore[method-assign]
        case "sent":
            Workers._note = dying_async(Workers._note)  # type: ignore[method-assign]


def dying(function: Callable[..., Any], *, before: bool) -> Callable[..., Any]:
    """The function, which kills the process before it runs, or when it has something to give."""

    def call(*arguments: Any, **named: Any) -> Any:
        if before:
            die()
        result = function(*arguments, **named)
        if result:
            die()
        return result

    return call


def dying_async(function: Callable[..., Any], *, before: bool = False) -> Callable[..., Any]:
    async def call(*arguments: Any, **named: Any) -> Any:
        if before:
            die()
        result = await function(*arguments, **named)
        die()
        return result

    return call


if __name__ == "__main__":
    worker.LEASE = 2.0
    install_faults()
    install_death(os.environ.get("BMA_TEST_DIE"))
    app()
