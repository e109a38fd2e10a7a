"""The report of a test of the understanding, and its JSON as docs/evaluation.md says."""

import json
import re
from pathlib import Path

import pytest

from bot.nlu.interpreter import Interpreter
from bot.project.model import ComponentSpec, Example, Location, NluData
from bot.training.data_report import data_report
from bot.training.metrics import Share
from bot.training.nearest import Neighbour, Neighbourhood
from bot.training.nlu_report import NluReport, nlu_report
from bot.training.prediction import Prediction, Scope
from bot.training.robustness import NoiseResult, Turned
from bot.training.thresholds import choose_thresholds
from tests.bot.training.predictions import DOUBT, predicted
from tests.bot.training.test_cross_validation import examples_of

ROOT = Path(__file__).parents[3]
SCOPE = Scope("hors_sujet")
PREDICTIONS = [
    predicted("a", ("a", 0.9), line=1),
    predicted("a", ("b", 0.6), ("a", 0.2), line=2, protected=True),
    predicted("a", ("b", 0.8), line=3, accept=frozenset({"b"}), protected=True),
    predicted("b", ("a", 0.4), ("b", 0.35), found=DOUBT, line=4),
    predicted("b", ("hors_sujet", 0.7), line=5),
    predicted("hors_sujet", ("hors_sujet", 0.7), line=6),
    predicted("hors_sujet", ("a", 0.95), line=7),
]
NEAR = Neighbour(Example("exemple", "b", location=Location("data/nlu.yml", 9)), 0.5)


@pytest.fixture(scope="module")
def report() -> NluReport:
    nearest: dict[Prediction, tuple[Neighbour, ...]] = {PREDICTIONS[1]: (NEAR,)}
    return nlu_report(PREDICTIONS, SCOPE, source="essai.yml", nearest=nearest, model="m1")


def test_outcomes_in_scope_and_outside(report: NluReport) -> None:
    assert {outcome: share.count for outcome, share in report.in_scope.items()} == {
        "right": 2,
        "asked": 1,
        "declined": 1,
        "wrong": 1,
    }
    assert {share.total for share in report.in_scope.values()} == {5}
    assert report.out_of_scope == {"right": Share(1, 2), "asked": Share(0, 2), "wrong": Share(1, 2)}
    assert report.right == Share(3, 7)


def test_errors_are_worst_first_with_their_neighbours(report: NluReport) -> None:
    assert [(item.outcome, item.prediction.location.line) for item in report.errors] == [
        ("wrong", 7),
        ("wrong", 2),
        ("declined", 5),
        ("asked", 4),
    ]
    assert report.errors[1].nearest == (NEAR,)
    assert [item.prediction.location.line for item in report.protected_not_right] == [2]


def test_the_numbers_of_the_json(report: NluReport) -> None:
    body = json.loads(json.dumps(report.to_json()))
    assert (body["format"], body["source"], body["folds"], body["model"], body["sentences"]) == (1, "essai.yml", None, "m1", 7)
    assert body["in_scope"]["right"] == {
        "count": 2,
        "total": 5,
        "share": 0.4,
        "low": pytest.approx(0.1176, abs=1e-4),
        "high": pytest.approx(0.7693, abs=1e-4),
    }
    assert body["confusion"] == [
        {"expected": "a", "found": "a", "count": 2},
        {"expected": "a", "found": "b", "count": 1},
        {"expected": "b", "found": "hors_sujet", "count": 1},
        {"expected": "b", "found": DOUBT, "count": 1},
        {"expected": "hors_sujet", "found": "a", "count": 1},
        {"expected": "hors_sujet", "found": "hors_sujet", "count": 1},
    ]
    scores = {item["intent"]: item for item in body["intents"]}
    assert (scores["a"]["support"], scores["a"]["found"], scores["a"]["right"]) == (3, 3, 2)
    assert body["protected"]["total"] == 2
    assert body["protected"]["not_right"] == [{"text": "phrase 2", "file": "essai.yml", "line": 2}]
    error = body["errors"][1]
    assert error["ranking"] == [{"intent": "b", "confidence": 0.6}, {"intent": "a", "confidence": 0.2}]
    assert error["nearest"] == [{"text": "exemple", "intent": "b", "similarity": 0.5, "file": "data/nlu.yml", "line": 9}]


def keys(value: object, path: str = "") -> set[str]:
    """All keys of a JSON value, as `errors[].nearest[].line`."""
    if isinstance(value, dict):
        return {found for key, item in value.items() for found in {f"{path}{key}", *keys(item, f"{path}{key}.")}}
    if isinstance(value, list):
        return {found for item in value for found in keys(item, f"{path.removesuffix('.')}[].")}
    return set()


def test_every_key_of_the_json_files_is_documented(report: NluReport) -> None:
    examples = examples_of(("a", ["un deux trois quatre", "un deux trois quatre !", "un deux"]), ("b", ["un"]))
    data = data_report(examples, [predicted("a", ("b", 0.9))], SCOPE, 3)
    noise = NoiseResult("typo", Share(1, 1), (Turned(PREDICTIONS[0], PREDICTIONS[1], "wrong"),))
    choice = choose_thresholds(PREDICTIONS, SCOPE, (0.3, 0.1))
    noises = {"format": 1, "source": "essai.yml", "seed": 42, "noises": [noise.to_json()]}
    sections = (ROOT / "docs/evaluation.md").read_text(encoding="utf-8").split("\n## ")
    for verb, body in (
        ("bma test nlu", report.to_json()),
        ("bma test thresholds", choice.to_json()),
        ("bma test robustness", noises),
        ("bma data report", data.to_json()),
    ):
        (section,) = [part for part in sections if part.startswith(f"`{verb}`")]
        documented = set(re.findall(r"^\| `([^`]+)` \|", section, re.M))
        assert documented == keys(body), verb


def test_nearest_sentences_by_the_models_own_features() -> None:
    examples = tuple(
        Example(text, intent) for intent, text in (("a", "la boite est pleine"), ("a", "la boite"), ("b", "un mail"))
    )
    names = ("WhitespaceTokenizer", "CountVectorsFeaturizer", "LogisticRegressionClassifier", "FallbackClassifier")
    interpreter = Interpreter.train([ComponentSpec(name) for name in names], NluData(examples))
    known = Neighbourhood(interpreter, examples)
    boxes, mail, nothing = known.nearest(["boite la", "mail", "xyz"], 2)
    assert [(near.example.text, round(near.similarity, 3)) for near in boxes] == [
        ("la boite", 1.0),
        ("la boite est pleine", 0.707),
    ]
    assert [near.example.text for near in mail] == ["un mail"]
    assert nothing == ()
    assert Neighbourhood(interpreter, ()).nearest(["la boite"]) == [()]
