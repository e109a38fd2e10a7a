"""What stays without an answer: the questions asked most, repeats, conversations that end there. Functions for `Store.look`.

Known for as long as texts are kept.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.storage.schema import answers, review_queue
from bot.storage.statistics import Period

KINDS = ("unanswered", "doubt")
"""Why a turn is in the review queue when its question had no answer."""


@dataclass(frozen=True, slots=True)
class Question:
    """Questions of the same words that had no answer."""

    text: str
    """One of them, masked."""
    count: int
    latest: float
    """When it was asked last; seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What came after the questions of a period."""

    repeated: int
    """Messages that were sent again word for word within the two next ones of the conversation."""
    missed: int
    """Messages that had no answer."""
    abandoned: int
    """Of these, the last ones of their conversation."""


def questions(connection: Connection, period: Period, channel: str | None = None, count: int = 20) -> list[Question]:
    """The questions without an answer, most asked first.

    Args:
        connection: in a transaction.
        period: which days.
        channel: only this one.
        count: how many at most.
    """
    begin, end = period.seconds
    alike = sa.func.coalesce(sa.func.nullif(review_queue.c.signature, ""), review_queue.c.text)
    turns = sa.func.count()  # a turn without an answer is there for one of these reasons
    latest = sa.func.max(review_queue.c.created_at)
    query = (
        sa.select(sa.func.min(review_queue.c.text), turns, latest)
        .where(review_queue.c.kind.in_(KINDS), review_queue.c.text != "")
        .where(review_queue.c.created_at >= begin, review_queue.c.created_at < end)
        .group_by(alike)
        .order_by(turns.desc(), latest.desc())
        .limit(count)
    )
    if channel is not None:
        query = query.where(review_queue.c.sender_id.startswith(f"{channel}:", autoescape=True))
    return [Question(*row) for row in connection.execute(query)]


def followed(connection: Connection, period: Period, misses: Collection[str], channel: str | None = None) -> Followed:
    """What came after the questions: repeats and conversations that end on a miss.

    Args:
        connection: in a transaction.
        period: which days; conversations are looked at within it.
        misses: names of the responses that give no answer.
        channel: only this one.
    """
    question, of, at = answers.c.question, answers.c.sender_id, answers.c.answered_at
    next_one, second = (sa.func.lead(question, step).over(partition_by=of, order_by=at) for step in (1, 2))
    missed = answers.c.outcome.in_(misses)
    mine = sa.select(question, missed.label("missed"), next_one.label("next"), second.label("second"))
    mine = mine.where(answers.c.day.between(period.first.isoformat(), period.last.isoformat()))
    if channel is not None:
        mine = mine.where(answers.c.channel == channel)
    turn = mine.subquery().c
    again = (turn.question == turn.next) | (turn.question == sa.func.coalesce(turn.second, ""))
    conditions = (again, turn.missed, turn.missed & turn.next.is_(None))
    sums = (sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0) for condition in conditions)
    return Followed(*(int(value) for value in connection.execute(sa.select(*sums)).one()))
