"""What people ask and what they get: figures for `Store.look`, the same before and after retention took the texts.

Recent days are counted from `answers`, older ones from `daily`; a message is in one of them. Days are UTC: in
`daily` nothing tells hours any more, and a day that meant another thing once its texts are gone would change its figures.
Response times, questions and what followed a miss are known for as long as texts are kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.storage.conversations import day_of
from bot.storage.outcomes import Outcome, Outcomes
from bot.storage.schema import answers, daily

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, UTC, the first and the last included."""

    first: date
    last: date

    @classmethod
    def latest(cls, days: int, now: float) -> Period:
        """So many days up to today.

        Args:
            days: how many, today included.
            now: seconds since 1970.
        """
        today = date.fromisoformat(day_of(now))
        return cls(today - timedelta(days=days - 1), today)

    @property
    def days(self) -> list[date]:
        """Its days, oldest first."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def seconds(self) -> tuple[float, float]:
        """When it begins and when it is over, in seconds since 1970."""
        begin = datetime(self.first.year, self.first.month, self.first.day, tzinfo=UTC)
        return begin.timestamp(), begin.timestamp() + 86_400.0 * len(self.days)


@dataclass(frozen=True, slots=True)
class Line:
    """Messages of a day, a channel, an intent and a response."""

    day: date
    channel: str
    intent: str
    """Empty when there was none."""
    response: str
    """The first that was said; empty when it had no name."""
    asked: int
    helpful: int
    unhelpful: int


@dataclass(slots=True)
class Figures:
    """What some messages got."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    helpful: int = 0
    unhelpful: int = 0

    @property
    def asked(self) -> int:
        """How many messages."""
        return self.outcomes.total()

    @property
    def questions(self) -> int:
        """How many of them asked something."""
        return self.asked - self.outcomes[Outcome.SMALL_TALK]

    def share(self, outcome: Outcome) -> float | None:
        """Part of the questions that got this, 0 to 1; None without questions, and of what is no question."""
        is_part = self.questions and outcome is not Outcome.SMALL_TALK
        return self.outcomes[outcome] / self.questions if is_part else None

    @property
    def helpful_share(self) -> float | None:
        """Part of the opinions that say « helpful », 0 to 1; None without opinions."""
        opinions = self.helpful + self.unhelpful
        return self.helpful / opinions if opinions else None


def lines(connection: Connection, period: Period) -> list[Line]:
    """All messages of a period, counted.

    Args:
        connection: in a transaction that sees one moment.
        period: which days.

    Returns:
        One line a day, channel, intent and response, in this order.
    """
    found: dict[tuple[str, str, str, str], list[int]] = {}
    for query in (_asked, _kept):
        for row in connection.execute(query(period)):
            sums = found.setdefault((row[0], row[1], row[2], row[3]), [0, 0, 0])
            for place, count in enumerate(row[4:]):
                sums[place] += int(count)
    return [Line(date.fromisoformat(key[0]), key[1], key[2], key[3], *sums) for key, sums in sorted(found.items())]


_Counted = sa.Select[str, str, str, str, int, int, int]


def _asked(period: Period) -> _Counted:
    columns = answers.c.day, answers.c.channel, answers.c.intent, answers.c.outcome
    named = columns[0], columns[1], sa.func.coalesce(columns[2], ""), sa.func.coalesce(columns[3], "")
    yes, no = (sa.func.sum(sa.case((answers.c.helpful.is_(value), 1), else_=0)) for value in (True, False))
    query = sa.select(*named, sa.func.count(), yes, no).group_by(*columns)  # as the index has them
    return query.where(answers.c.day.between(*_ends(period)))


def _kept(period: Period) -> _Counted:
    query = sa.select(daily.c.day, daily.c.channel, daily.c.intent, daily.c.outcome)
    query = query.add_columns(daily.c.answers, daily.c.helpful, daily.c.unhelpful)
    return query.where(daily.c.day.between(*_ends(period)))


def _ends(period: Period) -> tuple[str, str]:
    return period.first.isoformat(), period.last.isoformat()


def totals(counted: Iterable[Line], outcomes: Outcomes) -> Figures:
    """The figures of all messages together."""
    return by(counted, outcomes, lambda _: None).get(None, Figures())


def by(counted: Iterable[Line], outcomes: Outcomes, key: Callable[[Line], Key]) -> dict[Key, Figures]:
    """The figures of groups of messages, in the order in which they come.

    Args:
        counted: what `lines` found.
        outcomes: which response counts as what.
        key: to which group a line belongs, such as its day.
    """
    kinds: dict[str, Outcome] = {}
    found: dict[Key, Figures] = {}
    for line in counted:
        outcome = kinds.get(line.response) or kinds.setdefault(line.response, outcomes.of(line.response))
        group = key(line)
        figures = found.get(group) or found.setdefault(group, Figures())
        figures.outcomes[outcome] += line.asked
        figures.helpful += line.helpful
        figures.unhelpful += line.unhelpful
    return found


def by_day(counted: Iterable[Line], outcomes: Outcomes, period: Period) -> dict[date, Figures]:
    """The figures of every day of a period, also of those on which nobody asked anything."""
    found = by(counted, outcomes, lambda line: line.day)
    return {day: found.get(day, Figures()) for day in period.days}
