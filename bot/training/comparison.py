"""A candidate against the published model on the same sentences: what got fixed, what broke, and may it be published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.training.metrics import IntentScores, Share
from bot.training.nlu_report import Judged, NluReport, share_json
from bot.training.prediction import Outcome

FORMAT = 1
"""Of the JSON; a key that changes its meaning or goes away makes it the next."""
Rule = Literal[
    "no_sentences",
    "right_in_scope",
    "helped_in_scope",
    "wrong_in_scope",
    "right_out_of_scope",
    "wrong_out_of_scope",
    "protected",
]
"""What the gate looks at; *helped* is right, or asked with the right answer among the choices."""
_SLACK = 1e-9
"""Percentage points: a difference of exactly the bound is no more than the bound."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence, judged with the published model and with the candidate."""

    published: Judged
    candidate: Judged

    @property
    def protected(self) -> bool:
        """Whether it must be right."""
        return self.candidate.prediction.protected

    @property
    def is_fixed(self) -> bool:
        """Whether it is right now, and was not."""
        return self.candidate.outcome == "right" and self.published.outcome != "right"

    @property
    def is_broken(self) -> bool:
        """Whether it was right, and is not any more."""
        return self.published.outcome == "right" and self.candidate.outcome != "right"

    @property
    def is_still_wrong(self) -> bool:
        """Whether neither model gets it right."""
        return self.published.outcome != "right" and self.candidate.outcome != "right"


@dataclass(frozen=True, slots=True)
class IntentChange:
    """An intent's figures with both models."""

    intent: str
    published: IntentScores
    candidate: IntentScores

    @property
    def f1(self) -> float:
        """How much better the candidate finds it, in percentage points of F1."""
        return 100 * (self.candidate.f1 - self.published.f1)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a candidate may not be published."""

    rule: Rule
    published: Share
    candidate: Share
    sentences: tuple[str, ...] = ()
    """The protected ones that broke."""

    @property
    def points(self) -> float:
        """The candidate's share less the published model's, in percentage points."""
        return _points(self.published, self.candidate)

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "rule": self.rule,
            "published": share_json(self.published),
            "candidate": share_json(self.candidate),
            "points": self.points,
            "sentences": list(self.sentences),
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a candidate passes the gate."""

    reasons: tuple[Reason, ...]
    """All that speaks against it."""

    @property
    def passed(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reasons


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models on the same sentences."""

    published: NluReport
    candidate: NluReport
    pairs: tuple[Pair, ...]
    """All sentences, in the order in which they were asked."""

    @property
    def fixed(self) -> tuple[Pair, ...]:
        """Right now, and were not."""
        return tuple(pair for pair in self.pairs if pair.is_fixed)

    @property
    def broken(self) -> tuple[Pair, ...]:
        """Were right, protected ones first."""
        return tuple(sorted((pair for pair in self.pairs if pair.is_broken), key=lambda pair: not pair.protected))

    @property
    def still_wrong(self) -> tuple[Pair, ...]:
        """Right with neither; what is done instead may have changed."""
        return tuple(pair for pair in self.pairs if pair.is_still_wrong)

    @property
    def intents(self) -> tuple[IntentChange, ...]:
        """Figures of each intent that either model found or a sentence means, in alphabetical order."""
        before = {scores.intent: scores for scores in self.published.intents}
        after = {scores.intent: scores for scores in self.candidate.intents}
        names = sorted({*before, *after})
        return tuple(IntentChange(name, _scores(before, name, after), _scores(after, name, before)) for name in names)

    def to_json(self) -> dict[str, Any]:
        """As JSON; every sentence is in it, so that each cell of a matrix can show its own."""
        return {
            "format": FORMAT,
            "fixed": len(self.fixed),
            "broken": len(self.broken),
            "still_wrong": len(self.still_wrong),
            "intents": [
                {
                    "intent": item.intent,
                    "support": item.candidate.support,
                    "published": _scores_json(item.published),
                    "candidate": _scores_json(item.candidate),
                    "f1_points": item.f1,
                }
                for item in self.intents
            ],
            "sentences": [_pair_json(pair) for pair in self.pairs],
        }


@dataclass(frozen=True, slots=True)
class Gate:
    """How much worse than the published model a candidate may be."""

    most_regression: float
    """Percentage points that a share may be worse, at most; never for protected sentences."""

    def judge(self, comparison: Comparison) -> Verdict:
        """Whether the candidate of a comparison may be published."""
        before, after = comparison.published, comparison.candidate
        if not comparison.pairs:
            return Verdict((Reason("no_sentences", Share(0, 0), Share(0, 0)),))
        reasons = [
            *self._no_lower("right_in_scope", before.in_scope["right"], after.in_scope["right"]),
            *self._no_lower("helped_in_scope", _helped(before.in_scope), _helped(after.in_scope)),
            *self._no_higher("wrong_in_scope", before.in_scope["wrong"], after.in_scope["wrong"]),
            *self._no_lower("right_out_of_scope", before.out_of_scope["right"], after.out_of_scope["right"]),
            *self._no_higher("wrong_out_of_scope", before.out_of_scope["wrong"], after.out_of_scope["wrong"]),
        ]
        lost = [pair.candidate.prediction.text for pair in comparison.broken if pair.protected]
        if lost:
            total = len(after.protected)
            was, now = (Share(total - len(report.protected_not_right), total) for report in (before, after))
            reasons.append(Reason("protected", was, now, tuple(lost)))
        return Verdict(tuple(reasons))

    def _no_lower(self, rule: Rule, before: Share, after: Share) -> Sequence[Reason]:
        return [Reason(rule, before, after)] if -_points(before, after) > self.most_regression + _SLACK else []

    def _no_higher(self, rule: Rule, before: Share, after: Share) -> Sequence[Reason]:
        return [Reason(rule, before, after)] if _points(before, after) > self.most_regression + _SLACK else []


def compare(published: NluReport, candidate: NluReport) -> Comparison:
    """Put two reports of the same sentences side by side.

    Args:
        published: of the model that is served.
        candidate: of the one that may replace it.

    Raises:
        ValueError: they are not about the same sentences in the same order.
    """
    if [_question(item) for item in published.judged] != [_question(item) for item in candidate.judged]:
        raise ValueError("two reports of other sentences cannot be compared")
    pairs = tuple(Pair(before, after) for before, after in zip(published.judged, candidate.judged, strict=True))
    return Comparison(published, candidate, pairs)


def _question(item: Judged) -> tuple[str, str, frozenset[str], bool]:
    prediction = item.prediction
    return prediction.text, prediction.expected, prediction.accept, prediction.protected


def _points(before: Share, after: Share) -> float:
    return 100 * (after.share - before.share)


def _helped(shares: Mapping[Outcome, Share]) -> Share:
    return Share(shares["right"].count + shares["asked"].count, shares["right"].total)


def _scores(mine: Mapping[str, IntentScores], name: str, other: Mapping[str, IntentScores]) -> IntentScores:
    """The scores of an intent; never found when only the other model found it."""
    return mine[name] if name in mine else IntentScores(name, other[name].support, 0, 0)


def _scores_json(scores: IntentScores) -> dict[str, float]:
    return {"precision": scores.precision, "recall": scores.recall, "f1": scores.f1, "found": scores.found, "right": scores.right}


def _pair_json(pair: Pair) -> dict[str, Any]:
    prediction = pair.candidate.prediction
    return {
        "text": prediction.text,
        "file": prediction.location.file,
        "line": prediction.location.line,
        "expected": prediction.expected,
        "accept": sorted(prediction.accept),
        "protected": prediction.protected,
        "published": _judged_json(pair.published),
        "candidate": _judged_json(pair.candidate),
    }


def _judged_json(item: Judged) -> dict[str, Any]:
    prediction = item.prediction
    return {
        "found": prediction.found,
        "counted": prediction.counted,
        "likeliest": prediction.likeliest,
        "confidence": prediction.confidence,
        "outcome": item.outcome,
    }
