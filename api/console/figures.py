"""The tables of the screen « Savoir », from what is stored."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection

from api.console.tables import Column, Table, Value
from bot.storage import response_times, statistics, unanswered
from bot.storage.outcomes import MISSES, Outcome, Outcomes
from bot.storage.statistics import Figures, Line, Period

SHOWN = (Outcome.ANSWERED, Outcome.CLARIFIED, Outcome.DECLINED, Outcome.HANDED_OVER, Outcome.FAILED)
"""What a question may get, in the order of the columns."""
QUESTIONS = 20
"""Questions without an answer that are listed."""
OF_LINES = frozenset({"bilan", "jours", "sujets", "canaux"})
OF_TIMES = frozenset({"temps", "temps-canaux"})
TABLES = OF_LINES | OF_TIMES | {"questions"}
"""Keys of the tables, by what they are read from."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a visitor wants to see."""

    period: Period
    channel: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """What the database says, of one moment."""

    lines: list[Line]
    channels: list[str]
    """Those of the period, whichever is wanted."""
    took: list[response_times.Took]
    questions: list[unanswered.Question]


def find(connection: Connection, wanted: Wanted, tables: Collection[str] = TABLES) -> Found:
    """Read what some tables say; for `Store.look`."""
    lines = statistics.lines(connection, wanted.period) if OF_LINES & set(tables) else []
    timed, asked = OF_TIMES & set(tables), "questions" in tables
    return Found(
        [line for line in lines if wanted.channel in (None, line.channel)],
        sorted({line.channel for line in lines}),
        response_times.took(connection, wanted.period, wanted.channel) if timed else [],
        unanswered.questions(connection, wanted.period, wanted.channel, QUESTIONS) if asked else [],
    )


def find_followed(connection: Connection, wanted: Wanted, outcomes: Outcomes) -> unanswered.Followed:
    """Read what came after the questions; for `Store.look`."""
    lines = statistics.lines(connection, wanted.period)
    misses = {line.response for line in lines if outcomes.of(line.response) in MISSES}
    return unanswered.followed(connection, wanted.period, misses, wanted.channel)


class Report:
    """What was found, as tables.

    Args:
        found: what the database says.
        wanted: what the visitor wants to see.
        outcomes: which response counts as what.
        topics: titles of intents.
        texts: French names of columns, tables and outcomes; section `savoir` of texts.yml.
    """

    def __init__(
        self, found: Found, wanted: Wanted, outcomes: Outcomes, topics: Mapping[str, str], texts: Mapping[str, Any]
    ) -> None:
        self._found = found
        self._wanted = wanted
        self._outcomes = outcomes
        self._topics = topics
        self._t = texts
        self.total = statistics.totals(found.lines, outcomes)

    def tables(self) -> dict[str, Table]:
        """All tables, by key."""
        made = (
            self.overview(),
            self.days(),
            self.topics(),
            self.channels(),
            self.questions(),
            self.times(),
            self.channel_times(),
        )
        return {table.key: table for table in made}

    def overview(self) -> Table:
        """What the questions got, altogether."""
        columns = self._columns("recu:text", "nombre:count", "part:share")
        names = self._t["resultats"]
        rows: list[list[Value]] = [
            [names[kind.value], self.total.outcomes[kind], self.total.share(kind)] for kind in (*SHOWN, Outcome.SMALL_TALK)
        ]
        return self._table("bilan", columns, rows)

    def days(self) -> Table:
        """The figures day by day."""
        found = statistics.by_day(self._found.lines, self._outcomes, self._wanted.period)
        return self._figures("jours", "jour:day", [(day, figures) for day, figures in found.items()])

    def topics(self) -> Table:
        """The figures by topic, most asked first."""
        found = statistics.by(self._found.lines, self._outcomes, lambda line: line.intent)
        ordered = sorted(found.items(), key=lambda item: (-item[1].asked, item[0]))
        return self._figures("sujets", "sujet:text", [(self.topic(intent), figures) for intent, figures in ordered])

    def channels(self) -> Table:
        """The figures by channel."""
        found = statistics.by(self._found.lines, self._outcomes, lambda line: line.channel)
        return self._figures("canaux", "canal:text", [(self.channel(name), figures) for name, figures in found.items()])

    def questions(self) -> Table:
        """The questions without an answer, most asked first."""
        columns = self._columns("question:text", "nombre:count", "derniere:moment")
        rows: list[list[Value]] = [[item.text, item.count, item.latest] for item in self._found.questions]
        return self._table("questions", columns, rows)

    def times(self) -> Table:
        """Response times, day by day; days without a measure are left out."""
        found = response_times.times(self._found.took, lambda item: item.day)
        return self._times("temps", "jour:day", dict(sorted(found.items())))

    def channel_times(self) -> Table:
        """Response times by channel."""
        found = response_times.times(self._found.took, lambda item: self.channel(item.channel))
        return self._times("temps-canaux", "canal:text", found)

    def all_times(self) -> response_times.Times | None:
        """Response times of the whole period; None when none was measured."""
        return response_times.times(self._found.took, lambda _: None).get(None)

    def topic(self, intent: str) -> str:
        """A topic's name for people."""
        own: Mapping[str, str] = self._t["sujets_sans_titre"]
        return own.get(intent or "aucun") or self._topics.get(intent) or intent

    def channel(self, name: str) -> str:
        """A channel's name for people."""
        own: Mapping[str, str] = self._t["noms_de_canaux"]
        return own.get(name, name)

    def _figures(self, key: str, first: str, groups: list[tuple[Any, Figures]]) -> Table:
        kinds = [column for kind in SHOWN for column in (f"{kind.value}:count", f"{kind.value}_part:share")]
        names = [first, "messages:count", "demandes:count", *kinds, "utile:count", "utile_part:share", "inutile:count"]
        rows: list[list[Value]] = []
        for name, figures in groups:
            got = [value for kind in SHOWN for value in (figures.outcomes[kind], figures.share(kind))]
            rows.append([name, figures.asked, figures.questions, *got, figures.helpful, figures.helpful_share, figures.unhelpful])
        return self._table(key, self._columns(*names), rows)

    def _times(self, key: str, first: str, groups: Mapping[Any, response_times.Times]) -> Table:
        columns = self._columns(first, "mesures:count", "p50:milliseconds", "p95:milliseconds", "p99:milliseconds")
        rows: list[list[Value]] = [[name, item.count, item.p50, item.p95, item.p99] for name, item in groups.items()]
        return self._table(key, columns, rows)

    def _columns(self, *names: str) -> list[Column]:
        split = (name.partition(":") for name in names)
        return [Column(self._t["colonnes"][name], kind) for name, _, kind in split]  # type: ignore[arg-type]

    def _table(self, key: str, columns: list[Column], rows: list[list[Value]]) -> Table:
        return Table(key, self._t["tableaux"][key], columns, rows)
