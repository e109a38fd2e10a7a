"""Texts go after some days; what stays is how many answers a day, by channel, topic and outcome.

Done in small transactions, so that turns go on meanwhile. Functions for `Store.run`, and `purge`, which runs them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.storage import audit
from bot.storage.conversations import day_of
from bot.storage.records import Store
from bot.storage.schema import (
    TEXTS_OF_CONVERSATION,
    answers,
    conversations,
    corrections,
    daily,
    events,
    feedback,
    inbox,
    review_queue,
)
from bot.storage.upsert import insertion

DAY = 86_400.0
BATCH = 200
"""Conversations, or rows of a table, in one transaction."""
PURGE_LOCK = 7_241_002
"""Number of the advisory lock in PostgreSQL: one process purges."""


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge deleted."""

    conversations: int
    """Whole ones, silent for longer than texts are kept."""
    answers: int
    """Now counted in the daily figures only."""
    others: int
    """Events of older sessions, review and inbox items, corrections that nobody confirmed."""


async def purge(store: Store, days: float, now: float, actor: str) -> Purged | None:
    """Delete what is older than `days`; None when another process is doing so.

    Args:
        store: the database.
        days: how long texts are kept.
        now: seconds since 1970.
        actor: who asks for it, for the audit.
    """
    limit = now - days * DAY
    counts = [0, 0, 0]
    for kind, step in enumerate((_conversations, _answers, _others)):
        while (done := await store.run(partial(_alone, step=step, limit=limit))) != 0:
            if done is None:
                await store.forget_deleted()  # what the other one deletes may be remembered here
                return None
            counts[kind] += done
    purged = Purged(*counts)
    if any(counts):
        details = {"conversations": purged.conversations, "answers": purged.answers, "others": purged.others}
        entry = audit.Entry(now, actor, "purge", details=details)
        await store.run(lambda connection: audit.add(connection, entry))
    await store.forget_deleted()
    return purged


def _alone(connection: Connection, step: Callable[[Connection, float], int], limit: float) -> int | None:
    """Do a step unless another process purges."""
    if connection.dialect.name == "postgresql":
        query = sa.select(sa.func.pg_try_advisory_xact_lock(PURGE_LOCK))
        if not connection.execute(query).scalar_one():
            return None
    return step(connection, limit)


def _conversations(connection: Connection, limit: float) -> int:
    """Whole conversations that have been silent for long; one that is being had is left for the next time."""
    query = (
        sa.select(conversations.c.sender_id)
        .where(conversations.c.last_day <= day_of(limit), conversations.c.updated_at < limit)
        .limit(BATCH)
    )
    found = connection.execute(query.with_for_update(skip_locked=True)).scalars().all()
    if found:
        _count(connection, answers.c.sender_id.in_(found))
        for table in TEXTS_OF_CONVERSATION:
            if table is inbox:  # goes by its own age: somebody who was silent for long may have written just now
                continue
            connection.execute(sa.delete(table).where(table.c.sender_id.in_(found)))
    return len(found)


def _answers(connection: Connection, limit: float) -> int:
    """Answers of conversations that go on, with what was said of them later: a review item repeats the question."""
    query = sa.select(answers.c.sender_id, answers.c.message_id).where(answers.c.answered_at < limit).limit(BATCH)
    found = [tuple(row) for row in connection.execute(query.with_for_update(skip_locked=True))]
    if found:
        _count(connection, sa.tuple_(answers.c.sender_id, answers.c.message_id).in_(found))
        for table in (corrections, review_queue, feedback, answers):
            connection.execute(sa.delete(table).where(sa.tuple_(table.c.sender_id, table.c.message_id).in_(found)))
    return len(found)


def _others(connection: Connection, limit: float) -> int:
    """Events of conversations that go on, whose state is then made from what is left; review and inbox items, corrections."""
    begun = sa.select(events.c.sender_id).where(events.c.timestamp < limit).distinct().limit(BATCH)
    mine = sa.select(conversations.c.sender_id).where(conversations.c.sender_id.in_(begun)).with_for_update(skip_locked=True)
    found = connection.execute(mine).scalars().all()
    done = 0
    if found:
        connection.execute(sa.update(conversations).where(conversations.c.sender_id.in_(found)).values(snapshot=None))
        gone = sa.delete(events).where(events.c.sender_id.in_(found), events.c.timestamp < limit)
        done += connection.execute(gone).rowcount
    for table, old_ones in _OLD.items():
        key = sa.tuple_(*table.primary_key)
        old = sa.select(*table.primary_key).where(old_ones(limit)).limit(BATCH)
        rows = [tuple(row) for row in connection.execute(old.with_for_update(skip_locked=True))]
        if rows:
            done += connection.execute(sa.delete(table).where(key.in_(rows))).rowcount
    return done


_OLD: Mapping[sa.Table, Callable[[float], sa.ColumnElement[bool]]] = {
    review_queue: lambda limit: review_queue.c.created_at < limit,
    inbox: lambda limit: inbox.c.received_at < limit,
    feedback: lambda limit: feedback.c.given_at < limit,
    corrections: lambda limit: (corrections.c.status != "confirmed") & (corrections.c.created_at < limit),
}
"""Rows with texts of users that are older than a time; a confirmed correction is a sentence of the project."""


def _count(connection: Connection, which: sa.ColumnElement[bool]) -> None:
    """Add answers, with what users said of them, to the daily figures."""
    day, channel = answers.c.day, answers.c.channel
    intent, outcome = (sa.func.coalesce(column, "") for column in (answers.c.intent, answers.c.outcome))
    said, against = (sa.func.sum(sa.case((answers.c.helpful.is_(value), 1), else_=0)) for value in (True, False))
    query = (
        sa.select(day, channel, intent.label("intent"), outcome.label("outcome"))
        .add_columns(sa.func.count().label("answers"), said.label("helpful"), against.label("unhelpful"))
        .where(which)
        .group_by(day, channel, intent, outcome)
    )
    rows = [dict(row) for row in connection.execute(query).mappings()]
    if not rows:
        return
    statement = insertion(connection, daily)
    sums = {name: daily.c[name] + statement.excluded[name] for name in ("answers", "helpful", "unhelpful")}
    connection.execute(statement.on_conflict_do_update(index_elements=list(daily.primary_key), set_=sums), rows)
