"""`bma shell`: a conversation in the terminal, on a database in memory."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from api.app import runner
from api.cli.saying import show
from api.cli.texts import text
from api.cli.training import load_model, print_problems
from api.settings import Settings
from bot.agent import Agent, Message
from bot.identity import Secret
from bot.project.problems import ProjectError
from bot.storage.sqlite import SqliteStore

CHANNEL = "cmdline"


async def talk(settings: Settings, out: Console, err: Console) -> int:
    """Read lines, print answers; buttons are numbered.

    Returns:
        Exit status: 0, or 2 without a model or with an error in endpoints.yml.
    """
    model = load_model(settings, err)
    if model is None:
        return 2
    try:
        actions = runner(settings)
    except ProjectError as error:
        print_problems(error, err)
        return 2
    store = SqliteStore("sqlite://")
    agent = Agent(model, store, actions, Secret(secrets.token_bytes(32)))
    conversation = agent.secret.conversation(CHANNEL, secrets.token_hex(8))
    out.print(text("shell_hello"), style="dim", markup=False)
    buttons: list[Mapping[str, Any]] = []
    try:
        while (line := await _read(out)) is not None and line.strip() != "/stop":
            if not line.strip():
                continue
            said = line
            if line.strip().isdigit() and 1 <= int(line) <= len(buttons):
                chosen = buttons[int(line) - 1]
                out.print(Text(f"  → {chosen['title']}", style="dim"))
                said = str(chosen["payload"])
            reply = await agent.handle(Message(conversation, said))
            buttons = show(reply.messages, out)
    finally:
        await store.close()
    out.print(text("shell_bye"), style="dim", markup=False)
    return 0


async def _read(out: Console) -> str | None:
    try:
        return await asyncio.to_thread(out.input, Text(f"{text('shell_prompt')} : ", style="bold"))
    except (EOFError, KeyboardInterrupt):
        return None
