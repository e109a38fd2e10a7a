"""What the screen shows of a proof: the JSON of the job's result as rows, cells and lists of sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

from bot.training.prediction import OUTCOMES

Body = Mapping[str, Any]
Side = Literal["candidate", "published"]
SHADES = 5
"""Of the cells of a matrix: how much of its row a cell has."""
GROUPS = ("broken", "fixed", "still_wrong")
SCOPES = ("in_scope", "out_of_scope")


@dataclass(frozen=True, slots=True)
class Row:
    """An outcome's share with both models."""

    outcome: str
    published: Body
    """`count`, `total`, `share`."""
    candidate: Body

    @property
    def points(self) -> float:
        """The candidate's share less the published model's, in percentage points."""
        return 100 * (float(self.candidate["share"]) - float(self.published["share"]))


@dataclass(frozen=True, slots=True)
class Cell:
    """Sentences of one intent in which one intent was found."""

    found: str
    count: int
    shade: int
    """From 0 (none) to SHADES - 1."""
    is_right: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A matrix's row."""

    expected: str
    total: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Which intent was found in the sentences of which."""

    found: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """What a threshold would give."""

    threshold: float
    in_scope: Mapping[str, float]
    """Shares by outcome."""
    out_of_scope: Mapping[str, float]
    is_present: bool
    is_proposed: bool


def figures(result: Body, scope: str) -> list[Row]:
    """The outcomes of the sentences in scope, or of those outside."""
    published, candidate = result["published"][scope], result["candidate"][scope]
    return [Row(outcome, published[outcome], candidate[outcome]) for outcome in OUTCOMES if outcome in candidate]


def sentences(result: Body) -> list[dict[str, Any]]:
    """All sentences, with what both models found."""
    return list(result["comparison"]["sentences"])


def group(result: Body, name: str) -> list[dict[str, Any]]:
    """The sentences of a group, protected ones first, then what is worst."""
    found = [item for item in sentences(result) if _group_of(item) == name]
    order = {outcome: number for number, outcome in enumerate(reversed(OUTCOMES))}
    return sorted(found, key=lambda item: (not item["protected"], order[item["candidate"]["outcome"]]))


def cell(result: Body, side: Side, expected: str, found: str) -> list[dict[str, Any]]:
    """The sentences of a matrix's cell."""
    return [item for item in sentences(result) if item["expected"] == expected and item[side]["counted"] == found]


def matrix(result: Body, side: Side) -> Matrix:
    """The confusion matrix of one model; what was never found has no column."""
    counts = Counter((item["expected"], item[side]["counted"]) for item in sentences(result))
    rows = sorted({expected for expected, _ in counts})
    columns = _columns(rows, {found for _, found in counts})
    lines = []
    for expected in rows:
        total = sum(counts[expected, found] for found in columns)
        cells = (Cell(name, counts[expected, name], shade(counts[expected, name], total), name == expected) for name in columns)
        lines.append(Line(expected, total, tuple(cells)))
    return Matrix(columns, tuple(lines))


def shade(count: int, total: int) -> int:
    """How dark a cell is: 0 for none, then by quarters of its row."""
    if not count:
        return 0
    return min(SHADES - 1, 1 + int((SHADES - 1) * count / total)) if count < total else SHADES - 1


def curve(result: Body) -> list[Point]:
    """What each threshold would give; empty when the candidate has none."""
    thresholds = result["thresholds"]
    if thresholds is None:
        return []
    present, proposed = thresholds["present"], thresholds["proposed"]
    stays = proposed["ambiguity_threshold"] == present["ambiguity_threshold"]
    return [
        Point(
            threshold=float(point["threshold"]),
            in_scope=_shares(point["in_scope"]),
            out_of_scope=_shares(point["out_of_scope"]),
            is_present=point["threshold"] == present["threshold"],
            is_proposed=stays and point["threshold"] == proposed["threshold"],
        )
        for point in thresholds["curve"]
    ]


def chosen(points: Sequence[Point], wanted: str) -> Point:
    """The point whose threshold was asked for; the present one when none is near."""
    present = next(point for point in points if point.is_present)
    try:
        threshold = float(wanted)
    except ValueError:
        return present
    return min(points, key=lambda point: abs(point.threshold - threshold)) if isfinite(threshold) else present


def _group_of(item: Mapping[str, Any]) -> str:
    was, now = item["published"]["outcome"] == "right", item["candidate"]["outcome"] == "right"
    return "still_right" if was and now else "broken" if was else "fixed" if now else "still_wrong"


def _columns(rows: Sequence[str], found: set[str]) -> tuple[str, ...]:
    """The rows' own intents in their order, so that what is right is on the diagonal; then the others."""
    return tuple([name for name in rows if name in found] + sorted(found - set(rows)))


def _shares(counts: Mapping[str, int]) -> dict[str, float]:
    total = sum(counts.values()) or 1
    return {outcome: counts[outcome] / total for outcome in OUTCOMES}
