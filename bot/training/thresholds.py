"""How sure the assistant must be to answer: FallbackClassifier's two thresholds, chosen from predictions.

Each pair of a grid is tried on the same predictions. A wrong answer costs most, « je ne sais pas » although the page answers
less, a question with buttons least; the cheapest pair is proposed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.nlu.fallback_classifier import NLU_FALLBACK, FallbackClassifier
from bot.project.model import ComponentSpec
from bot.training.metrics import Share
from bot.training.prediction import OUTCOMES, Outcome, Prediction, Scope

THRESHOLDS = tuple(round(0.02 * step, 2) for step in range(5, 50))
"""From 0.10 to 0.98."""
AMBIGUITIES = tuple(round(0.02 * step, 2) for step in range(21))
"""From 0 to 0.40."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What an outcome costs; a right answer costs nothing."""

    wrong: float = 5.0
    declined: float = 1.0
    asked: float = 0.4

    def of(self, outcome: Outcome) -> float:
        """The cost of one sentence."""
        return {"right": 0.0, "asked": self.asked, "declined": self.declined, "wrong": self.wrong}[outcome]


@dataclass(frozen=True, slots=True)
class Point:
    """What a pair of thresholds gives."""

    threshold: float
    ambiguity: float
    in_scope: tuple[int, ...]
    """Sentences with each of OUTCOMES."""
    out_of_scope: tuple[int, ...]
    cost: float
    """Mean of all sentences."""

    def share(self, outcome: Outcome, *, outside: bool = False) -> Share:
        """The share of an outcome, in scope or outside."""
        counts = self.out_of_scope if outside else self.in_scope
        return Share(counts[OUTCOMES.index(outcome)], sum(counts))

    def to_json(self) -> dict[str, Any]:
        """As JSON: numbers of sentences by outcome."""
        return {
            "threshold": self.threshold,
            "ambiguity_threshold": self.ambiguity,
            "in_scope": dict(zip(OUTCOMES, self.in_scope, strict=True)),
            "out_of_scope": dict(zip(OUTCOMES, self.out_of_scope, strict=True)),
            "cost": self.cost,
        }


@dataclass(frozen=True, slots=True)
class Choice:
    """What to write, and what speaks for it."""

    present: Point
    """The configuration as it is."""
    proposed: Point
    curve: tuple[Point, ...]
    """The threshold moved, the proposed ambiguity kept."""

    def to_json(self) -> dict[str, Any]:
        """As JSON (docs/evaluation.md)."""
        return {
            "format": 1,
            "present": self.present.to_json(),
            "proposed": self.proposed.to_json(),
            "curve": [point.to_json() for point in self.curve],
        }


def fallback_of(specs: Sequence[ComponentSpec]) -> ComponentSpec | None:
    """The entry of FallbackClassifier, None when the pipeline has none."""
    return next((spec for spec in specs if spec.name.rpartition(".")[2] == "FallbackClassifier"), None)


def present_thresholds(spec: ComponentSpec) -> tuple[float, float]:
    """The threshold and the ambiguity threshold of an entry, defaults included."""
    options = {**FallbackClassifier.OPTIONS, **spec.options}
    return float(options["threshold"]), float(options["ambiguity_threshold"])


def choose_thresholds(
    predictions: Sequence[Prediction],
    scope: Scope,
    present: tuple[float, float],
    costs: Costs | None = None,
    least_right: float = 0.0,
) -> Choice:
    """Try all pairs of the grid.

    Args:
        predictions: of sentences that the models have not seen; the confidences count, not what was decided.
        scope: what the configuration says about its intents.
        present: thresholds now. Of pairs that cost the same the nearest to them is proposed.
        costs: of the outcomes.
        least_right: share of the sentences in scope, from 0 to 1, that must be right; when no pair does it, the pair with the
            most right ones is proposed.

    Returns:
        The present pair, the proposed one and the curve through it.

    Raises:
        ValueError: no predictions.
    """
    if not predictions:
        raise ValueError("no predictions to choose thresholds from")
    tries = _Tries(predictions, scope, costs or Costs())
    now = tries.point(*present)
    pairs = {(threshold, ambiguity) for threshold in THRESHOLDS for ambiguity in AMBIGUITIES} | {present}

    def preference(point: Point) -> tuple[float, float, float, float]:
        distance = abs(point.threshold - present[0]) + abs(point.ambiguity - present[1])
        return round(point.cost, 9), round(distance, 9), point.threshold, point.ambiguity

    points = [tries.point(*pair) for pair in sorted(pairs)]
    needed = min(least_right, max(point.share("right").share for point in points))
    proposed = min((point for point in points if point.share("right").share >= needed), key=preference)
    moved = sorted({*THRESHOLDS, proposed.threshold})
    return Choice(now, proposed, tuple(tries.point(threshold, proposed.ambiguity) for threshold in moved))


def threshold_curve(
    predictions: Sequence[Prediction], scope: Scope, present: tuple[float, float], costs: Costs | None = None
) -> tuple[Point, ...]:
    """What each threshold of the grid, and the present one, would give with the ambiguity threshold as it is.

    Args:
        predictions: of sentences that the model has not seen.
        scope: what the configuration says about its intents.
        present: thresholds now.
        costs: of the outcomes.

    Returns:
        The points by rising threshold; none without predictions.
    """
    if not predictions:
        return ()
    tries = _Tries(predictions, scope, costs or Costs())
    return tuple(tries.point(threshold, present[1]) for threshold in sorted({*THRESHOLDS, present[0]}))


class _Tries:
    """Outcomes of the predictions when they are answered and when they are in doubt."""

    def __init__(self, predictions: Sequence[Prediction], scope: Scope, costs: Costs) -> None:
        self._confidence = np.asarray([item.confidence for item in predictions])
        self._margin = np.asarray([_margin(item) for item in predictions])
        self._answered = _codes([scope.outcome_of(item, item.likeliest) for item in predictions])
        self._doubted = _codes([scope.outcome_of(item, NLU_FALLBACK) for item in predictions])
        self._outside = np.asarray([item.expected == scope.out_of_scope for item in predictions])
        self._costs = np.asarray([costs.of(outcome) for outcome in OUTCOMES])

    def point(self, threshold: float, ambiguity: float) -> Point:
        """What FallbackClassifier would do with these options."""
        doubtful = (self._confidence < threshold) | (self._margin < ambiguity)
        codes = np.where(doubtful, self._doubted, self._answered)
        inside, outside = self._counts(codes[~self._outside]), self._counts(codes[self._outside])
        return Point(threshold, ambiguity, inside, outside, float(self._costs[codes].mean()))

    @staticmethod
    def _counts(codes: npt.NDArray[np.intp]) -> tuple[int, ...]:
        return tuple(int(count) for count in np.bincount(codes, minlength=len(OUTCOMES)))


def _margin(prediction: Prediction) -> float:
    """How much likelier the first intent is than the second; nothing is ambiguous about an only one."""
    if len(prediction.ranking) < 2:
        return 1.0
    return prediction.ranking[0][1] - prediction.ranking[1][1]


def _codes(outcomes: Sequence[Outcome]) -> npt.NDArray[np.intp]:
    return np.asarray([OUTCOMES.index(outcome) for outcome in outcomes], dtype=np.intp)
