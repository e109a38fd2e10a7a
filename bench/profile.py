"""`python -m bench --profile`: what each step of a turn costs, in this process, on a real SQLite file.

A step's time is its own: what it calls and what is a step too is taken off. The wire (HTTP, ASGI) is the rest of what
`make bench` measures.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from api.runners import InProcessRunner
from bench.databases import database
from bench.messages import MESSAGES
from bot import agent as agent_module
from bot import snapshot
from bot.agent import Agent, Message
from bot.identity import Secret
from bot.storage import open_store
from bot.training import archive

TURNS = 1_000
WARM = 100


class Steps:
    """Adds up the own time of steps that call each other."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._inner = [0.0]

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step."""
        self._inner.append(0.0)
        began = time.perf_counter()
        try:
            yield
        finally:
            whole = time.perf_counter() - began
            self.seconds[name] += whole - self._inner.pop()
            self._inner[-1] += whole

    def timed(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """A function that is a step."""

        def done(*args: Any, **options: Any) -> Any:
            with self.step(name):
                return work(*args, **options)

        return done

    def timed_later(self, name: str, work: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """A coroutine function that is a step; nothing else runs meanwhile here."""

        async def done(*args: Any, **options: Any) -> Any:
            with self.step(name):
                return await work(*args, **options)

        return done


def show_profile() -> None:
    """Measure and print, dearest step first."""
    path = archive.latest(Path("models"))
    if path is None:
        raise SystemExit("no model: run bma train")
    with database("SQLite") as url:
        assert url is not None
        steps, turn = asyncio.run(profile(url, archive.read(path)))
    print(f"a turn in this process: {1e6 * turn:8.0f} µs, {TURNS} turns, HTTP left out")
    for name, seconds in sorted(steps.seconds.items(), key=lambda item: -item[1]):
        print(f"  {name:40} {1e6 * seconds / TURNS:8.0f} µs  {100 * seconds / TURNS / turn:5.1f} %")


async def profile(url: str, model: archive.Model) -> tuple[Steps, float]:
    """The steps' own times over all turns, and the seconds of one turn.

    Args:
        url: an empty SQLite database.
        model: the trained model.
    """
    steps = Steps()
    store, actions = open_store(url), InProcessRunner()
    agent = Agent(model, store, actions, Secret(b"x" * 32))
    await play(agent, steps, WARM)
    watch(agent, store, actions, steps)
    steps.seconds.clear()
    began = time.perf_counter()
    await play(agent, steps, TURNS)
    turn = (time.perf_counter() - began) / TURNS
    await store.close()
    return steps, turn


async def play(agent: Agent, steps: Steps, turns: int) -> None:
    """Play turns, ten a conversation, as the REST channel does."""
    for number in range(turns):
        message = MESSAGES[number % len(MESSAGES)]
        body = json.dumps({"sender": f"{turns}-{number // 10}", "message": message})
        with steps.step("parse JSON"):
            parsed = json.loads(body)
        with steps.step("agent, and what no step names"):
            key = agent.secret.conversation("rest", parsed["sender"])
            reply = await agent.handle(Message(key, parsed["message"]))
        with steps.step("render"):
            json.dumps([{"recipient_id": parsed["sender"], **item} for item in reply.messages])


def watch(agent: Agent, store: Any, actions: InProcessRunner, steps: Steps) -> None:
    """Make steps of an agent's parts."""
    agent.read = steps.timed("clean and mask", agent.read)  # type: ignore[method-assign]
    interpreter = agent.interpreter
    for number, (spec, component) in enumerate(zip(interpreter.specs, interpreter.components, strict=True), 1):
        component.process = steps.timed(f"NLU {number:2} {spec.name}", component.process)  # type: ignore[method-assign]
    interpreter.parse = steps.timed("NLU, between its components", interpreter.parse)  # type: ignore[method-assign]
    engine = agent._engine
    engine.answer = steps.timed_later("dialogue", engine.answer)  # type: ignore[method-assign]
    actions.run = steps.timed_later("custom actions", actions.run)  # type: ignore[method-assign]
    agent_module.snapshot.take = steps.timed("take the snapshot", snapshot.take)
    agent_module.snapshot.restore = steps.timed("restore the snapshot", snapshot.restore)
    turn = store.turn

    @asynccontextmanager
    async def watched(sender_id: str) -> Any:
        with steps.step("lock"):
            found = turn(sender_id)
            one = await found.__aenter__()
        one.known = steps.timed_later("read the conversation", one.known)
        one.commit = steps.timed_later("commit", one.commit)
        try:
            yield one
        finally:
            await found.__aexit__(None, None, None)

    store.turn = watched
