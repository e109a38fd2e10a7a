"""A candidate against the published model, and the gate rule by rule."""

import json

import pytest

from bot.training.comparison import Comparison, Gate, compare
from bot.training.nlu_report import nlu_report
from bot.training.prediction import Prediction, Scope
from bot.training.thresholds import THRESHOLDS, threshold_curve
from tests.bot.training.predictions import DOUBT, predicted

SCOPE = Scope("hors_sujet")
RIGHT = ("a", 0.9)


def a_sentence(line: int, found: str = "a", *, protected: bool = False) -> Prediction:
    """In scope: right, asked (`?`), declined (`-`), or wrong with another intent."""
    if found == "?":
        return predicted("a", ("a", 0.3), ("b", 0.2), found=DOUBT, line=line, protected=protected)
    if found == "-":
        return predicted("a", ("hors_sujet", 0.9), line=line, protected=protected)
    return predicted("a", (found, 0.9), line=line, protected=protected)


def outside(line: int, found: str = "hors_sujet") -> Prediction:
    return predicted("hors_sujet", (found, 0.9), line=line)


def between(published: list[Prediction], candidate: list[Prediction]) -> Comparison:
    return compare(*(nlu_report(items, SCOPE, source="essai.yml") for items in (published, candidate)))


def hundred(*found: str, out: tuple[str, ...] = ()) -> list[Prediction]:
    """100 sentences in scope, of which the first are found so, and 50 outside."""
    inside = [a_sentence(line, found[line] if line < len(found) else "a") for line in range(100)]
    return inside + [outside(100 + line, out[line] if line < len(out) else "hors_sujet") for line in range(50)]


def rules(comparison: Comparison, bound: float = 1.0) -> list[str]:
    verdict = Gate(bound).judge(comparison)
    assert verdict.passed == (not verdict.reasons)
    return [reason.rule for reason in verdict.reasons]


def test_what_got_fixed_what_broke_and_what_is_still_wrong() -> None:
    comparison = between(
        [a_sentence(1), a_sentence(2, "b"), a_sentence(3, "b"), a_sentence(4), a_sentence(5, protected=True)],
        [a_sentence(1), a_sentence(2), a_sentence(3, "?"), a_sentence(4, "b"), a_sentence(5, "-", protected=True)],
    )
    assert [pair.candidate.prediction.location.line for pair in comparison.fixed] == [2]
    assert [pair.candidate.prediction.location.line for pair in comparison.broken] == [5, 4]
    assert [(pair.published.outcome, pair.candidate.outcome) for pair in comparison.still_wrong] == [("wrong", "asked")]


def test_figures_of_each_intent_with_both_models() -> None:
    comparison = between([a_sentence(1, "b"), a_sentence(2)], [a_sentence(1), a_sentence(2)])
    first, second = comparison.intents
    assert (first.intent, first.published.recall, first.candidate.recall) == ("a", 0.5, 1.0)
    assert first.f1 == pytest.approx(100 * (1 - 2 / 3))
    assert (second.intent, second.published.found, second.candidate.found) == ("b", 1, 0)


def test_other_sentences_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="other sentences"):
        between([a_sentence(1)], [a_sentence(2)])
    with pytest.raises(ValueError, match="other sentences"):
        between([a_sentence(1)], [a_sentence(1, protected=True)])


def test_the_same_model_passes() -> None:
    assert rules(between(hundred("b", out=("a",)), hundred("b", out=("a",))), 0.0) == []


def test_nothing_was_proved_without_sentences() -> None:
    assert rules(between([], [])) == ["no_sentences"]


@pytest.mark.parametrize(
    ("candidate", "expected"),
    [
        (hundred("?", "?"), ["right_in_scope"]),
        (hundred("-", "-"), ["right_in_scope", "helped_in_scope"]),
        (hundred("b", "b"), ["right_in_scope", "helped_in_scope", "wrong_in_scope"]),
        (hundred(out=("a",)), ["right_out_of_scope", "wrong_out_of_scope"]),
    ],
)
def test_each_share_has_its_bound(candidate: list[Prediction], expected: list[str]) -> None:
    assert rules(between(hundred(), candidate)) == expected
    assert rules(between(hundred(), candidate), 2.0) == []


def test_asked_instead_of_wrong_is_no_regression() -> None:
    assert rules(between(hundred("b", "b"), hundred("?", "?")), 0.0) == []


def test_declined_instead_of_asked_helps_less_and_wrong_instead_of_declined_is_worse() -> None:
    assert rules(between(hundred("?", "?"), hundred("-", "-"))) == ["helped_in_scope"]
    assert rules(between(hundred("-", "-"), hundred("b", "b"))) == ["wrong_in_scope"]


def test_outside_a_question_instead_of_a_refusal_is_less_right_but_not_wrong() -> None:
    asked = [predicted("hors_sujet", ("a", 0.3), found=DOUBT, line=100), *(outside(100 + line) for line in range(1, 50))]
    comparison = between(hundred(), hundred()[:100] + asked)
    assert rules(comparison) == ["right_out_of_scope"]


def test_exactly_the_bound_is_no_more_than_the_bound() -> None:
    assert rules(between(hundred(), hundred("?")), 1.0) == []
    assert rules(between(hundred(), hundred("?")), 0.99) == ["right_in_scope"]
    thirds = between(hundred()[:3], [a_sentence(0, "?"), *hundred()[1:3]])
    assert rules(thirds, 100 / 3) == []


def test_no_bound_lets_a_protected_sentence_break() -> None:
    comparison = between([a_sentence(1, protected=True), a_sentence(2)], [a_sentence(1, "?", protected=True), a_sentence(2)])
    (reason,) = Gate(100).judge(comparison).reasons
    assert (reason.rule, reason.sentences) == ("protected", ("phrase 1",))
    assert (reason.published.count, reason.candidate.count, reason.candidate.total) == (1, 0, 1)


def test_a_protected_sentence_that_was_not_right_either_does_not_stop() -> None:
    comparison = between([a_sentence(1, "b", protected=True)], [a_sentence(1, "?", protected=True)])
    assert rules(comparison, 0.0) == []


def test_as_json_every_sentence_is_in_it() -> None:
    comparison = between([a_sentence(1, "b"), outside(2)], [a_sentence(1), outside(2, "a")])
    body = json.loads(json.dumps(comparison.to_json()))
    assert (body["fixed"], body["broken"], body["still_wrong"]) == (1, 1, 0)
    first = body["sentences"][0]
    assert (first["text"], first["line"], first["published"]["outcome"], first["candidate"]["counted"]) == (
        "phrase 1",
        1,
        "wrong",
        "a",
    )
    (reason, *_) = Gate(0).judge(comparison).reasons
    assert json.loads(json.dumps(reason.to_json()))["points"] == reason.points == -100


def test_the_curve_keeps_the_ambiguity_threshold_and_holds_the_present_one() -> None:
    predictions = [predicted("a", ("a", 0.555), ("b", 0.1), line=1), predicted("a", ("b", 0.3), ("a", 0.29), line=2)]
    curve = threshold_curve(predictions, SCOPE, (0.555, 0.05))
    assert [point.threshold for point in curve] == sorted({*THRESHOLDS, 0.555})
    assert {point.ambiguity for point in curve} == {0.05}
    assert next(point for point in curve if point.threshold == 0.555).in_scope == (1, 1, 0, 0)
    assert curve[-1].in_scope == (0, 2, 0, 0)
    assert threshold_curve([], SCOPE, (0.5, 0.0)) == ()
