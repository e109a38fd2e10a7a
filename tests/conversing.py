"""A whole assistant in this process: the project's model, its actions, a real SQLite file, and a clock to turn."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from api.runners import InProcessRunner
from bot.agent import Agent, Message
from bot.identity import ConversationKey, Secret
from bot.storage.sqlite import SqliteStore
from bot.training import archive
from bot.training.archive import Model
from tests.trained import model_path


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


@cache
def project_model() -> Model:
    return archive.read(model_path())


class Conversation:
    """One user of the assistant."""

    def __init__(self, agent: Agent, key: ConversationKey, clock: Clock) -> None:
        self.agent = agent
        self.key = key
        self.clock = clock
        self.seen: list[list[dict[str, Any]]] = []

    async def say(self, text: str, *, trusted: bool = False, message_id: str | None = None) -> list[dict[str, Any]]:
        """Send a message; the answer is kept in `seen`."""
        reply = await self.agent.handle(Message(self.key, text, trusted, message_id))
        self.seen.append(reply.messages)
        return reply.messages

    def buttons(self) -> list[dict[str, Any]]:
        """All buttons shown so far, latest first."""
        return [button for said in reversed(self.seen) for item in said for button in item.get("buttons") or ()]


@asynccontextmanager
async def assistant(folder: Path) -> AsyncIterator[tuple[Agent, Clock]]:
    """An agent on a new database in a folder."""
    clock = Clock()
    store = SqliteStore(f"sqlite:///{folder}/bma.sqlite3")
    try:
        yield Agent(project_model(), store, InProcessRunner(), Secret(b"x" * 32), clock), clock
    finally:
        await store.close()


def answers(said: list[dict[str, Any]]) -> list[str]:
    """Ids of the answers in a reply."""
    return [item["metadata"]["utter_action"].removeprefix("utter_") for item in said]
