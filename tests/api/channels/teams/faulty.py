"""The `bma` command, with faults: messages that make the engine fail or think for long, and death at a chosen moment.

The file that `BMA_TEST_DEATH` names holds the moment at which the process kills itself, as `kill -9` would.
"""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
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
"""Before the row is stored; before the 202; before the claim is stored; then after the claim, the turn's commit, the note of
the answer, the connector's 2xx, the note of the delivery."""


def die_at(moment: str) -> None:
    death = Path(os.environ["BMA_TEST_DEATH"]) if "BMA_TEST_DEATH" in os.environ else None
    if death and death.exists() and death.read_text() == moment:
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


def install_deaths() -> None:
    add, claim = inbox.add, inbox.claim

    def dying_add(*arguments: Any) -> bool:
        die_at("receiving")
        return add(*arguments)

    def dying_claim(*arguments: Any) -> Any:
        found = claim(*arguments)
        if found:
            die_at("claiming")
        return found

    inbox.add, inbox.claim = dying_add, dying_claim
    route.receive = after(route.receive, "received")  # type: ignore[assignment]
    Workers._work = before(Workers._work, "claimed")  # type: ignore[method-assign]
    worker.answer = after(worker.answer, "answered")  # type: ignore[assignment]
    Connector.send = after(before(Connector.send, "noted"), "delivered")  # type: ignore[method-assign]
    Workers._note = after(Workers._note, "sent")  # type: ignore[method-assign]


def before(function: Callable[..., Any], moment: str) -> Callable[..., Any]:
    async def call(*arguments: Any) -> Any:
        die_at(moment)
        return await function(*arguments)

    return call


def after(function: Callable[..., Any], moment: str) -> Callable[..., Any]:
    async def call(*arguments: Any) -> Any:
        result = await function(*arguments)
        die_at(moment)
        return result

    return call


if __name__ == "__main__":
    worker.LEASE = float(os.environ.get("BMA_TEST_LEASE", worker.LEASE))
    install_faults()
    install_deaths()
    app()
