"""Each component on small examples, beside scikit-learn where it does the same."""

from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from bot.nlu.component import Component
from bot.nlu.fallback_classifier import FallbackClassifier
from bot.nlu.french_tokenizer import FrenchTokenizer
from bot.nlu.interpreter import Interpreter, read_payload
from bot.nlu.message import Message, TrainingSet
from bot.nlu.registry import check_pipeline, make
from bot.nlu.tfidf_featurizer import TfidfFeaturizer
from bot.project.domain_reader import domain_from_raw
from bot.project.model import AnnotatedEntity, ComponentSpec, Example, LookupTable, NluData, RegexFeature
from bot.project.problems import Problems

TEXTS = [
    "mot de passe perdu",
    "le mot de passe de la boite",
    "rediriger les mails",
    "faire suivre les mails",
    "bonjour",
    "bonjour madame",
]
LABELS = ["mdp", "mdp", "redirection", "redirection", "salut", "salut"]
NLU = NluData(tuple(Example(text, label) for text, label in zip(TEXTS, LABELS, strict=True)))
FRENCH = "bot.nlu.french_tokenizer.FrenchTokenizer"


def component(name: str, **options: object) -> Component:
    return make(ComponentSpec(name, options))


def words(name: str, text: str, **options: object) -> list[str]:
    message = Message(text)
    component(name, **options).process(message)
    assert all(message.text[token.start : token.end] == token.text for token in message.tokens)
    return [token.norm for token in message.tokens]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("l'horaire", ["l", "horaire"]),
        ("aujourd’hui", ["aujourd", "hui"]),
        ("qu'est-ce", ["qu", "est-ce"]),
        ("peut-être n°3", ["peut-être", "n°3"]),
        ("C.N.I.", ["c.n.i"]),
        ("?!", ["?!"]),
    ],
)
def test_whitespace_tokenizer_splits_as_rasas(text: str, expected: list[str]) -> None:
    assert words("WhitespaceTokenizer", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("L’école n'a plus l'accès", ["l", "ecole", "n", "a", "plus", "l", "acces"]),
        ("Est-ce qu’aujourd'hui ça marche ?", ["est", "ce", "qu", "aujourd'hui", "ca", "marche"]),
        ("écrivez à ec001234@adm.cfwb.be.", ["ecrivez", "a", "ec001234@adm.cfwb.be"]),
        ("mdp oublié!!!", ["mot de passe", "oublie"]),
        ("boîte/mail", ["boite", "mail"]),
        ("mon code [mot de passe] non", ["mon", "code", "_" * 11 + "m", "non"]),  # a secret is no question about passwords
    ],
)
def test_french_tokenizer(text: str, expected: list[str]) -> None:
    found = words(FRENCH, text, abbreviations={"mdp": "mot de passe"})
    assert [word.strip("[]") for word in found] == expected


@pytest.mark.parametrize(("analyzer", "shortest", "longest"), [("word", 1, 2), ("char_wb", 2, 4), ("char", 1, 3)])
def test_counts_equal_scikit_learns(analyzer: str, shortest: int, longest: int) -> None:
    tokenizer = component("WhitespaceTokenizer")
    ours = component("CountVectorsFeaturizer", analyzer=analyzer, min_ngram=shortest, max_ngram=longest)
    messages = [Message(text) for text in TEXTS]
    for message in messages:
        tokenizer.process(message)
    ours.train(TrainingSet(messages, NLU))
    theirs = CountVectorizer(analyzer=analyzer, ngram_range=(shortest, longest), token_pattern=r"(?u)\b\w+\b")
    expected = theirs.fit_transform(TEXTS).toarray()
    for message, row in zip(messages, expected, strict=True):
        ours.process(message)
        dense = np.zeros(message.features[0].size)
        dense[message.features[0].indices] = message.features[0].values
        assert dense.tolist() == row.tolist()


@pytest.mark.parametrize("name", ["LogisticRegressionClassifier", "bot.nlu.linear_svm_classifier.LinearSvmClassifier"])
def test_classifiers_rank_and_survive_the_archive(name: str) -> None:
    specs = [ComponentSpec("WhitespaceTokenizer"), ComponentSpec("CountVectorsFeaturizer"), ComponentSpec(name)]
    trained = Interpreter.train(specs, NLU)
    again = Interpreter.load(specs, trained.save())
    for text, label in zip(TEXTS, LABELS, strict=True):
        result = trained.parse(text)
        assert result["intent"]["name"] == label
        assert sum(item["confidence"] for item in result["intent_ranking"]) == pytest.approx(1.0, abs=1e-5)
        assert again.parse(text) == result


def test_logistic_regression_gives_scikit_learns_probabilities() -> None:
    from sklearn.linear_model import LogisticRegression

    specs = [ComponentSpec("WhitespaceTokenizer"), ComponentSpec("CountVectorsFeaturizer")]
    ours = Interpreter.train([*specs, ComponentSpec("LogisticRegressionClassifier")], NLU)
    matrix = CountVectorizer(token_pattern=r"(?u)\b\w+\b").fit_transform(TEXTS)
    theirs = LogisticRegression(class_weight="balanced", max_iter=100, tol=1e-4, random_state=42).fit(matrix, LABELS)
    for text, row in zip(TEXTS, theirs.predict_proba(matrix), strict=True):
        expected = dict(zip(theirs.classes_, row, strict=True))
        found = {item["name"]: item["confidence"] for item in ours.parse(text)["intent_ranking"]}
        assert found == pytest.approx(expected, abs=1e-4)


def test_entities_by_pattern_and_list_with_canonical_values() -> None:
    annotated = Example("x", "mdp", entities=(AnnotatedEntity("type", "internat", 0, 0), AnnotatedEntity("fase", "1", 0, 0)))
    nlu = NluData(
        (*NLU.examples, annotated),
        {"académie": "esahr"},
        (RegexFeature("fase", r"\b\d{4,6}\b"), RegexFeature("autre", "mot")),
        (LookupTable("type", ("internat", "académie", "académie de musique")),),
    )
    found = Interpreter.train([ComponentSpec("RegexEntityExtractor"), ComponentSpec("EntitySynonymMapper")], nlu)
    entities = found.parse("L'Académie 5464 et l'internat, mot de passe")["entities"]
    assert [(item["entity"], item["value"]) for item in entities] == [("fase", "5464"), ("type", "esahr"), ("type", "internat")]
    assert entities[1]["processors"] == ["EntitySynonymMapper"]
    assert "confidence" not in entities[0]


@pytest.mark.parametrize(
    ("best", "second", "doubtful"),
    [(0.9, 0.05, False), (0.29, 0.1, True), (0.5, 0.41, True), (0.5, 0.3, False), (0.3, 0.1, False)],
)
def test_fallback_in_doubt(best: float, second: float, doubtful: bool) -> None:
    ranking = [{"name": "a", "confidence": best}, {"name": "b", "confidence": second}]
    message = Message("x", intent=dict(ranking[0]), ranking=ranking)
    FallbackClassifier({"threshold": 0.3, "ambiguity_threshold": 0.1}).process(message)
    assert (message.intent["name"] == "nlu_fallback") is doubtful
    if doubtful:
        assert message.ranking[0] == {"name": "nlu_fallback", "confidence": 0.3}
        assert message.ranking[1]["name"] == "a"


@pytest.mark.parametrize(
    ("name", "options", "named"),
    [
        ("DIETClassifier", {}, "LogisticRegressionClassifier"),
        ("SpacyTokenizer", {}, "FrenchTokenizer"),
        ("WhitespaceTokeniser", {}, "WhitespaceTokenizer"),
        ("FallbackClassifier", {"treshold": 0.2}, "threshold"),
    ],
)
def test_what_we_do_not_have_is_refused_with_the_nearest(name: str, options: dict, named: str) -> None:
    problems = Problems()
    check_pipeline([ComponentSpec(name, options)], problems)
    assert len(problems.errors) == 1
    assert named in problems.errors[0].sentence


DOMAIN = domain_from_raw({"intents": ["prix"]})


@pytest.mark.parametrize(
    ("text", "confidence", "values"),
    [
        ("/prix", 1.0, []),
        ("/prix@0.4", 0.4, []),
        ('/prix{"a": "b", "c": ["d", 1]}', 1.0, [("a", "b"), ("c", "d"), ("c", 1)]),
    ],
)
def test_payloads(text: str, confidence: float, values: list) -> None:
    found = read_payload(text, DOMAIN)
    assert found is not None
    assert found["intent"] == {"name": "prix", "confidence": confidence}
    assert [(item["entity"], item["value"]) for item in found["entities"]] == values


@pytest.mark.parametrize("text", ["/inconnu", "prix", "/", '/prix{"a"}', "/prix/cle"])
def test_what_is_no_payload(text: str) -> None:
    found = read_payload(text, DOMAIN)
    assert found is None


@pytest.mark.parametrize("options", [{"entities": True, "opening": True}, {"analyzer": "char_wb", "max_ngram": 3, "weight": 0.5}])
def test_tfidf_of_many_messages_is_that_of_each(options: dict[str, Any]) -> None:
    featurizer = TfidfFeaturizer({**TfidfFeaturizer.OPTIONS, **options})
    together, alone = ([Message(text) for text in (*TEXTS, "", "xyz", TEXTS[0] * 3)] for _ in range(2))
    for message in (*together, *alone):
        FrenchTokenizer(FrenchTokenizer.OPTIONS).process(message)
    featurizer.train(TrainingSet(together[: len(TEXTS)], NLU))
    featurizer.process_all(together)
    for message, same in zip(together, alone, strict=True):
        featurizer.process(same)
        (found,), (expected,) = message.features, same.features
        assert np.array_equal(found.indices, expected.indices)
        assert np.array_equal(found.values, expected.values)
        assert found.size == expected.size
    assert any(len(message.features[0].indices) == 0 for message in together)


def test_words_that_nobody_knows_are_forgotten() -> None:
    """Random words and long ones would fill the memory of a server."""
    tokenizer = FrenchTokenizer({"abbreviations": {}})
    for number in range(60):
        tokenizer.process(Message(" ".join(f"mot{number}x{place}" for place in range(600))))
    remembered = tokenizer._known._short
    known = remembered.cache_info()
    assert known.currsize == known.maxsize == 4_096
    tokenizer.process(Message("x" * 5_000))
    assert remembered.cache_info().misses == known.misses
    message = Message("l'école a perdu son mot de passe")
    tokenizer.process(message)
    assert [token.norm for token in message.tokens] == ["l", "ecole", "a", "perdu", "son", "mot", "de", "passe"]
