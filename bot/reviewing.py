"""Why somebody should look at a turn: the helpdesk's inbox holds what was not answered, or not for sure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.nlu.fallback_classifier import NLU_FALLBACK
from bot.project.model import ComponentSpec
from bot.storage.review import Kind
from bot.training.prediction import scope_of
from bot.training.thresholds import fallback_of, present_thresholds

WEAK_MARGIN = 0.15
"""An answer is weak when its confidence is less than so much above the threshold."""


@dataclass(frozen=True, slots=True)
class ReviewRule:
    """What a pipeline calls sure."""

    threshold: float
    """Least confidence of an intent that is answered; 0 when the pipeline never doubts."""
    out_of_scope: str
    """The intent of what the assistant has no answer to."""

    @classmethod
    def of(cls, specs: Sequence[ComponentSpec]) -> ReviewRule:
        """The rule that a pipeline's own options give."""
        fallback = fallback_of(specs)
        return cls(present_thresholds(fallback)[0] if fallback else 0.0, scope_of(specs).out_of_scope)

    def kind(self, parsed: Mapping[str, Any]) -> Kind | None:
        """Why a message should be looked at.

        Args:
            parsed: its parse result; not of a payload, which is sure by nature.

        Returns:
            None when it was understood for sure.
        """
        intent = parsed["intent"]
        if intent["name"] == NLU_FALLBACK:
            best = (item["confidence"] for item in parsed["intent_ranking"] if item["name"] != NLU_FALLBACK)
            return "doubt" if next(best, 0.0) < self.threshold else "close"
        if intent["name"] == self.out_of_scope:
            return "unanswered"
        sure = not self.threshold or intent["confidence"] >= self.threshold + WEAK_MARGIN
        return None if sure else "weak"
