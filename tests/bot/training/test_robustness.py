"""Robustness: right answers that are lost, and no others counted."""

import pytest

from bot.nlu.interpreter import Interpreter
from bot.project.model import ComponentSpec, Example, Location, NluData
from bot.training.prediction import Scope, Sentence
from bot.training.robustness import robustness

TEXTS = {"place": ["la place", "une place"], "suivre": ["faire suivre", "il faut suivre"], "merci": ["merci"]}
SENTENCES = [
    Sentence("la place", "place", location=Location("essai.yml", 1)),
    Sentence("une place", "place", location=Location("essai.yml", 2)),
    Sentence("faire suivre", "suivre", location=Location("essai.yml", 3)),
    Sentence("faire suivre", "place", location=Location("essai.yml", 4)),
    Sentence("merci", "merci", location=Location("essai.yml", 5)),
]


@pytest.fixture(scope="module")
def interpreter() -> Interpreter:
    names = ("WhitespaceTokenizer", "CountVectorsFeaturizer", "LogisticRegressionClassifier")
    examples = tuple(Example(text, intent) for intent, texts in TEXTS.items() for text in texts)
    return Interpreter.train([ComponentSpec(name) for name in names], NluData(examples))


def test_only_right_sentences_can_be_lost(interpreter: Interpreter) -> None:
    steps: list[tuple[int, int]] = []
    noises = {"none": lambda text, _: text, "other": lambda text, _: text.replace("place", "suivre")}
    same, other = robustness(
        interpreter, SENTENCES, Scope(), without=["merci"], noises=noises, progress=lambda *step: steps.append(step)
    )
    assert (same.noise, same.lost.count, same.lost.total, same.turned) == ("none", 0, 3, ())
    assert (other.lost.count, other.lost.total) == (2, 3)
    assert [(item.before.text, item.after.text, item.after.found, item.outcome) for item in other.turned] == [
        ("la place", "la suivre", "suivre", "wrong"),
        ("une place", "une suivre", "suivre", "wrong"),
    ]
    assert steps == [(1, 3), (2, 3), (3, 3)]


def test_what_happens_to_a_sentence_depends_on_the_seed_and_on_no_other(interpreter: Interpreter) -> None:
    def texts(sentences: list[Sentence], seed: int) -> list[str]:
        seen: list[str] = []

        def noise(text: str, chance: object) -> str:
            seen.append(f"{text} {chance.random()}")  # type: ignore[attr-defined]
            return text

        robustness(interpreter, sentences, Scope(), noises={"noted": noise}, seed=seed)
        return seen

    assert texts(SENTENCES[:3], 1)[1:] == texts(SENTENCES[1:3], 1)
    assert texts(SENTENCES[:1], 1) != texts(SENTENCES[:1], 2)
