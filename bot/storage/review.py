"""Turns that somebody should look at: doubts, and answers that did not help. Functions for `Store.run`.

Turns put themselves in (`TurnRecord.review`), feedback does (`bot.storage.feedback`); the console reads and decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.storage.schema import review_queue

Decision = Literal["done", "dismissed"]


@dataclass(frozen=True, slots=True)
class Item:
    """A turn to look at."""

    id: int
    sender_id: str
    message_id: str
    kind: str
    """Why: `doubt` (not understood for sure) or `unhelpful` (the user says so)."""
    text: str
    """Masked."""
    intent: str | None
    confidence: float | None
    comment: str | None
    created_at: float
    """Seconds since 1970."""


def open_items(connection: Connection, count: int) -> list[Item]:
    """The items that wait, oldest first."""
    names = [review_queue.c[name] for name in Item.__dataclass_fields__]
    query = sa.select(*names).where(review_queue.c.status == "open").order_by(review_queue.c.created_at).limit(count)
    return [Item(**row) for row in connection.execute(query).mappings()]


def decide(connection: Connection, item_id: int, decision: Decision, by: str, comment: str | None, at: float) -> bool:
    """Close an item; False when it is not open any more.

    Args:
        connection: in a transaction.
        item_id: which one.
        decision: what came of it.
        by: the account that decided.
        comment: kept with it; None keeps the user's.
        at: seconds since 1970.
    """
    changes = {"status": decision, "decided_by": by, "decided_at": at} | ({"comment": comment} if comment is not None else {})
    mine = (review_queue.c.id == item_id) & (review_queue.c.status == "open")
    return bool(connection.execute(sa.update(review_queue).where(mine).values(changes)).rowcount)
