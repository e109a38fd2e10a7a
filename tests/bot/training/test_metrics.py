"""Figures, compared with values worked out by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.training.metrics import Share, calibration_error, confidence_bins, confusion, intent_scores, macro
from tests.bot.training.predictions import DOUBT, predicted

PREDICTIONS = [
    predicted("a", ("a", 0.95)),
    predicted("a", ("a", 0.85)),
    predicted("a", ("b", 0.9)),
    predicted("a", ("a", 0.3), found=DOUBT),
    predicted("b", ("b", 0.55)),
    predicted("b", ("c", 1.0)),
]


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (0, 20, 0.0, 0.1611), (20, 20, 0.8389, 1.0), (93, 100, 0.8625, 0.9657), (0, 0, 0.0, 1.0)],
)
def test_wilson_intervals(count: int, total: int, low: float, high: float) -> None:
    assert Share(count, total).interval == pytest.approx((low, high), abs=5e-5)


@settings(deadline=None)
@given(st.integers(0, 500).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_an_interval_holds_its_share_and_narrows(counts: tuple[int, int]) -> None:
    share = Share(*counts)
    low, high = share.interval
    assert 0 <= low <= share.share + 1e-9
    assert share.share - 1e-9 <= high <= 1
    if share.total:
        wider = Share(share.count * 4, share.total * 4).interval
        assert wider[1] - wider[0] < high - low


def test_scores_of_intents() -> None:
    a, b, c = intent_scores(PREDICTIONS)
    assert (a.intent, a.support, a.found, a.right) == ("a", 4, 2, 2)
    assert (a.precision, a.recall, a.f1) == (1.0, 0.5, pytest.approx(2 / 3))
    assert (b.precision, b.recall, b.f1) == (0.5, 0.5, 0.5)
    assert (c.support, c.found, c.precision, c.recall, c.f1) == (0, 1, 0.0, 0.0, 0.0)
    means = macro((a, b, c))
    assert (means.precision, means.recall, means.f1) == (0.75, 0.5, pytest.approx(7 / 12))
    assert confusion(PREDICTIONS) == {("a", "a"): 2, ("a", "b"): 1, ("a", DOUBT): 1, ("b", "b"): 1, ("b", "c"): 1}


def test_confidence_is_that_of_the_likeliest_intent_in_doubt_too() -> None:
    bins = confidence_bins(PREDICTIONS)
    assert [(item.right, item.wrong) for item in bins] == [(0, 0)] * 3 + [(1, 0), (0, 0), (1, 0), (0, 0), (0, 0), (1, 0), (1, 2)]
    last = bins[-1]
    assert (last.low, last.high) == (0.9, 1.0)
    assert last.confidence == pytest.approx((0.95 + 0.9 + 1.0) / 3)
    assert last.share_right == pytest.approx(1 / 3)
    expected = (3 * abs(0.95 - 1 / 3) + 0.7 + 0.45 + 0.15) / 6
    assert calibration_error(bins) == pytest.approx(expected)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60))
def test_bins_hold_every_sentence_once(found: list[tuple[float, bool]]) -> None:
    bins = confidence_bins([predicted("a", ("a" if right else "b", confidence)) for confidence, right in found])
    assert sum(item.right for item in bins) == sum(right for _, right in found)
    assert sum(item.total for item in bins) == len(found)
    assert 0 <= calibration_error(bins) <= 1
