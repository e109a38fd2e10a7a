"""Turns that somebody should look at, in groups of questions that are alike. Functions for `Store.run`.

Turns put themselves in (`TurnRecord.review`), feedback does (`bot.storage.feedback`); the console reads and decides.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.storage.schema import answers, review_queue

Decision = Literal["done", "dismissed"]
Kind = Literal["unanswered", "doubt", "close", "weak", "unhelpful"]
"""Why: out of scope; nothing likely enough; two topics too near; answered, but not for sure; the user says so."""
KINDS: tuple[Kind, ...] = get_args(Kind)
MOST_GROUPS = 200
"""Groups that are looked at: the largest ones."""


@dataclass(frozen=True, slots=True)
class Item:
    """A turn to look at."""

    id: int
    sender_id: str
    message_id: str
    kind: str
    """One of KINDS."""
    text: str
    """Masked."""
    intent: str | None
    confidence: float | None
    comment: str | None
    """The user's, of an unhelpful answer."""
    created_at: float
    """Seconds since 1970."""
    signature: str

    @property
    def channel(self) -> str:
        """Where it was asked."""
        return self.sender_id.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which open items."""

    kinds: frozenset[str] = frozenset()
    """Empty: all."""
    channel: str = ""
    """Empty: all."""


@dataclass(frozen=True, slots=True)
class Group:
    """Open items whose questions have the same signature."""

    signature: str
    count: int
    latest: Item


def counts(connection: Connection) -> dict[str, int]:
    """How many items wait, by kind; kinds that have none are left out."""
    query = sa.select(review_queue.c.kind, sa.func.count()).where(review_queue.c.status == "open").group_by(review_queue.c.kind)
    return {str(kind): int(count) for kind, count in connection.execute(query)}


def groups(connection: Connection, which: Filter | None = None, most: int = MOST_GROUPS) -> list[Group]:
    """The largest groups of open items; of two as large, the one with the latest question first."""
    latest = sa.func.max(review_queue.c.id)
    number = sa.func.count()
    query = (
        sa.select(review_queue.c.signature, number.label("count"), latest.label("latest"))
        .where(*_where(which))
        .group_by(review_queue.c.signature)
        .order_by(number.desc(), latest.desc())
        .limit(most)
    )
    found = connection.execute(query).all()
    chosen = _items().where(review_queue.c.id.in_([row.latest for row in found]))
    items = {row["id"]: Item(**row) for row in connection.execute(chosen).mappings()}
    return [Group(row.signature, row[1], items[row.latest]) for row in found]


def items_of(
    connection: Connection, signatures: Sequence[str], which: Filter | None = None, *, count: int, before: int | None = None
) -> list[Item]:
    """A page of the open items of one group or several, latest first.

    Args:
        connection: in a transaction.
        signatures: of the groups.
        which: only these of them.
        count: at most so many.
        before: only items with a lower id: the last one of the page before.
    """
    query = _items().where(*_where(which), review_queue.c.signature.in_(signatures))
    if before is not None:
        query = query.where(review_queue.c.id < before)
    return [Item(**row) for row in connection.execute(query.order_by(review_queue.c.id.desc()).limit(count)).mappings()]


def count_of(connection: Connection, signatures: Sequence[str], which: Filter | None = None) -> int:
    """How many open items one group or several have."""
    query = sa.select(sa.func.count()).where(*_where(which), review_queue.c.signature.in_(signatures))
    return int(connection.execute(query).scalar_one())


def answers_of(connection: Connection, items: Sequence[Item]) -> dict[int, list[dict[str, Any]]]:
    """What was said to the questions of items, as Rasa's message objects, by the item's id."""
    both = (review_queue.c.sender_id == answers.c.sender_id) & (review_queue.c.message_id == answers.c.message_id)
    query = (
        sa.select(review_queue.c.id, answers.c.answer)
        .select_from(review_queue.join(answers, both))
        .where(review_queue.c.id.in_([item.id for item in items]))
    )
    return {number: json.loads(answer) for number, answer in connection.execute(query)}


def by_ids(connection: Connection, numbers: Sequence[int]) -> list[Item]:
    """Items, open or not, in the order of their numbers; those that are no longer there are left out."""
    found = connection.execute(_items().where(review_queue.c.id.in_(numbers))).mappings()
    return sorted((Item(**row) for row in found), key=lambda item: numbers.index(item.id))


def decide_group(
    connection: Connection, signatures: Sequence[str], which: Filter | None, until: int, decision: Decision, by: str, at: float
) -> int:
    """Close the open items of one group or several at once.

    Args:
        connection: in a transaction.
        signatures: of the groups.
        which: only these of them.
        until: the highest id that was seen: what came later stays open.
        decision: what came of it.
        by: the account that decided.
        at: seconds since 1970.

    Returns:
        How many were closed.
    """
    mine = (*_where(which), review_queue.c.signature.in_(signatures), review_queue.c.id <= until)
    changes = {"status": decision, "decided_by": by, "decided_at": at}
    return connection.execute(sa.update(review_queue).where(*mine).values(changes)).rowcount


def reopen(connection: Connection, by: str, at: float) -> int:
    """Take back what an account decided at a moment; tells how many items wait again."""
    mine = (review_queue.c.decided_by == by) & (review_queue.c.decided_at == at) & (review_queue.c.status != "open")
    changes = {"status": "open", "decided_by": None, "decided_at": None}
    return connection.execute(sa.update(review_queue).where(mine).values(changes)).rowcount


def _items() -> sa.Select[tuple[object, ...]]:
    return sa.select(*[review_queue.c[name] for name in Item.__dataclass_fields__])


def _where(which: Filter | None) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [review_queue.c.status == "open"]
    if which is not None and which.kinds:
        conditions.append(review_queue.c.kind.in_(sorted(which.kinds)))
    if which is not None and which.channel:
        conditions.append(review_queue.c.sender_id.startswith(f"{which.channel}:", autoescape=True))
    return conditions
