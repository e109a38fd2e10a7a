"""The floor: what a turn costs when nothing is understood and nothing decided.

A bare FastAPI route parses the same JSON, commits as many rows of the same sizes to the same tables with the same durability,
and answers. `FLOOR_DATABASE` is an SQLite file, or the URL of a PostgreSQL database, that has the product's tables.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request

DATABASE = os.environ.get("FLOOR_DATABASE", "")
EVENTS = 6
"""Rows of `events` that a turn writes on average: user, slots, actions, bot, listen."""
EVENT = '{"event": "' + "x" * 450 + '"}'
SNAPSHOT = '{"state": "' + "x" * 1_200 + '"}'
ANSWER = '[{"text": "' + "x" * 500 + '"}]'
UPSERT = (
    "INSERT INTO conversations (sender_id, created_at, updated_at, last_position, session_start, snapshot, last_day)"
    " VALUES (?, ?, ?, ?, 1, ?, '2026-01-01') ON CONFLICT (sender_id)"
    " DO UPDATE SET updated_at = excluded.updated_at, last_position = excluded.last_position, snapshot = excluded.snapshot"
)
EVENT_ROW = "INSERT INTO events (sender_id, type_name, timestamp, data, position) VALUES (?, 'bot', ?, ?, ?)"
ANSWER_ROW = (
    "INSERT INTO answers (sender_id, message_id, question, answer, answered_at, day, channel, intent, confidence, outcome)"
    " VALUES (?, ?, 'q', ?, ?, '2026-01-01', 'rest', 'i', 0.9, 'utter_i')"
)


class Rows:
    """Gives the rows of each turn."""

    def __init__(self) -> None:
        self._turns = int(time.time()) % 100_000_000  # another process may have written to the same database

    def next(self, sender: str) -> tuple[tuple[Any, ...], list[tuple[Any, ...]], tuple[Any, ...]]:
        """The conversation's row, its events, its answer."""
        self._turns += 1
        now, first = time.time(), self._turns * EVENTS
        events = [(sender, now, EVENT, first + number) for number in range(EVENTS)]
        return (sender, now, now, first + EVENTS - 1, SNAPSHOT), events, (sender, str(self._turns), ANSWER, now)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the database."""
    app.state.rows = Rows()
    if DATABASE.startswith("postgresql"):
        from psycopg import AsyncConnection

        app.state.pool = asyncio.Queue()
        for _ in range(10):
            app.state.pool.put_nowait(await AsyncConnection.connect(DATABASE.replace("+psycopg", ""), autocommit=True))
        yield
        while not app.state.pool.empty():
            await app.state.pool.get_nowait().close()
        return
    import sqlite3

    app.state.pool = None
    app.state.database = sqlite3.connect(DATABASE, check_same_thread=False, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        app.state.database.execute(f"PRAGMA {pragma}")
    yield
    app.state.database.close()


app = FastAPI(lifespan=lifespan)


@app.post("/message")
async def message(request: Request) -> list[dict[str, str]]:
    """Store and answer."""
    body = await request.json()
    sender = str(body["sender"])
    conversation, events, answer = request.app.state.rows.next(sender)
    if request.app.state.pool is None:
        database = request.app.state.database
        database.execute("BEGIN IMMEDIATE")
        database.execute(UPSERT, conversation)
        database.executemany(EVENT_ROW, events)
        database.execute(ANSWER_ROW, answer)
        database.execute("COMMIT")
    else:
        connection = await request.app.state.pool.get()
        async with connection.transaction(), connection.cursor() as cursor:
            await cursor.execute(UPSERT.replace("?", "%s"), conversation)
            await cursor.executemany(EVENT_ROW.replace("?", "%s"), events)
            await cursor.execute(ANSWER_ROW.replace("?", "%s"), answer)
        request.app.state.pool.put_nowait(connection)
    return [{"recipient_id": sender, "text": body["message"]}]
