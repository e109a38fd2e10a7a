"""What users say of answers: helpful or not, and why. Functions for `Store.run`."""

from __future__ import annotations

import json
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.storage.schema import answers, conversations, events, feedback, review_queue
from bot.storage.signature import signature

MAX_REASON = 500
"""Characters of a reason that are kept."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """One user's word on one answer."""

    sender_id: str
    """Key of the conversation."""
    message_id: str
    """Of the question that was answered."""
    helpful: bool
    reason: str | None
    """Masked."""
    at: float
    """Seconds since 1970."""


def give(connection: Connection, given: Feedback) -> bool:
    """Store a feedback in place of an earlier one on the same answer; what did not help goes to review.

    Returns:
        False when this conversation has no such answer: nothing is stored.
    """
    lock = sa.select(conversations.c.sender_id).where(conversations.c.sender_id == given.sender_id).with_for_update()
    connection.execute(lock)  # two thumbs at once, or an erasure meanwhile: one after the other
    mine = (answers.c.sender_id == given.sender_id) & (answers.c.message_id == given.message_id)
    answer = connection.execute(sa.select(answers.c.intent, answers.c.confidence).where(mine)).first()
    if answer is None:
        return False
    for table in (feedback, review_queue):
        earlier = (table.c.sender_id == given.sender_id) & (table.c.message_id == given.message_id)
        if table is review_queue:
            earlier &= (table.c.kind == "unhelpful") & (table.c.status == "open")
        connection.execute(sa.delete(table).where(earlier))
    row = {"sender_id": given.sender_id, "message_id": given.message_id}
    opinion = {"helpful": given.helpful, "reason": given.reason, "given_at": given.at}
    connection.execute(sa.insert(feedback), row | opinion)
    connection.execute(sa.update(answers).where(mine).values(helpful=given.helpful))
    reviewed = sa.select(review_queue.c.id).where(
        review_queue.c.sender_id == given.sender_id,
        review_queue.c.message_id == given.message_id,
        review_queue.c.kind == "unhelpful",
    )
    if not given.helpful and connection.execute(reviewed).first() is None:
        text = _question(connection, given)
        about = {"intent": answer.intent, "confidence": answer.confidence, "comment": given.reason}
        question = {"kind": "unhelpful", "text": text, "signature": signature(text), "created_at": given.at}
        connection.execute(sa.insert(review_queue), row | about | question)
    return True


def _question(connection: Connection, given: Feedback) -> str:
    """The masked text of the question; empty when retention has taken it."""
    query = (
        sa.select(events.c.data)
        .where(events.c.sender_id == given.sender_id, events.c.type_name == "user")
        .order_by(events.c.position.desc())
    )
    for data in connection.execute(query).scalars():
        event = json.loads(data)
        if event.get("message_id") == given.message_id:
            return str(event.get("text") or "")
    return ""
