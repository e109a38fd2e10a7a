"""Conversations in SQL: what a turn reads and writes, the same for all databases."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.events import ActionExecuted, Event, Restarted, SessionStarted, SlotSet, UserUttered, event_from_json
from bot.snapshot import needed
from bot.storage.errors import Cause, StorageError
from bot.storage.records import Answered, Known, TurnRecord
from bot.storage.schema import answers, conversations, events, review_queue
from bot.storage.signature import signature
from bot.storage.upsert import insertion


class Overtaken(StorageError):
    """The conversation changed during the turn: another process wrote or erased it."""

    cause: Cause = "conflict"


def read(connection: Connection, sender_id: str, message_id: str | None) -> Known:
    """What a turn begins with.

    Args:
        connection: in a transaction.
        sender_id: key of the conversation.
        message_id: the sender's id of the message.
    """
    row = connection.execute(_ROW, {"sender": sender_id}).first()
    if row is None:
        return Known(None)
    return known(connection, sender_id, message_id, row)


_ROW = sa.select(conversations.c.last_position, conversations.c.session_start, conversations.c.snapshot).where(
    conversations.c.sender_id == sa.bindparam("sender")
)
ROW_ALONE = _ROW.with_for_update()
"""The conversation's row, locked."""
_ANSWER = sa.select(answers.c.question, answers.c.answer).where(
    answers.c.sender_id == sa.bindparam("sender"), answers.c.message_id == sa.bindparam("message")
)
_EVENTS = sa.select(events.c.position, events.c.data).where(
    events.c.sender_id == sa.bindparam("sender"), events.c.position >= sa.bindparam("since")
)
_ALSO = sa.select(events.c.position, events.c.data).where(
    events.c.sender_id == sa.bindparam("sender"),
    events.c.position.in_(sa.bindparam("also", expanding=True)),
    events.c.position.between(sa.bindparam("first"), sa.bindparam("last")),  # without it PostgreSQL may read them all
)
_BOTH = sa.union_all(_ALSO, _EVENTS)
_AT_ONCE = 16
"""Earlier events are asked for in multiples of so many, so that few different statements are prepared."""


def known(connection: Connection, sender_id: str, message_id: str | None, row: sa.Row[Any, Any, Any]) -> Known:
    """What a turn begins with, of a conversation whose row has been read."""
    if message_id is not None:
        before = connection.execute(_ANSWER, {"sender": sender_id, "message": message_id}).first()
        if before is not None:
            return Known(Answered(before.question, json.loads(before.answer)))
    snapshot = json.loads(row.snapshot) if row.snapshot else None
    wanted = needed(snapshot, row.session_start)
    if wanted.also:
        missing = -len(wanted.also) % _AT_ONCE
        also = [*wanted.also, *wanted.also[-1:] * missing]
        found = _read(connection, _BOTH, sender=sender_id, also=also, first=also[0], last=also[-1], since=wanted.since)
    else:
        found = _read(connection, _EVENTS, sender=sender_id, since=wanted.since)
    return Known(None, row.last_position, row.session_start, snapshot, found)


def session(connection: Connection, sender_id: str, since: int) -> list[Event]:
    """Events of a conversation from a position on, oldest first."""
    return _read(connection, _EVENTS, sender=sender_id, since=since)


def _read(connection: Connection, query: sa.Select[Any, Any] | sa.CompoundSelect[Any], **values: Any) -> list[Event]:
    rows = connection.execute(query, values).all()
    bodies = json.loads(f"[{','.join([data for _, data in rows])}]")  # all at once: three times as fast as each by itself
    found = []
    for (position, _), body in zip(rows, bodies, strict=True):
        event = event_from_json(body)
        object.__setattr__(event, "position", position)  # just made here, nobody else has it
        found.append(event)
    return sorted(found, key=lambda event: event.position)


def make(connection: Connection, sender_id: str, at: float) -> None:
    """Make a conversation's row; nothing when there is one."""
    values = {"sender_id": sender_id, "created_at": at, "updated_at": at, "last_position": 0, "session_start": 0}
    connection.execute(insertion(connection, conversations).on_conflict_do_nothing(), values)


def write(connection: Connection, turn: TurnRecord) -> None:
    """Write a turn.

    Raises:
        Overtaken: the conversation is not as the turn found it.
    """
    changes = {
        "updated_at": turn.at,
        "last_day": day_of(turn.at),
        "last_position": turn.known + len(turn.events),
        "session_start": turn.session_start,
        "snapshot": json.dumps(turn.snapshot, ensure_ascii=False, separators=(",", ":")) if turn.snapshot else None,
    }
    values = {"sender": turn.sender_id, "known": turn.known, **{f"new_{name}": value for name, value in changes.items()}}
    if not connection.execute(_CHANGE, values).rowcount:
        if turn.known:
            raise Overtaken("the conversation changed during the turn")
        connection.execute(sa.insert(conversations), {"sender_id": turn.sender_id, "created_at": turn.at, **changes})
    if turn.events:
        connection.execute(sa.insert(events), [_event_row(turn.sender_id, event) for event in turn.events])
    answer = {
        "sender_id": turn.sender_id,
        "message_id": turn.message_id,
        "question": turn.question,
        "answer": turn.answer_json,
        "answered_at": turn.at,
        "day": day_of(turn.at),
        "channel": turn.sender_id.partition(":")[0],
        "intent": turn.intent,
        "confidence": turn.confidence,
        "outcome": turn.outcome,
        "milliseconds": None if turn.milliseconds is None else round(turn.milliseconds),
    }
    connection.execute(sa.insert(answers), answer)
    if turn.review is not None:
        connection.execute(sa.insert(review_queue), _review_row(turn, turn.review))


_CHANGE = (
    sa.update(conversations)
    .where(conversations.c.sender_id == sa.bindparam("sender"), conversations.c.last_position == sa.bindparam("known"))
    .values(
        {name: sa.bindparam(f"new_{name}") for name in ("updated_at", "last_day", "last_position", "session_start", "snapshot")}
        | {
            "created_at": sa.case(
                (conversations.c.last_position == 0, sa.bindparam("new_updated_at")), else_=conversations.c.created_at
            )
        }
    )
)


def day_of(at: float) -> str:
    """The day of a time, UTC, as an ISO date."""
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def session_start(known: Sequence[Event], before: int) -> int:
    """Position where the session begins after these events, the latest ones of a conversation.

    A session begins at its action_session_start or, after a restart, at the message that asked for it: what was said to a
    restart must be known to the next turn, which must not say it again.

    Args:
        known: events, oldest first.
        before: where the session began before them.
    """
    start = next((at for at in range(len(known) - 1, -1, -1) if isinstance(known[at], SessionStarted)), None)
    if start is None:
        return before or (known[0].position if known else 0)
    if start and isinstance(known[start - 1], ActionExecuted):
        start -= 1
    if start and isinstance(known[start - 1], Restarted):
        asked = (at for at in range(start - 1, -1, -1) if isinstance(known[at], UserUttered))
        start = next(asked, start)
    return known[start].position


def _event_row(sender_id: str, event: Event) -> Mapping[str, Any]:
    return {
        "sender_id": sender_id,
        "type_name": event.type_name,
        "timestamp": event.timestamp,
        "intent_name": event.intent if isinstance(event, UserUttered) else None,
        "action_name": event.name if isinstance(event, ActionExecuted | SlotSet) else None,
        "data": json.dumps(event.to_json(), ensure_ascii=False),
        "position": event.position,
    }


def _review_row(turn: TurnRecord, kind: str) -> Mapping[str, Any]:
    return {
        "sender_id": turn.sender_id,
        "message_id": turn.message_id,
        "kind": kind,
        "text": turn.text,
        "signature": signature(turn.text),
        "intent": turn.intent,
        "confidence": turn.confidence,
        "created_at": turn.at,
    }
