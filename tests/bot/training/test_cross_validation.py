"""Folds: sentences of one idea stay together, and every intent is in every model."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.project.model import ComponentSpec, Example, Location, NluData
from bot.project.problems import ProjectError
from bot.training.cross_validation import cross_validate, folds_by_idea, folds_by_sentence

PIPELINE = [ComponentSpec(name) for name in ("WhitespaceTokenizer", "CountVectorsFeaturizer", "LogisticRegressionClassifier")]


def examples_of(*blocks: tuple[str, list[str]]) -> tuple[Example, ...]:
    """Examples of blocks, each with its own lines."""
    examples = []
    for number, (intent, texts) in enumerate(blocks):
        lines = (Location("nlu.yml", 100 * number + 3 + line) for line in range(len(texts)))
        examples += [Example(text, intent, location=line, block=number) for text, line in zip(texts, lines, strict=True)]
    return tuple(examples)


def test_a_block_stays_together_and_the_blocks_of_an_intent_are_spread() -> None:
    examples = examples_of(*[("a", [f"a{n} x", f"a{n} y"]) for n in range(3)], *[("b", [f"b{n} x", f"b{n} y"]) for n in range(3)])
    folds = folds_by_idea(examples, 3)
    of_block = {
        block: {fold for e, fold in zip(examples, folds, strict=True) if e.block == block}
        for block in {example.block for example in examples}
    }
    assert all(len(found) == 1 for found in of_block.values())
    spread = Counter((example.intent, fold) for example, fold in zip(examples, folds, strict=True))
    assert spread == {(intent, fold): 2 for intent in "ab" for fold in range(3)}


def test_the_only_block_of_an_intent_is_cut_into_runs_of_lines() -> None:
    examples = examples_of(("a", [f"a{n}" for n in range(6)]), ("b", ["b0"]), ("b", ["b1"]))
    folds = folds_by_idea(examples, 3)
    assert folds[0] == folds[1] != folds[2] == folds[3] != folds[4] == folds[5] != folds[0]


def test_single_sentences_are_spread_evenly() -> None:
    examples = examples_of(("a", [f"a{n}" for n in range(9)]), ("b", [f"b{n}" for n in range(6)]))
    spread = Counter(zip((example.intent for example in examples), folds_by_sentence(examples, 3), strict=True))
    assert spread == {**{("a", fold): 3 for fold in range(3)}, **{("b", fold): 2 for fold in range(3)}}


def test_fewer_than_two_folds_are_refused() -> None:
    with pytest.raises(ValueError, match="two folds"):
        folds_by_idea((), 1)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 6)), min_size=1, max_size=12), st.integers(2, 5))
def test_no_intent_of_two_sentences_is_missing_from_a_model(blocks: list[tuple[str, int]], folds: int) -> None:
    examples = examples_of(
        *((intent, [f"{number} {line}" for line in range(size)]) for number, (intent, size) in enumerate(blocks))
    )
    fold_of = folds_by_idea(examples, folds)
    counts = Counter(example.intent for example in examples)
    for fold in range(folds):
        left = {example.intent for example, of in zip(examples, fold_of, strict=True) if of != fold}
        assert left == {intent for intent, count in counts.items() if count > 1 or (intent, fold) not in held(examples, fold_of)}


def held(examples: tuple[Example, ...], fold_of: list[int]) -> set[tuple[str, int]]:
    return {(example.intent, fold) for example, fold in zip(examples, fold_of, strict=True)}


def test_every_sentence_is_understood_by_a_model_that_knows_neither_it_nor_one_like_it() -> None:
    examples = examples_of(
        ("place", ["combien de place dans la boite", "la boite est pleine", "quelle capacité"]),
        ("place", ["Combien de place dans la boîte ?", "espace de stockage", "plus de place"]),
        ("suivre", ["faire suivre les mails", "transférer les courriels"]),
        ("suivre", ["renvoyer les mails ailleurs", "une redirection"]),
    )
    steps: list[tuple[int, int]] = []
    folds = list(cross_validate(PIPELINE, NluData(examples), folds_by_idea(examples, 2), lambda *step: steps.append(step)))
    assert [fold.number for fold in folds] == [1, 2]
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert sorted(item.location.line for fold in folds for item in fold.predictions) == [e.location.line for e in examples]
    for fold in folds:
        asked = {item.text for item in fold.predictions}
        known = {example.text for example in fold.training}
        assert not asked & known
        assert not {"combien de place dans la boite", "Combien de place dans la boîte ?"} & known
        assert len(known) in (4, 5)
        assert {example.intent for example in fold.training} == {"place", "suivre"}
    found = {item.text: item.likeliest for fold in folds for item in fold.predictions}
    assert found["faire suivre les mails"] == found["renvoyer les mails ailleurs"] == "suivre"


def test_wrong_metadata_are_said() -> None:
    example = Example("a", "a", metadata={"example": {"accept": "b"}}, location=Location("nlu.yml", 3))
    with pytest.raises(ProjectError, match=r"nlu\.yml:3"):
        next(cross_validate(PIPELINE, NluData((example,)), [0]))
