"""What console users say was wrong, and the sentences that editors made of it. Functions for `Store.run`.

A proposed correction repeats a user's message: it goes with the conversation, or with its time. Once an editor has
confirmed that it says nothing of anybody, the sentence is the project's, and no row tells where it came from.
A sentence is either in training or in test, never both (`confirm`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.project.model import Addition
from bot.storage import audit
from bot.storage.schema import conversations, corrections

Kind = Literal["intent", "out_of_scope", "new_topic", "wording"]
Status = Literal["proposed", "confirmed", "rejected"]
Destination = Literal["training", "test"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SENTENCES: tuple[Kind, ...] = ("intent", "out_of_scope")
"""Kinds whose text can become a sentence of the project; the others are notes to editors."""
CONFIRM_LOCK = 7_241_003
"""Number of the advisory lock in PostgreSQL: one sentence is confirmed at a time, so that each is compared with all."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody of the helpdesk says of a message."""

    kind: Kind
    text: str
    """Masked."""
    intent: str | None
    """The right one; of a new topic, the name proposed."""
    comment: str | None
    """Masked."""
    author: str
    sender_id: str | None = None
    """Key of the conversation, when the message is a user's."""
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """A row of the queue."""

    id: int
    kind: Kind
    text: str
    intent: str | None
    destination: Destination | None
    """Of a confirmed sentence."""
    status: Status
    comment: str | None
    author: str
    created_at: float
    """Seconds since 1970."""
    decided_by: str | None
    decided_at: float | None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What an editor makes of a proposed sentence, and says is free of personal data."""

    text: str
    """Masked; as the editor left it."""
    intent: str
    destination: Destination
    by: str


def propose(connection: Connection, proposal: Proposal, at: float) -> int | None:
    """Put a correction in the queue.

    Returns:
        Its id; None when the conversation was erased meanwhile: nothing is stored.
    """
    if proposal.sender_id is not None:
        mine = sa.select(conversations.c.sender_id).where(conversations.c.sender_id == proposal.sender_id)
        if connection.execute(mine.with_for_update()).first() is None:
            return None
    row = {name: getattr(proposal, name) for name in Proposal.__dataclass_fields__}
    made = connection.execute(sa.insert(corrections).returning(corrections.c.id), row | {"created_at": at})
    number = int(made.scalar_one())
    _note(connection, at, proposal.author, "correction_propose", number, kind=proposal.kind, intent=proposal.intent)
    return number


def with_status(
    connection: Connection, status: Status, kinds: Sequence[Kind] = KINDS, *, count: int = 100, before: int | None = None
) -> list[Correction]:
    """A page of the queue, latest first.

    Args:
        connection: in a transaction.
        status: which ones.
        kinds: of these kinds.
        count: at most so many.
        before: only ids lower than this: the last one of the page before.
    """
    query = _rows().where(corrections.c.status == status, corrections.c.kind.in_(kinds))
    if before is not None:
        query = query.where(corrections.c.id < before)
    found = connection.execute(query.order_by(corrections.c.id.desc()).limit(count)).mappings()
    return [Correction(**row) for row in found]


def counts(connection: Connection) -> dict[tuple[str, str], int]:
    """How many corrections there are, by status and kind."""
    query = sa.select(corrections.c.status, corrections.c.kind, sa.func.count()).group_by(
        corrections.c.status, corrections.c.kind
    )
    return {(str(status), str(kind)): int(count) for status, kind, count in connection.execute(query)}


def by_id(connection: Connection, number: int) -> Correction | None:
    """One correction, None when there is none any more."""
    row = connection.execute(_rows().where(corrections.c.id == number)).mappings().first()
    return Correction(**row) if row else None


def confirm(
    connection: Connection,
    number: int,
    confirmation: Confirmation,
    at: float,
    allowed: Callable[[Sequence[Addition], Sequence[Addition]], bool],
) -> bool:
    """Make a proposed correction a sentence of the project; it forgets whose message it was.

    Args:
        connection: in a transaction.
        number: the correction's id.
        confirmation: what the editor says.
        at: seconds since 1970.
        allowed: given the other confirmed sentences for training and for test, whether this one may join them; nobody
            else confirms meanwhile.

    Returns:
        False when it is not proposed any more, is no sentence, or is not allowed: nothing changes.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(CONFIRM_LOCK)))
    if not allowed(additions(connection), test_sentences(connection)):
        return False
    changes = {
        "status": "confirmed",
        "text": confirmation.text,
        "intent": confirmation.intent,
        "destination": confirmation.destination,
        "sender_id": None,
        "message_id": None,
        "decided_by": confirmation.by,
        "decided_at": at,
    }
    mine = (corrections.c.id == number) & (corrections.c.status == "proposed") & corrections.c.kind.in_(SENTENCES)
    if not connection.execute(sa.update(corrections).where(mine).values(changes)).rowcount:
        return False
    details = {"intent": confirmation.intent, "destination": confirmation.destination}
    _note(connection, at, confirmation.by, "correction_confirm", number, **details)
    return True


def reject(connection: Connection, number: int, by: str, at: float) -> bool:
    """Say that nothing is to be made of a proposed correction, or that a note was seen to; False when it is not proposed."""
    mine = (corrections.c.id == number) & (corrections.c.status == "proposed")
    changes = {"status": "rejected", "decided_by": by, "decided_at": at}
    if not connection.execute(sa.update(corrections).where(mine).values(changes)).rowcount:
        return False
    _note(connection, at, by, "correction_reject", number)
    return True


def withdraw(connection: Connection, number: int, seen: Status, by: str, at: float) -> bool:
    """Take a correction back, a confirmed one too: it is deleted.

    Args:
        connection: in a transaction.
        number: the correction's id.
        seen: the status that it had when it was decided that it may be taken back.
        by: who does.
        at: seconds since 1970.

    Returns:
        False when there is none any more, or its status is another one by now: nothing changes.
    """
    mine = (corrections.c.id == number) & (corrections.c.status == seen)
    if not connection.execute(sa.delete(corrections).where(mine)).rowcount:
        return False
    _note(connection, at, by, "correction_withdraw", number)
    return True


def take_back(connection: Connection, by: str, at: float) -> int:
    """Delete what an account proposed at a moment and nobody decided yet; tells how many."""
    mine = (corrections.c.author == by) & (corrections.c.created_at == at) & (corrections.c.status == "proposed")
    numbers = connection.execute(sa.delete(corrections).where(mine).returning(corrections.c.id)).scalars().all()
    for number in numbers:
        _note(connection, at, by, "correction_withdraw", number)
    return len(numbers)


def additions(connection: Connection) -> tuple[Addition, ...]:
    """The confirmed sentences to train on, in the order in which they were confirmed."""
    return _confirmed(connection, "training")


def test_sentences(connection: Connection) -> tuple[Addition, ...]:
    """The confirmed sentences to test with, never to train on."""
    return _confirmed(connection, "test")


def _confirmed(connection: Connection, destination: Destination) -> tuple[Addition, ...]:
    query = (
        sa.select(corrections.c.text, corrections.c.intent)
        .where(corrections.c.status == "confirmed", corrections.c.destination == destination, corrections.c.kind.in_(SENTENCES))
        .order_by(corrections.c.decided_at, corrections.c.id)
    )
    return tuple(Addition(text, intent) for text, intent in connection.execute(query))


def _rows() -> sa.Select[tuple[object, ...]]:
    return sa.select(*[corrections.c[name] for name in Correction.__dataclass_fields__])


def _note(connection: Connection, at: float, actor: str, action: str, number: int, **details: str | None) -> None:
    audit.add(connection, audit.Entry(at, actor, action, str(number), details))
