"""A database as it is after weeks of use: conversations that the assistant really had, copied until there are enough.

Sentences of tests/nlu/ are asked, four a conversation; what the agent stored is read and written again under other senders,
channels and times. Opinions, review items, corrections, older daily figures, audit and accounts are made in proportion.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from ruamel.yaml import YAML
from sqlalchemy.engine import Connection

from api.console.passwords import hash_password
from api.console.rights import Role
from api.runners import InProcessRunner
from bot.agent import Agent, Message
from bot.identity import Secret
from bot.storage import accounts, open_store
from bot.storage.conversations import day_of
from bot.storage.database import connect, upgrade
from bot.storage.jobs import INTERRUPTED
from bot.storage.schema import answers, audit, conversations, corrections, daily, events, feedback, jobs, review_queue
from bot.storage.signature import signature
from bot.training.archive import Model

ROOT = Path(__file__).parent.parent
SENTENCES = ("tests/nlu/development.yml", "tests/nlu/frozen.yml")
TURNS = 4
"""Messages of a conversation."""
CHANNELS = {"rest": 0.7, "page": 0.12, "teams": 0.18}
HOURS = (8, 9, 9, 10, 10, 11, 11, 12, 13, 13, 14, 14, 15, 16, 20)
OPINIONS = 0.15
"""Part of the answers that somebody judged."""
HELPFUL = 0.72
DAY = 86_400.0
DONE_BY = {
    "login": Role.READER,
    "review_decide": Role.TESTER,
    "correction_propose": Role.TESTER,
    "correction_confirm": Role.EDITOR,
    "train": Role.TESTER,
    "prove": Role.TESTER,
}
"""What the audit tells, and the least role that may do it."""
PASSWORD = "une phrase de banc d'essai"
BATCH = 200
"""Conversations in one insertion."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Talk:
    """What one conversation left in each table."""

    conversation: Mapping[str, Any]
    events: Sequence[Mapping[str, Any]]
    answers: Sequence[Mapping[str, Any]]
    reviews: Sequence[Mapping[str, Any]]


def sentences() -> list[tuple[str, str]]:
    """The sentences that are asked with what each should be understood as, in an order of their own."""
    found = []
    for name in SENTENCES:
        blocks = YAML(typ="safe", pure=True).load((ROOT / name).read_text(encoding="utf-8"))["nlu"]
        found += [(line[2:], block["intent"]) for block in blocks for line in block["examples"].splitlines()]
    random.Random(1).shuffle(found)
    return found


async def talks(model: Model, count: int) -> list[Talk]:
    """Conversations that the assistant has, at time 0, 40 s between their messages.

    Args:
        model: the assistant's.
        count: conversations at most; there are not more than the sentences give.
    """
    now = 0.0
    store = open_store("sqlite://")
    agent = Agent(model, store, InProcessRunner(), Secret(b"x" * 32), lambda: now)
    for number, texts in enumerate(islice(_groups(sentences(), TURNS), count)):
        now = 0.0
        for text, _ in texts:
            now += 40.0
            await agent.handle(Message(agent.secret.conversation("rest", str(number)), text))
    found = await store.look(_read)
    await store.close()
    return found


def _groups(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while group := list(islice(rest, size)):
        yield group


def _read(connection: Connection) -> list[Talk]:
    def rows(table: sa.Table, order: str) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for row in connection.execute(sa.select(table).order_by(table.c[order])).mappings():
            found.setdefault(row["sender_id"], []).append({name: value for name, value in row.items() if name != "id"})
        return found

    said, told, queued = rows(events, "position"), rows(answers, "answered_at"), rows(review_queue, "created_at")
    return [
        Talk(one[0], said[sender], told[sender], queued.get(sender, []))
        for sender, one in rows(conversations, "sender_id").items()
    ]


def fill(url: str, model: Model, messages: int = 100_000, days: int = 30, now: float | None = None) -> None:
    """Fill a new database.

    Args:
        url: the database; its tables are made.
        model: the assistant that had the conversations.
        messages: how many are stored.
        days: over how many days, up to now.
        now: seconds since 1970; the clock's by default.
    """
    now = time.time() if now is None else now
    chance = random.Random(7)
    known = asyncio.run(talks(model, messages // TURNS + 1))
    engine = connect(url)
    upgrade(engine)
    copies = _copies(known, messages // TURNS, days, now, chance)
    with engine.begin() as connection:
        for group in _groups(copies, BATCH):
            _write(connection, group, now, chance)
        _write_rest(connection, known, days, now, chance)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SET statement_timeout = 0"))
            connection.execute(sa.text("VACUUM ANALYZE"))  # as autovacuum does in the weeks that this stands for
    engine.dispose()


def _copies(known: Sequence[Talk], count: int, days: int, now: float, chance: random.Random) -> Iterator[Talk]:
    """Conversations at their times, oldest first."""
    midnight = now - now % DAY
    begins = []
    while len(begins) < count:
        begin = midnight - chance.randrange(days) * DAY + chance.choice(HOURS) * 3600 + chance.random() * 3600
        is_weekend = time.gmtime(begin).tm_wday > 4
        if begin + TURNS * 40 < now and (not is_weekend or chance.random() < 0.1):
            begins.append(begin)
    for number, begin in enumerate(sorted(begins)):
        channel = chance.choices(list(CHANNELS), list(CHANNELS.values()))[0]
        yield _copy(known[number % len(known)], f"{channel}:{number:032x}", begin)


_ID = re.compile(r'"message_id": ?"(\w+)"')
_TIME = re.compile(r'"timestamp": ?([0-9.e+-]+)')


def _copy(talk: Talk, sender: str, begin: float) -> Talk:
    """The same conversation of another sender, at another time."""
    ids = {row["message_id"]: f"{sender[-20:]}{number:02x}" for number, row in enumerate(talk.answers)}
    kept = {"created_at", "updated_at", "answered_at"}

    def moved(row: Mapping[str, Any]) -> dict[str, Any]:
        found = {name: value + begin if name in kept else value for name, value in row.items()}
        return found | {"sender_id": sender}

    def event(row: Mapping[str, Any]) -> dict[str, Any]:
        data = _TIME.sub(lambda at: f'"timestamp": {float(at[1]) + begin}', row["data"])
        for old in set(_ID.findall(data)):
            data = data.replace(old, ids[old])
        return {**row, "sender_id": sender, "timestamp": row["timestamp"] + begin, "data": data}

    told = {"day": day_of(begin), "channel": sender.partition(":")[0]}
    return Talk(
        moved(talk.conversation) | {"last_day": day_of(begin)},
        [event(row) for row in talk.events],
        [moved(row) | told | {"message_id": ids[row["message_id"]]} for row in talk.answers],
        [moved(row) | {"message_id": ids[row["message_id"]]} for row in talk.reviews],
    )


def _write(connection: Connection, group: Sequence[Talk], now: float, chance: random.Random) -> None:
    opinions, reviews = [], [row for talk in group for row in talk.reviews]
    for talk in group:
        users = [json.loads(row["data"]) for row in talk.events if row["type_name"] == "user"]
        asked = {event["message_id"]: event["text"] for event in users}
        for row in talk.answers:
            row["milliseconds"] = round(row["milliseconds"] * chance.lognormvariate(0, 0.5))  # type: ignore[index]
            if chance.random() > OPINIONS:
                continue
            is_helpful, at = chance.random() < HELPFUL, min(now, row["answered_at"] + 20)
            turn = {"sender_id": row["sender_id"], "message_id": row["message_id"]}
            row["helpful"] = is_helpful  # type: ignore[index]
            opinions.append({**turn, "helpful": is_helpful, "reason": None, "given_at": at})
            if not is_helpful:
                about = {"text": asked[row["message_id"]], "intent": row["intent"], "confidence": row["confidence"]}
                empty = {"status": "open", "comment": None, "decided_by": None, "decided_at": None}
                reviews.append({**turn, **about, **empty, "kind": "unhelpful", "created_at": at, "signature": ""})
    for row in reviews:
        row["signature"] = row["signature"] or signature(row["text"])
        if chance.random() < 0.4:
            decided = {"status": chance.choice(("done", "dismissed")), "decided_by": "testeur", "decided_at": now}
            row.update(decided)
    for table, rows in (
        (conversations, [talk.conversation for talk in group]),
        (events, [row for talk in group for row in talk.events]),
        (answers, [row for talk in group for row in talk.answers]),
        (feedback, opinions),
        (review_queue, reviews),
    ):
        if rows:
            connection.execute(sa.insert(table), rows)


def _write_rest(connection: Connection, known: Sequence[Talk], days: int, now: float, chance: random.Random) -> None:
    """Figures of the days whose texts are gone, corrections, audit, jobs, an account of each role."""
    kinds: dict[tuple[str, str], int] = {}
    for talk in known:
        for row in talk.answers:
            key = row["intent"] or "", row["outcome"] or ""
            kinds[key] = kinds.get(key, 0) + 1
    figures = []
    for age in range(days, days + 60):
        day = day_of(now - age * DAY)
        for channel in CHANNELS:
            for (intent, outcome), count in kinds.items():
                number = int(count * CHANNELS[channel] * chance.uniform(0.5, 3))
                yes, no = int(number * OPINIONS * HELPFUL), int(number * OPINIONS * (1 - HELPFUL))
                if number:
                    row = {"day": day, "channel": channel, "intent": intent, "outcome": outcome}
                    figures.append({**row, "answers": number, "helpful": yes, "unhelpful": no})
    connection.execute(sa.insert(daily), figures)
    connection.execute(sa.insert(corrections), [_correction(*one, now, chance) for one in sentences()[:400]])
    entries = []
    for _ in range(3_000):
        action = chance.choice(list(DONE_BY))
        actor = chance.choice(list(Role)[list(Role).index(DONE_BY[action]) :])
        entries.append({"at": now - chance.random() * days * DAY, "actor": actor.value, "action": action})
    connection.execute(sa.insert(audit), sorted(entries, key=lambda entry: entry["at"]))
    past = {"status": "interrupted", "error": INTERRUPTED, "author": "editeur", "finished_at": now}
    rows = [
        {**past, "kind": kind, "created_at": now - age * DAY, "heartbeat_at": now - age * DAY}
        for age in range(1, 20)
        for kind in ("train", "prove")
    ]
    connection.execute(sa.insert(jobs), rows)
    hashed = hash_password(PASSWORD)
    for role in Role:
        accounts.add(connection, role.value, role.value.capitalize(), "local", role.value, hashed, "bench", now)


def _correction(text: str, intent: str, now: float, chance: random.Random) -> dict[str, Any]:
    """A proposal; none is confirmed, because these sentences are for measuring and never for training."""
    is_rejected = chance.random() < 0.3
    return {
        "sender_id": None,
        "message_id": None,
        "kind": "out_of_scope" if intent == "hors_sujet" else "intent",
        "text": text,
        "intent": intent,
        "destination": None,
        "status": "rejected" if is_rejected else "proposed",
        "comment": None,
        "author": "testeur",
        "created_at": now - chance.random() * 20 * DAY,
        "decided_by": "editeur" if is_rejected else None,
        "decided_at": now if is_rejected else None,
    }
