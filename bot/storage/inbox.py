"""Activities that a channel has acknowledged and not yet answered: none is lost when a process dies.

For channels that acknowledge first (Teams). `add` in one transaction before the acknowledgement, `claim` by a worker,
`answered` once the turn is stored, `sent` once the answer has left. Functions for `Store.run`; times in seconds since 1970.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.json_text import json_text
from bot.storage.schema import inbox
from bot.storage.upsert import is_inserted

UNFINISHED = ("received", "answered")
"""Asked for by name: « not sent » would read every activity of the last weeks, each second."""


@dataclass(frozen=True, slots=True)
class Received:
    """An activity in the inbox."""

    sender_id: str
    """Key of the conversation."""
    activity_id: str
    """The channel's own id of the activity; serves as `Message.message_id`, hashed when it is longer than 64 characters."""
    channel: str
    activity: Mapping[str, Any]
    """What was received, masked: it is stored."""
    reference: Mapping[str, Any]
    """Where the answer goes."""
    answer: Sequence[Mapping[str, Any]] | None = None
    """What is to be sent, once it is known."""
    attempts: int = 0
    """How often it was claimed before."""


def add(connection: Connection, received: Received, at: float) -> bool:
    """Put an activity in; False when its id is already there: it was delivered twice."""
    row = {
        "sender_id": received.sender_id,
        "activity_id": received.activity_id,
        "channel": received.channel,
        "activity": json_text(dict(received.activity)),
        "reference": json_text(dict(received.reference)),
        "status": "received",
        "received_at": at,
        "due_at": at,
    }
    return is_inserted(connection, inbox, row)


def claim(connection: Connection, channel: str, at: float, lease: float, count: int = 1) -> list[Received]:
    """Take activities to work on, oldest first; one of a conversation at a time.

    Args:
        connection: in a transaction; in PostgreSQL, rows that another worker is taking are skipped.
        channel: whose activities.
        at: now.
        lease: seconds after which an activity that was neither finished nor put off may be taken again.
        count: how many, at most.
    """
    earlier = inbox.alias("earlier")
    first = ~sa.exists().where(
        earlier.c.sender_id == inbox.c.sender_id,
        earlier.c.status.in_(UNFINISHED),
        sa.tuple_(earlier.c.received_at, earlier.c.activity_id) < sa.tuple_(inbox.c.received_at, inbox.c.activity_id),
    )
    query = (
        sa.select(inbox)
        .where(inbox.c.channel == channel, inbox.c.status.in_(UNFINISHED), inbox.c.due_at <= at, first)
        .order_by(inbox.c.received_at)
        .limit(count)
        .with_for_update(skip_locked=True, of=inbox)
    )
    found = []
    for row in connection.execute(query).all():
        connection.execute(_mine(row).values(due_at=at + lease, attempts=row.attempts + 1))
        answer = json.loads(row.answer) if row.answer is not None else None
        activity, reference = json.loads(row.activity), json.loads(row.reference)
        found.append(Received(row.sender_id, row.activity_id, row.channel, activity, reference, answer, row.attempts))
    return found


def answered(connection: Connection, received: Received, answer: Sequence[Mapping[str, Any]]) -> bool:
    """Note what is to be sent; False when the activity was erased meanwhile."""
    text = json_text([dict(item) for item in answer])
    return bool(connection.execute(_mine(received).values(status="answered", answer=text)).rowcount)


def sent(connection: Connection, received: Received) -> bool:
    """Note that the answer has left; only the id stays, so that the activity is known when it comes again.

    Returns:
        False when the activity was erased meanwhile.
    """
    changes = {"status": "sent", "activity": "{}", "reference": "{}", "answer": None}
    return bool(connection.execute(_mine(received).values(changes)).rowcount)


def put_off(connection: Connection, received: Received, until: float) -> None:
    """Try again later."""
    connection.execute(_mine(received).values(due_at=until))


def waiting(connection: Connection, channel: str) -> int:
    """How many activities are not finished."""
    query = sa.select(sa.func.count()).select_from(inbox).where(inbox.c.channel == channel, inbox.c.status.in_(UNFINISHED))
    return int(connection.execute(query).scalar_one())


def _mine(row: Any) -> sa.Update:
    return sa.update(inbox).where(inbox.c.sender_id == row.sender_id, inbox.c.activity_id == row.activity_id)


def release(connection: Connection, channel: str, at: float) -> None:
    """Let activities be taken at once that somebody took before: for the one process of an embedded database, at its start."""
    unfinished = (inbox.c.channel == channel) & inbox.c.status.in_(UNFINISHED) & (inbox.c.due_at > at) & (inbox.c.attempts > 0)
    connection.execute(sa.update(inbox).where(unfinished).values(due_at=at))


def note_delivery(connection: Connection, received: Received, delivered_id: str, message_id: str, at: float) -> None:
    """Note under which id an answer was delivered, so that what a user says of it is known to be about that answer.

    Args:
        connection: in a transaction.
        received: what was answered.
        delivered_id: the channel's id of the answer.
        message_id: of the question.
        at: now.
    """
    row = {
        "sender_id": received.sender_id,
        "activity_id": _delivery(delivered_id),
        "channel": received.channel,
        "activity": json.dumps({"message_id": message_id}),
        "reference": "{}",
        "status": "sent",
        "received_at": at,
        "due_at": at,
    }
    is_inserted(connection, inbox, row)


def delivered(connection: Connection, sender_id: str, delivered_id: str) -> str | None:
    """Id of the question that an answer answered; None when this conversation got no such answer."""
    query = sa.select(inbox.c.activity).where(inbox.c.sender_id == sender_id, inbox.c.activity_id == _delivery(delivered_id))
    found = connection.execute(query).scalar()
    return str(json.loads(found)["message_id"]) if found is not None else None


def _delivery(delivered_id: str) -> str:
    return f"delivered:{delivered_id}"[:255]
