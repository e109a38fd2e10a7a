"""What a test of the understanding found, in one value: the command shows it, files keep it, the console reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.training.metrics import (
    Bin,
    IntentScores,
    Macro,
    Share,
    calibration_error,
    confidence_bins,
    confusion,
    intent_scores,
    macro,
)
from bot.training.nearest import Neighbour
from bot.training.prediction import OUTCOMES, Outcome, Prediction, Scope

FORMAT = 1
"""Of the JSON; a key that changes its meaning or goes away makes it the next (docs/evaluation.md)."""
_WORST_FIRST = {"wrong": 0, "declined": 1, "asked": 2, "right": 3}

Nearest = Mapping[Prediction, tuple[Neighbour, ...]]


@dataclass(frozen=True, slots=True)
class Judged:
    """A prediction and how good it is."""

    prediction: Prediction
    outcome: Outcome
    nearest: tuple[Neighbour, ...] = ()


@dataclass(frozen=True, slots=True)
class NluReport:
    """A test of the understanding."""

    source: str
    """The file of the sentences; `data/` for a cross-validation."""
    folds: int | None
    """Of a cross-validation; None for sentences kept apart from the training data."""
    model: str | None
    """Id of the model that was tested; None for the models of a cross-validation."""
    judged: tuple[Judged, ...]
    """All sentences, in the order of the file."""
    in_scope: Mapping[Outcome, Share]
    out_of_scope: Mapping[Outcome, Share]
    intents: tuple[IntentScores, ...]
    macro: Macro
    confusion: Mapping[tuple[str, str], int]
    """Sentences by expected and found intent, empty cells left out."""
    bins: tuple[Bin, ...]
    calibration_error: float

    @property
    def right(self) -> Share:
        """Sentences answered rightly, in and out of scope."""
        return Share(sum(item.outcome == "right" for item in self.judged), len(self.judged))

    @property
    def errors(self) -> tuple[Judged, ...]:
        """What is not right, worst first: wrong answers by falling confidence, then what was declined or asked."""
        found = [item for item in self.judged if item.outcome != "right"]
        return tuple(sorted(found, key=lambda item: (_WORST_FIRST[item.outcome], -item.prediction.confidence)))

    @property
    def protected(self) -> tuple[Judged, ...]:
        """Sentences that must be right."""
        return tuple(item for item in self.judged if item.prediction.protected)

    @property
    def protected_not_right(self) -> tuple[Judged, ...]:
        """Those of them that are not."""
        return tuple(item for item in self.protected if item.outcome != "right")

    def to_json(self) -> dict[str, Any]:
        """The report as JSON (docs/evaluation.md says what each key means)."""
        return {
            "format": FORMAT,
            "source": self.source,
            "folds": self.folds,
            "model": self.model,
            "sentences": len(self.judged),
            "right": share_json(self.right),
            "in_scope": {outcome: share_json(share) for outcome, share in self.in_scope.items()},
            "out_of_scope": {outcome: share_json(share) for outcome, share in self.out_of_scope.items()},
            "macro": {"precision": self.macro.precision, "recall": self.macro.recall, "f1": self.macro.f1},
            "intents": [_scores_json(scores) for scores in self.intents],
            "confusion": [
                {"expected": expected, "found": found, "count": count}
                for (expected, found), count in sorted(self.confusion.items())
            ],
            "bins": [_bin_json(item) for item in self.bins],
            "calibration_error": self.calibration_error,
            "protected": {
                "total": len(self.protected),
                "not_right": [place_json(item.prediction) for item in self.protected_not_right],
            },
            "errors": [_error_json(item) for item in self.errors],
        }


def nlu_report(
    predictions: Sequence[Prediction],
    scope: Scope,
    *,
    source: str,
    nearest: Nearest | None = None,
    folds: int | None = None,
    model: str | None = None,
) -> NluReport:
    """Judge predictions and count.

    Args:
        predictions: of sentences whose intent is known.
        scope: what the configuration says about its intents.
        source: where the sentences are from.
        nearest: training sentences near those that are not right.
        folds: of a cross-validation.
        model: id of the model, unless there were several.
    """
    near = nearest or {}
    judged = tuple(Judged(item, scope.outcome(item), near.get(item, ())) for item in predictions)
    outside = [item for item in judged if item.prediction.expected == scope.out_of_scope]
    inside = [item for item in judged if item.prediction.expected != scope.out_of_scope]
    bins, scores = confidence_bins(predictions), intent_scores(predictions)
    return NluReport(
        source=source,
        folds=folds,
        model=model,
        judged=judged,
        in_scope=outcome_shares(inside, OUTCOMES),
        out_of_scope=outcome_shares(outside, ("right", "asked", "wrong")),
        intents=scores,
        macro=macro(scores),
        confusion=confusion(predictions),
        bins=bins,
        calibration_error=calibration_error(bins),
    )


def outcome_shares(judged: Sequence[Judged], outcomes: Sequence[Outcome]) -> dict[Outcome, Share]:
    """How many sentences have each outcome."""
    counts = Counter(item.outcome for item in judged)
    return {outcome: Share(counts[outcome], len(judged)) for outcome in outcomes}


def share_json(share: Share) -> dict[str, Any]:
    """A share and its 95 % interval."""
    low, high = share.interval
    return {"count": share.count, "total": share.total, "share": share.share, "low": low, "high": high}


def place_json(prediction: Prediction) -> dict[str, Any]:
    """A sentence and where it is."""
    return {"text": prediction.text, "file": prediction.location.file, "line": prediction.location.line}


def _scores_json(scores: IntentScores) -> dict[str, Any]:
    return {
        "intent": scores.intent,
        "support": scores.support,
        "found": scores.found,
        "right": scores.right,
        "precision": scores.precision,
        "recall": scores.recall,
        "f1": scores.f1,
    }


def _bin_json(item: Bin) -> dict[str, Any]:
    return {
        "low": item.low,
        "high": item.high,
        "right": item.right,
        "wrong": item.wrong,
        "confidence": item.confidence,
        "share_right": item.share_right,
    }


def _error_json(item: Judged) -> dict[str, Any]:
    prediction = item.prediction
    return {
        **place_json(prediction),
        "expected": prediction.expected,
        "accept": sorted(prediction.accept),
        "found": prediction.found,
        "outcome": item.outcome,
        "confidence": prediction.confidence,
        "ranking": [{"intent": intent, "confidence": confidence} for intent, confidence in prediction.ranking[:3]],
        "protected": prediction.protected,
        "nearest": [
            {
                "text": near.example.text,
                "intent": near.example.intent,
                "similarity": near.similarity,
                "file": near.example.location.file,
                "line": near.example.location.line,
            }
            for near in item.nearest
        ],
    }
