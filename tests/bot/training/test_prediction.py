"""Labelled sentences, what an interpreter finds in them, and how good that is."""

from pathlib import Path

import pytest

from bot.nlu.interpreter import Interpreter
from bot.project.model import ComponentSpec, Example, NluData
from bot.project.problems import ProjectError
from bot.training.prediction import Scope, predict, read_sentences, scope_of
from tests.bot.training.predictions import DOUBT, predicted

INTENTS = ("capacite", "redirection", "hors_sujet", "mot_de_passe", "mot_de_passe_mode")
SCOPE = Scope("hors_sujet", (("mot_de_passe", "mot_de_passe_mode"),))


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "essai.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_metadata_of_a_block_and_of_a_sentence(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
nlu:
  - intent: capacite
    metadata:
      protected: true
    examples:
      - text: |
          combien de [Go](unite) ?
      - text: |
          c'est plein
        metadata:
          accept: [redirection]
          protected: false
          auteur: quelqu'un
  - intent: redirection
    examples: |
      - faire suivre
""",
    )
    first, second, third = read_sentences(path, tmp_path, INTENTS)
    assert (first.text, first.protected, first.wanted, str(first.location)) == (
        "combien de Go ?",
        True,
        {"capacite"},
        "essai.yml:8",
    )
    assert (second.protected, second.wanted) == (False, {"capacite", "redirection"})
    assert (third.protected, third.expected, third.location.line) == (False, "redirection", 17)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("nlu:\n  - intent: capacites\n    examples: |\n      - a\n", "essai.yml:4", "« capacite »"),
        ("nlu:\n  - intent: capacite\n    examples: a\n    metadata: {accept: [x]}\n", "essai.yml", "aucune phrase"),
        ("nlu:\n  - intent: capacite\n    metadata: {accept: x}\n    examples: |\n      - a\n", "essai.yml:5", "accept"),
        ("nlu:\n  - intent: capacite\n    metadata: {protected: oui}\n    examples: |\n      - a\n", "essai.yml:5", "true"),
        ("nlu:\n  - intent: capacite\n    metadata: {accept: [x]}\n    examples: |\n      - a\n", "essai.yml:5", "« x »"),
        ('nlu:\n  - intent: "a\n', "essai.yml:2", "guillemet"),
        ("stories: []\n", "essai.yml", "aucune phrase"),
    ],
)
def test_errors_name_the_place_and_what_to_write(tmp_path: Path, text: str, place: str, words: str) -> None:
    with pytest.raises(ProjectError) as caught:
        read_sentences(written(tmp_path, text), tmp_path, INTENTS)
    assert any(str(problem.location) == place and words in problem.sentence for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("expected", "found", "ranking", "outcome"),
    [
        ("capacite", "capacite", ["capacite"], "right"),
        ("capacite", "redirection", ["redirection", "capacite"], "wrong"),
        ("capacite", "hors_sujet", ["hors_sujet", "capacite"], "declined"),
        ("capacite", DOUBT, ["redirection", "mot_de_passe", "capacite"], "asked"),
        ("capacite", DOUBT, ["redirection", "mot_de_passe", "x", "capacite"], "declined"),
        ("capacite", DOUBT, ["hors_sujet", "capacite"], "declined"),
        ("mot_de_passe_mode", "mot_de_passe", ["mot_de_passe"], "asked"),
        ("mot_de_passe", "mot_de_passe_mode", ["mot_de_passe_mode"], "wrong"),
        ("hors_sujet", "hors_sujet", ["hors_sujet"], "right"),
        ("hors_sujet", DOUBT, ["hors_sujet", "capacite"], "right"),
        ("hors_sujet", DOUBT, ["capacite", "hors_sujet"], "asked"),
        ("hors_sujet", "capacite", ["capacite"], "wrong"),
    ],
)
def test_outcomes(expected: str, found: str, ranking: list[str], outcome: str) -> None:
    prediction = predicted(expected, *((name, 0.4) for name in ranking), found=found)
    assert SCOPE.outcome(prediction) == outcome


def test_another_right_intent_counts_as_the_expected_one() -> None:
    prediction = predicted("capacite", ("redirection", 0.9), accept=frozenset({"redirection"}))
    assert SCOPE.outcome(prediction) == "right"
    assert prediction.counted == "capacite"


def test_without_groups_in_the_configuration_intents_are_exact() -> None:
    prediction = predicted("mot_de_passe_mode", ("mot_de_passe", 0.9))
    assert Scope("hors_sujet").outcome(prediction) == "wrong"


def test_the_scope_is_what_the_pipeline_says() -> None:
    splitter = ComponentSpec("bot.nlu.question_splitter.QuestionSplitter", {"out_of_scope": "hors_sujet", "same": [["a", "b"]]})
    assert scope_of([ComponentSpec("FallbackClassifier"), splitter]) == Scope("hors_sujet", (("a", "b"),))
    assert scope_of([ComponentSpec("FallbackClassifier")]) == Scope("out_of_scope")


def test_sentences_are_masked_as_messages_are(tmp_path: Path) -> None:
    specs = [ComponentSpec(name) for name in ("WhitespaceTokenizer", "CountVectorsFeaturizer", "LogisticRegressionClassifier")]
    specs.append(ComponentSpec("FallbackClassifier", {"threshold": 0.99}))
    nlu = NluData(tuple(Example(text, intent) for intent, text in (("a", "appelez le [téléphone]"), ("b", "il pleut"))))
    interpreter = Interpreter.train(specs, nlu)
    path = written(tmp_path, "nlu:\n  - intent: a\n    examples: |\n      - appelez le 0470 12 34 56\n")
    done: list[int] = []
    (prediction,) = predict(interpreter, read_sentences(path, tmp_path, ("a", "b")), done.append)
    assert prediction.text == "appelez le 0470 12 34 56"
    assert prediction.found == DOUBT
    assert prediction.likeliest == "a"
    assert 0.5 < prediction.confidence == prediction.ranking[0][1] < 0.99
    assert [name for name, _ in prediction.ranking] == ["a", "b"]
    assert done == [1]
