"""Conversations in SQL: what a turn reads and writes, the same for all databases."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.events import ActionExecuted, Event, Restarted, SessionStarted, SlotSet, UserUttered, event_from_json
from bot.json_text import json_text
from bot.snapshot import Needed, needed
from bot.storage.errors import Cause, StorageError
from bot.storage.recent import Recent
from bot.storage.records import Answered, Known, TurnRecord
from bot.storage.schema import answers, conversations, events, review_queue
from bot.storage.signature import signature
from bot.storage.statement import Statement
from bot.storage.upsert import insertion


class Overtaken(StorageError):
    """The conversation changed during the turn: another process wrote or erased it."""

    cause: Cause = "conflict"


Row = tuple[int, int, str | None, float]
"""A conversation's last position, where its session starts, its snapshot, when it was last written."""


def read(connection: Connection, sender_id: str, message_id: str | None) -> Known:
    """What a turn begins with.

    Args:
        connection: in a transaction.
        sender_id: key of the conversation.
        message_id: the sender's id of the message.
    """
    row = _ROW.first(connection, {"sender": sender_id})
    if row is None:
        return Known(None)
    return known(connection, sender_id, message_id, cast(Row, row))


def locked(connection: Connection, sender_id: str) -> Row | None:
    """Lock a conversation's row until the transaction's end; None when there is none."""
    return cast(Row | None, _LOCKED.first(connection, {"sender": sender_id}))


_MINE = conversations.c.sender_id == sa.bindparam("sender")
_OF_CONVERSATION = sa.select(
    conversations.c.last_position, conversations.c.session_start, conversations.c.snapshot, conversations.c.updated_at
).where(_MINE)
_ROW = Statement(_OF_CONVERSATION)
_LOCKED = Statement(_OF_CONVERSATION.with_for_update())
_ANSWER = Statement(
    sa.select(answers.c.question, answers.c.answer).where(
        answers.c.sender_id == sa.bindparam("sender"), answers.c.message_id == sa.bindparam("message")
    )
)
_OF_EVENTS = sa.select(events.c.position, events.c.data).where(events.c.sender_id == sa.bindparam("sender"))
_SINCE = _OF_EVENTS.where(events.c.position >= sa.bindparam("since"))
_EVENTS = Statement(_SINCE)
_MESSAGE = Statement(
    sa.select(events.c.position)
    .where(events.c.sender_id == sa.bindparam("sender"), events.c.type_name == sa.bindparam("kind"))
    .order_by(events.c.position.desc())
    .limit(sa.literal_column("1"))
    .offset(sa.bindparam("newer"))
)
"""Position of the message that so many newer ones follow."""
_AT_ONCE = 16
"""Earlier events are asked for in multiples of so many, so that few different statements are prepared."""


@cache
def _both(count: int) -> Statement:
    """Events since a position, and so many earlier ones."""
    also = _OF_EVENTS.where(
        events.c.position.in_([sa.bindparam(f"also_{number}") for number in range(count)]),
        events.c.position.between(sa.bindparam("also_0"), sa.bindparam("last")),  # without it PostgreSQL may read them all
    )
    return Statement(sa.union_all(also, _SINCE))


def is_as(row: Row, recent: Recent) -> bool:
    """Whether a conversation's row is as an earlier turn of this process left it."""
    last_position, start, text, written = row
    left = recent.known
    return text is not None and (last_position, start, written) == (left.last_position, left.session_start, recent.written)


def answered(connection: Connection, sender_id: str, message_id: str) -> Answered | None:
    """The stored answer to a message."""
    found = _ANSWER.first(connection, {"sender": sender_id, "message": message_id})
    return Answered(found[0], json.loads(found[1])) if found else None


def known(connection: Connection, sender_id: str, message_id: str | None, row: Row) -> Known:
    """What a turn begins with, of a conversation whose row has been read."""
    if message_id is not None and (before := answered(connection, sender_id, message_id)) is not None:
        return Known(before)
    last_position, start, text, _ = row
    snapshot = json.loads(text) if text else None
    wanted = needed(snapshot, start)
    return Known(None, last_position, start, snapshot, _events(connection, sender_id, wanted))


def _events(connection: Connection, sender_id: str, wanted: Needed) -> list[Event]:
    if not wanted.also:
        return session(connection, sender_id, wanted.since)
    also = [*wanted.also, *wanted.also[-1:] * (-len(wanted.also) % _AT_ONCE)]
    values = {f"also_{number}": position for number, position in enumerate(also)}
    rows = _both(len(also)).rows(connection, {"sender": sender_id, **values, "last": also[-1], "since": wanted.since})
    return _decoded(rows)


def session(connection: Connection, sender_id: str, since: int) -> list[Event]:
    """Events of a conversation from a position on, oldest first."""
    return _decoded(_EVENTS.rows(connection, {"sender": sender_id, "since": since}))


def latest(connection: Connection, sender_id: str, messages: int) -> list[Event]:
    """Events of a conversation from one of its latest messages on, oldest first: all of them when it has fewer messages.

    Args:
        connection: in a transaction.
        sender_id: key of the conversation.
        messages: how many messages of the user they hold at most.
    """
    found = _MESSAGE.first(connection, {"sender": sender_id, "kind": UserUttered.type_name, "newer": messages - 1})
    return session(connection, sender_id, found[0] if found else 0)


def _decoded(rows: Sequence[tuple[Any, ...]]) -> list[Event]:
    bodies = json.loads(f"[{','.join([data for _, data in rows])}]")  # all at once: three times as fast as each by itself
    found = []
    for (position, _), body in zip(rows, bodies, strict=True):
        event = event_from_json(body)
        object.__setattr__(event, "position", position)  # just made here, nobody else has it
        found.append(event)
    return sorted(found, key=lambda event: event.position)


def make(connection: Connection, sender_id: str, at: float) -> None:
    """Make a conversation's row; nothing when there is one."""
    _MAKE.change(connection, {"sender_id": sender_id, "created_at": at, "updated_at": at, "last_position": 0, "session_start": 0})


_MADE = ("sender_id", "created_at", "updated_at", "last_position", "session_start")
_MAKE = Statement(
    lambda connection: (
        insertion(connection, conversations).values({name: sa.bindparam(name) for name in _MADE}).on_conflict_do_nothing()
    )
)


def write(connection: Connection, turn: TurnRecord) -> None:
    """Write a turn.

    Raises:
        Overtaken: the conversation is not as the turn found it.
    """
    values = {
        "sender": turn.sender_id,
        "known": turn.known,
        "new_updated_at": turn.at,
        "new_last_day": day_of(turn.at),
        "new_last_position": turn.known + len(turn.events),
        "new_session_start": turn.session_start,
        "new_snapshot": json_text(turn.snapshot) if turn.snapshot else None,
    }
    if not _CHANGE.change(connection, values):
        if turn.known:
            raise Overtaken("the conversation changed during the turn")
        _BEGIN.change(connection, values)
    if turn.events:
        _EVENT.change_all(connection, [_event_row(turn.sender_id, event) for event in turn.events])
    _ANSWERED.change(connection, _answer_row(turn))
    if turn.review is not None:
        connection.execute(sa.insert(review_queue), _review_row(turn, turn.review))


_NEW: dict[str, sa.ColumnElement[Any]] = {
    name: sa.bindparam(f"new_{name}") for name in ("updated_at", "last_day", "last_position", "session_start", "snapshot")
}
_CHANGE = Statement(
    sa.update(conversations)
    .where(_MINE, conversations.c.last_position == sa.bindparam("known"))
    .values(
        _NEW
        | {
            "created_at": sa.case(
                (conversations.c.last_position == sa.literal_column("0"), _NEW["updated_at"]), else_=conversations.c.created_at
            )
        }
    )
)
_BEGIN = Statement(
    sa.insert(conversations).values(_NEW | {"sender_id": sa.bindparam("sender"), "created_at": _NEW["updated_at"]})
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


def _inserting(table: sa.Table, columns: Sequence[str]) -> Statement:
    return Statement(sa.insert(table).values({name: sa.bindparam(name) for name in columns}))


_EVENT = _inserting(events, ("sender_id", "type_name", "timestamp", "intent_name", "action_name", "data", "position"))


def _event_row(sender_id: str, event: Event) -> Mapping[str, Any]:
    return {
        "sender_id": sender_id,
        "type_name": event.type_name,
        "timestamp": event.timestamp,
        "intent_name": event.intent if isinstance(event, UserUttered) else None,
        "action_name": event.name if isinstance(event, ActionExecuted | SlotSet) else None,
        "data": json_text(event.to_json()),
        "position": event.position,
    }


_ANSWERED = _inserting(
    answers,
    tuple(column.name for column in answers.columns if column.name != "helpful"),
)


def _answer_row(turn: TurnRecord) -> Mapping[str, Any]:
    return {
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
