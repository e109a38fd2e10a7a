"""`bma purge` and `bma conversation`: texts whose time is over, and what is stored of one conversation."""

from __future__ import annotations

import json
import sys
import time

from rich.console import Console

from api.cli.texts import text
from api.cli.visiting import visit
from api.settings import Settings
from bot.storage import Store, erasure, retention

ACTOR = "cli"


async def purge_texts(settings: Settings, days: float, out: Console, err: Console) -> int:
    """Delete texts older than some days; returns the exit code."""

    async def work(store: Store) -> int:
        done = await retention.purge(store, days, time.time(), ACTOR)
        if done is None:
            err.print(text("purge_elsewhere"), markup=False, soft_wrap=True)
            return 1
        counts = {"conversations": done.conversations, "answers": done.answers, "others": done.others}
        out.print(text("purged", days=f"{days:g}", **counts), markup=False, soft_wrap=True)
        return 0

    return await visit(settings, err, work)


async def export_conversation(settings: Settings, channel: str, sender: str, err: Console) -> int:
    """Write all rows of a conversation as JSON on standard output; returns the exit code."""

    async def work(store: Store) -> int:
        key = str(settings.secret().conversation(channel, sender))
        found = await store.run(lambda connection: erasure.export(connection, key, ACTOR, time.time()))
        if not found:
            err.print(text("unknown_conversation"), markup=False, soft_wrap=True)
            return 1
        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
        return 0

    return await visit(settings, err, work)


async def erase_conversation(settings: Settings, channel: str, sender: str, out: Console, err: Console) -> int:
    """Delete all rows of a conversation; returns the exit code."""

    async def work(store: Store) -> int:
        key = str(settings.secret().conversation(channel, sender))
        found = await store.run(lambda connection: erasure.erase(connection, key, ACTOR, time.time()))
        await store.forget_deleted()
        if not found:
            err.print(text("unknown_conversation"), markup=False, soft_wrap=True)
            return 1
        out.print(text("erased"), markup=False, soft_wrap=True)
        return 0

    return await visit(settings, err, work)
