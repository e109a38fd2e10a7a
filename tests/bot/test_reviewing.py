"""Which turns go to the inbox, and why."""

from typing import Any

import pytest

from bot.project.model import ComponentSpec
from bot.reviewing import ReviewRule

SPECS = (
    ComponentSpec("FallbackClassifier", {"threshold": 0.4, "ambiguity_threshold": 0.1}),
    ComponentSpec("bot.nlu.question_splitter.QuestionSplitter", {"out_of_scope": "hors_sujet"}),
)


def parsed(intent: str, *ranking: tuple[str, float]) -> dict[str, Any]:
    items = [{"name": name, "confidence": confidence} for name, confidence in ranking]
    return {"intent": {"name": intent, "confidence": items[0]["confidence"] if items else 0.4}, "intent_ranking": items}


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        (parsed("hors_sujet", ("hors_sujet", 0.9)), "unanswered"),
        (parsed("hors_sujet", ("hors_sujet", 0.45)), "unanswered"),
        (parsed("nlu_fallback", ("nlu_fallback", 0.4), ("a", 0.39), ("b", 0.1)), "doubt"),
        (parsed("nlu_fallback", ("nlu_fallback", 0.4), ("a", 0.48), ("b", 0.45)), "close"),
        (parsed("nlu_fallback", ("nlu_fallback", 0.4)), "doubt"),
        (parsed("nlu_fallback"), "doubt"),
        (parsed("a", ("a", 0.54), ("b", 0.2)), "weak"),
        (parsed("a", ("a", 0.55), ("b", 0.2)), None),
        (parsed("salutation", ("salutation", 0.99)), None),
    ],
)
def test_the_rule(found: dict[str, Any], kind: str | None) -> None:
    assert ReviewRule.of(SPECS).kind(found) == kind


def test_a_pipeline_that_never_doubts_has_no_weak_answers() -> None:
    rule = ReviewRule.of((ComponentSpec("LogisticRegressionClassifier", {}),))
    assert rule == ReviewRule(0.0, "out_of_scope")
    assert rule.kind(parsed("a", ("a", 0.01))) is None
    assert rule.kind(parsed("out_of_scope", ("out_of_scope", 0.9))) == "unanswered"
