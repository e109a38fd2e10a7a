"""The floor: parse the same JSON, commit one row with the same durability, answer."""

from __future__ import annotations

import os
import sqlite3

from fastapi import FastAPI, Request

app = FastAPI()
database = sqlite3.connect(os.environ.get("FLOOR_DATABASE", ":memory:"), check_same_thread=False)
for pragma in ("journal_mode=WAL", "synchronous=FULL"):
    database.execute(f"PRAGMA {pragma}")
database.execute("CREATE TABLE IF NOT EXISTS messages (sender TEXT, message TEXT)")


@app.post("/message")
async def message(request: Request) -> list[dict[str, str]]:
    """Store and answer."""
    body = await request.json()
    with database:
        database.execute("INSERT INTO messages VALUES (?, ?)", (body["sender"], body["message"]))
    return [{"recipient_id": body["sender"], "text": body["message"]}]
