"""Thresholds: chosen by cost, as FallbackClassifier would apply them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.nlu.fallback_classifier import FallbackClassifier
from bot.nlu.message import Message
from bot.project.model import ComponentSpec
from bot.training.prediction import OUTCOMES, Prediction, Scope
from bot.training.thresholds import Costs, choose_thresholds, fallback_of, present_thresholds
from tests.bot.training.predictions import predicted

SCOPE = Scope("hors_sujet")
PREDICTIONS = [
    *[predicted("a", ("a", 0.9), ("b", 0.05))] * 8,
    predicted("a", ("b", 0.55), ("a", 0.4)),
    predicted("a", ("a", 0.7), ("b", 0.2)),
    predicted("hors_sujet", ("a", 0.5), ("hors_sujet", 0.3)),
    predicted("hors_sujet", ("hors_sujet", 0.6), ("a", 0.3)),
]


def test_wrong_answers_in_doubt_become_questions() -> None:
    choice = choose_thresholds(PREDICTIONS, SCOPE, (0.3, 0.1))
    assert choice.present.in_scope == (9, 0, 0, 1)
    assert choice.present.out_of_scope == (1, 0, 0, 1)
    assert choice.present.cost == pytest.approx(10 / 12)
    assert (choice.proposed.threshold, choice.proposed.ambiguity) == (0.3, 0.22)
    assert choice.proposed.in_scope == (9, 1, 0, 0)
    assert choice.proposed.out_of_scope == (1, 1, 0, 0)
    assert choice.proposed.cost == pytest.approx(0.8 / 12)
    assert choice.proposed in choice.curve
    assert {point.ambiguity for point in choice.curve} == {0.22}


def test_the_present_thresholds_stay_when_nothing_is_cheaper() -> None:
    choice = choose_thresholds(PREDICTIONS[:8], SCOPE, (0.37, 0.11))
    assert choice.proposed == choice.present
    assert choice.present in choice.curve


def test_so_many_right_answers_must_be_left() -> None:
    doubtful = [*PREDICTIONS, *[predicted("a", ("a", 0.5), ("b", 0.4))] * 4, *[predicted("a", ("b", 0.5), ("a", 0.4))] * 4]
    assert choose_thresholds(doubtful, SCOPE, (0.3, 0.1)).proposed.share("right").count == 9
    bounded = choose_thresholds(doubtful, SCOPE, (0.3, 0.1), least_right=0.7).proposed
    assert bounded.share("right").count == 13
    assert choose_thresholds(doubtful, SCOPE, (0.3, 0.1), least_right=1.0).proposed == bounded


def test_when_wrong_costs_nothing_everything_is_answered() -> None:
    proposed = choose_thresholds(PREDICTIONS, SCOPE, (0.3, 0.1), Costs(wrong=0.0)).proposed
    assert proposed.share("asked").count == proposed.share("declined").count == 0


def test_shares_are_of_those_in_scope_or_outside() -> None:
    present = choose_thresholds(PREDICTIONS, SCOPE, (0.3, 0.1)).present
    assert (present.share("right").count, present.share("right").total) == (9, 10)
    assert (present.share("wrong", outside=True).count, present.share("wrong", outside=True).total) == (1, 2)


def test_nothing_to_choose_from() -> None:
    with pytest.raises(ValueError, match="no predictions"):
        choose_thresholds([], SCOPE, (0.3, 0.1))


NAMES = ("a", "b", "hors_sujet")
ROW = st.tuples(st.sampled_from(NAMES), st.permutations(NAMES), st.integers(34, 100), st.integers())
RANKINGS = st.lists(ROW, min_size=1, max_size=12)


@settings(deadline=None, max_examples=30)
@given(RANKINGS, st.sampled_from([0.2, 0.45, 0.7]), st.sampled_from([0.0, 0.1, 0.3]))
def test_a_point_is_what_the_component_does(rows: list[tuple[str, list[str], int, int]], threshold: float, margin: float) -> None:
    predictions, found = [], []
    component = FallbackClassifier({"threshold": threshold, "ambiguity_threshold": margin})
    for expected, names, percent, share in rows:
        best = percent / 100
        second = min(best, (1 - best) * (0.5 + (share % 50) / 100))
        ranking = tuple(zip(names, (best, second, max(0.0, 1 - best - second)), strict=True))
        predictions.append(predicted(expected, *ranking))
        message = Message("x", intent={"name": names[0], "confidence": best})
        message.ranking = [{"name": name, "confidence": confidence} for name, confidence in ranking]
        component.process(message)
        found.append(predicted(expected, *ranking, found=message.intent["name"]))
    point = choose_thresholds(predictions, SCOPE, (threshold, margin)).present
    assert point.in_scope == counts([item for item in found if item.expected != "hors_sujet"])
    assert point.out_of_scope == counts([item for item in found if item.expected == "hors_sujet"])


def counts(predictions: list[Prediction]) -> tuple[int, ...]:
    outcomes = [SCOPE.outcome(prediction) for prediction in predictions]
    return tuple(outcomes.count(outcome) for outcome in OUTCOMES)


def test_the_entry_of_the_pipeline() -> None:
    entry = ComponentSpec("rasa.nlu.classifiers.fallback_classifier.FallbackClassifier", {"threshold": 0.6})
    assert fallback_of([ComponentSpec("WhitespaceTokenizer"), entry]) is entry
    assert present_thresholds(entry) == (0.6, 0.1)
    assert fallback_of([ComponentSpec("WhitespaceTokenizer")]) is None
