"""What is said of training sentences."""

from bot.project.model import Example, Location
from bot.training.data_report import data_report, lone_words
from bot.training.prediction import Scope
from tests.bot.training.predictions import predicted
from tests.bot.training.test_cross_validation import examples_of

EXAMPLES = examples_of(
    ("place", ["combien de place dans la boite", "Combien de place dans la boîte ?", "capacité de la boite"]),
    ("place", ["la capacité svp"]),
    ("suivre", ["combien de place dans les boites", "faire suivre la boite", "Capacité"]),
)


def test_topics_and_near_duplicates() -> None:
    report = data_report(EXAMPLES, [], Scope(), 3)
    assert [(topic.intent, topic.sentences, topic.blocks, topic.words) for topic in report.topics] == [
        ("place", 4, 2, 5.0),
        ("suivre", 3, 1, 3.7),
    ]
    assert [
        (pair.first.location.line, pair.second.location.line, pair.likeness, pair.is_across) for pair in report.duplicates
    ] == [
        (3, 203, 0.906, True),
        (4, 203, 0.906, True),
        (3, 4, 1.0, False),
    ]


def test_suspects_are_those_taken_for_another_intent_with_confidence() -> None:
    predictions = [
        predicted("a", ("b", 0.7), line=1),
        predicted("a", ("b", 0.9), found="nlu_fallback", line=2),
        predicted("a", ("b", 0.5), line=3),
        predicted("a", ("a", 0.9), line=4),
        predicted("a", ("hors_sujet", 0.8), line=5),
        predicted("mdp_mode", ("mdp", 0.9), line=6),
    ]
    report = data_report((), predictions, Scope("hors_sujet", (("mdp", "mdp_mode"),)), 3)
    assert [item.location.line for item in report.suspects] == [2, 5, 1]


def test_words_of_one_intent_only() -> None:
    examples = [
        *(
            Example(text, "a", location=Location("a.yml", line))
            for line, text in enumerate(["le Quota", "quota", "quotà ?", "le"])
        ),
        *(Example(text, "b") for text in ("le mail", "mail", "rare", "rare", "le 12 12 12")),
        Example("un mail", "c"),
    ]
    (word,) = lone_words(examples)
    assert (word.word, word.intent, word.sentences, word.first.location.line) == ("quota", "a", 3, 0)
