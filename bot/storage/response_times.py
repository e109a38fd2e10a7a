"""How long answers took, by day and channel; known for as long as texts are kept. A function for `Store.look`."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from math import ceil
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.storage.schema import answers
from bot.storage.statistics import Period

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Took:
    """How many answers of a day and a channel took so long."""

    day: date
    channel: str
    milliseconds: int
    count: int


@dataclass(frozen=True, slots=True)
class Times:
    """The response times of some answers."""

    count: int
    p50: int
    """Milliseconds that half of the answers did not exceed."""
    p95: int
    p99: int


def took(connection: Connection, period: Period, channel: str | None = None) -> list[Took]:
    """How long the answers of a period took.

    Args:
        connection: in a transaction.
        period: which days.
        channel: only this one.
    """
    columns = answers.c.day, answers.c.channel, answers.c.milliseconds  # as the index has them
    query = sa.select(*columns, sa.func.count()).group_by(*columns)
    query = query.where(answers.c.day.between(period.first.isoformat(), period.last.isoformat()))
    query = query.where(answers.c.milliseconds.is_not(None))
    if channel is not None:
        query = query.where(answers.c.channel == channel)
    rows = connection.execute(query)
    return [Took(date.fromisoformat(day), name, int(milliseconds), count) for day, name, milliseconds, count in rows]


def times(found: Iterable[Took], key: Callable[[Took], Key]) -> dict[Key, Times]:
    """The response times of groups of answers.

    Args:
        found: what `took` found.
        key: to which group a count belongs, such as its day.
    """
    groups: dict[Key, Counter[int]] = {}
    for item in found:
        groups.setdefault(key(item), Counter())[item.milliseconds] += item.count
    return {key: _times(counts) for key, counts in groups.items()}


def _times(counts: Counter[int]) -> Times:
    """Nearest-rank percentiles."""
    values = sorted(counts)
    ranks = list(accumulate(counts[value] for value in values))
    p50, p95, p99 = (values[bisect_left(ranks, ceil(share * ranks[-1] / 100))] for share in (50, 95, 99))
    return Times(ranks[-1], p50, p95, p99)
