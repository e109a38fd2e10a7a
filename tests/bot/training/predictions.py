"""Predictions written by hand, for tests of what is made of them."""

from __future__ import annotations

from bot.project.model import Location
from bot.training.prediction import Prediction

DOUBT = "nlu_fallback"


def predicted(expected: str, *ranking: tuple[str, float], found: str = "", line: int = 1, **more: object) -> Prediction:
    """A prediction of a sentence `expected`; found is the likeliest intent unless it is said."""
    return Prediction(
        text=f"phrase {line}",
        expected=expected,
        found=found or ranking[0][0],
        confidence=ranking[0][1],
        ranking=ranking,
        location=Location("essai.yml", line),
        **more,  # type: ignore[arg-type]
    )
