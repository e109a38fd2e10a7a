"""A proof's JSON as the screen shows it: groups, matrix, figures and thresholds."""

import json
from typing import Any

import pytest

from api.console import proof_view
from bot.training.comparison import compare
from bot.training.nlu_report import nlu_report
from bot.training.prediction import Prediction, Scope
from bot.training.thresholds import choose_thresholds, threshold_curve
from tests.bot.training.predictions import DOUBT, predicted

SCOPE = Scope("hors_sujet")
PRESENT = (0.5, 0.0)
PUBLISHED = [
    predicted("a", ("b", 0.9), line=1),
    predicted("a", ("a", 0.8), line=2),
    predicted("a", ("a", 0.8), line=3, protected=True),
    predicted("b", ("a", 0.4), ("b", 0.3), found=DOUBT, line=4),
    predicted("hors_sujet", ("hors_sujet", 0.9), line=5),
]
CANDIDATE = [
    predicted("a", ("a", 0.9), line=1),
    predicted("a", ("b", 0.8), line=2),
    predicted("a", ("a", 0.4), ("b", 0.3), found=DOUBT, line=3, protected=True),
    predicted("b", ("hors_sujet", 0.9), line=4),
    predicted("hors_sujet", ("hors_sujet", 0.9), line=5),
]


def result(published: list[Prediction], candidate: list[Prediction]) -> dict[str, Any]:
    """What the worker writes, through JSON as the database keeps it."""
    before, after = (nlu_report(items, SCOPE, source="essai.yml") for items in (published, candidate))
    choice = choose_thresholds(candidate, SCOPE, PRESENT)
    body = {
        "comparison": compare(before, after).to_json(),
        "published": before.to_json(),
        "candidate": after.to_json(),
        "thresholds": {
            "present": choice.present.to_json(),
            "proposed": choice.proposed.to_json(),
            "curve": [point.to_json() for point in threshold_curve(candidate, SCOPE, PRESENT)],
        },
    }
    return dict(json.loads(json.dumps(body)))


@pytest.fixture(scope="module")
def body() -> dict[str, Any]:
    return result(PUBLISHED, CANDIDATE)


def lines(items: list[dict[str, Any]]) -> list[int]:
    return [item["line"] for item in items]


def test_groups_have_protected_sentences_first(body: dict[str, Any]) -> None:
    assert lines(proof_view.group(body, "broken")) == [3, 2]
    assert lines(proof_view.group(body, "fixed")) == [1]
    assert lines(proof_view.group(body, "still_wrong")) == [4]


def test_figures_of_both_models_and_their_difference(body: dict[str, Any]) -> None:
    rows = {
        row.outcome: (row.published["count"], row.candidate["count"], row.points) for row in proof_view.figures(body, "in_scope")
    }
    assert rows == {"right": (2, 1, -25.0), "asked": (1, 1, 0.0), "declined": (0, 1, 25.0), "wrong": (1, 1, 0.0)}
    assert [row.outcome for row in proof_view.figures(body, "out_of_scope")] == ["right", "asked", "wrong"]


def test_a_matrix_of_each_model_whose_cells_open_their_sentences(body: dict[str, Any]) -> None:
    matrix = proof_view.matrix(body, "candidate")
    assert matrix.found == ("a", "b", "hors_sujet", DOUBT)
    first = matrix.lines[0]
    assert (first.expected, first.total) == ("a", 3)
    assert [(cell.found, cell.count, cell.is_right) for cell in first.cells] == [
        ("a", 1, True),
        ("b", 1, False),
        ("hors_sujet", 0, False),
        (DOUBT, 1, False),
    ]
    assert lines(proof_view.cell(body, "candidate", "a", DOUBT)) == [3]
    assert lines(proof_view.cell(body, "published", "a", "a")) == [2, 3]
    assert proof_view.cell(body, "candidate", "a", "inconnu") == []
    total = sum(cell.count for line in matrix.lines for cell in line.cells)
    assert total == len(CANDIDATE)


@pytest.mark.parametrize(
    ("count", "total", "shade"), [(0, 4, 0), (1, 100, 1), (24, 100, 1), (25, 100, 2), (50, 100, 3), (75, 100, 4), (4, 4, 4)]
)
def test_shades_go_by_quarters_and_only_none_has_none(count: int, total: int, shade: int) -> None:
    assert proof_view.shade(count, total) == shade


def test_thresholds_and_the_one_that_was_asked_for(body: dict[str, Any]) -> None:
    points = proof_view.curve(body)
    assert [point.threshold for point in points if point.is_present] == [0.5]
    assert proof_view.chosen(points, "").threshold == 0.5
    assert proof_view.chosen(points, "nan").threshold == 0.5
    assert proof_view.chosen(points, "x").threshold == 0.5
    high = proof_view.chosen(points, "0.97")
    assert high.threshold in (0.96, 0.98)
    assert high.in_scope["right"] == 0
    assert sum(high.in_scope.values()) == pytest.approx(1)
    assert proof_view.curve({**body, "thresholds": None}) == []
