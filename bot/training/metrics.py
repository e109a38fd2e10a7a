"""Figures that tell how good predictions are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from bot.nlu.fallback_classifier import NLU_FALLBACK
from bot.training.prediction import Prediction

Z = 1.959964
"""Quantile of the normal distribution for 95 % intervals."""
BINS = 10
"""Equal bins of confidence."""


@dataclass(frozen=True, slots=True)
class Share:
    """A number of sentences of a total."""

    count: int
    total: int

    @property
    def share(self) -> float:
        """From 0 to 1; 0 of nothing."""
        return self.count / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval (Wilson 1927), from 0 to 1 both; all of it when nothing was counted."""
        if not self.total:
            return 0.0, 1.0
        spread = Z * Z / self.total
        centre = (self.share + spread / 2) / (1 + spread)
        half = Z / (1 + spread) * sqrt(self.share * (1 - self.share) / self.total + spread / (4 * self.total))
        return max(0.0, centre - half), min(1.0, centre + half)


@dataclass(frozen=True, slots=True)
class IntentScores:
    """How well an intent is found."""

    intent: str
    support: int
    """Sentences that mean it."""
    found: int
    """Sentences in which it was found."""
    right: int

    @property
    def precision(self) -> float:
        """Share of `found` that is right; 0 when it was never found."""
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """Share of `support` that was found; 0 when no sentence means it."""
        return self.right / self.support if self.support else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.right / (self.support + self.found) if self.support + self.found else 0.0


@dataclass(frozen=True, slots=True)
class Macro:
    """Means over the intents that some sentence means, each counting the same."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Sentences whose likeliest intent has a confidence from `low` to `high`."""

    low: float
    high: float
    right: int
    """Sentences of which the likeliest intent is right."""
    wrong: int
    confidence: float
    """Mean confidence; the middle of the bin when it is empty."""

    @property
    def total(self) -> int:
        """All sentences of the bin."""
        return self.right + self.wrong

    @property
    def share_right(self) -> float:
        """What the confidence should be; 0 when the bin is empty."""
        return self.right / self.total if self.total else 0.0


def confusion(predictions: Iterable[Prediction]) -> Counter[tuple[str, str]]:
    """How often each intent (second) was found where another or the same (first) was expected."""
    return Counter((prediction.expected, prediction.counted) for prediction in predictions)


def intent_scores(predictions: Iterable[Prediction]) -> tuple[IntentScores, ...]:
    """Scores of each intent that was expected or found, in alphabetical order; doubt finds none."""
    cells = confusion(predictions)
    support: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for (expected, counted), number in cells.items():
        support[expected] += number
        found[counted] += number
    names = sorted(set(support) | (set(found) - {NLU_FALLBACK}))
    return tuple(IntentScores(name, support[name], found[name], cells[name, name]) for name in names)


def macro(scores: Sequence[IntentScores]) -> Macro:
    """Means over the intents with support."""
    meant = [score for score in scores if score.support]
    count = len(meant) or 1
    return Macro(
        sum(score.precision for score in meant) / count,
        sum(score.recall for score in meant) / count,
        sum(score.f1 for score in meant) / count,
    )


def confidence_bins(predictions: Iterable[Prediction], count: int = BINS) -> tuple[Bin, ...]:
    """Sentences by the confidence of their likeliest intent, whether or not the assistant was sure enough to answer."""
    right, wrong, total = [0] * count, [0] * count, [0.0] * count
    for prediction in predictions:
        number = min(count - 1, int(prediction.confidence * count))
        total[number] += prediction.confidence
        if prediction.likeliest in prediction.wanted:
            right[number] += 1
        else:
            wrong[number] += 1
    bins = []
    for number in range(count):
        held = right[number] + wrong[number]
        middle = (number + 0.5) / count
        mean = total[number] / held if held else middle
        bins.append(Bin(number / count, (number + 1) / count, right[number], wrong[number], mean))
    return tuple(bins)


def calibration_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error: mean distance between confidence and share right, weighed by sentences (Naeini 2015)."""
    total = sum(item.total for item in bins)
    return sum(item.total * abs(item.confidence - item.share_right) for item in bins) / total if total else 0.0
