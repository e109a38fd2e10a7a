"""Cross-validation: every sentence of the project is understood by a model that has not seen it, nor one like it.

Sentences of one idea stay together: a fold takes whole blocks (`- intent:` of a file), and what is left to train on holds no
near-duplicate of a sentence of the fold. A block that holds most of its intent's sentences could not be learnt without: it is
cut into runs of neighbouring lines.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.nlu.interpreter import Interpreter
from bot.project.model import ComponentSpec, Example, NluData
from bot.project.problems import Problems
from bot.training.near_duplicates import near_pairs, neighbours_of
from bot.training.prediction import Prediction, labelled, predict

LARGEST_BLOCK = 0.5
"""Of an intent's sentences: a larger block is cut."""


@dataclass(frozen=True, slots=True)
class Fold:
    """A part of the sentences and a model that has not seen them."""

    number: int
    """1 for the first."""
    interpreter: Interpreter
    training: tuple[Example, ...]
    """What the interpreter learnt from."""
    predictions: tuple[Prediction, ...]
    """Of the sentences kept apart."""


def cross_validate(
    specs: Sequence[ComponentSpec],
    nlu: NluData,
    fold_of: Sequence[int],
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[Fold]:
    """Train a model without each part of the sentences, and ask it these.

    Args:
        specs: the pipeline.
        nlu: all training data; synonyms, regexes and lookup tables are known to every model.
        fold_of: in which fold each example is kept apart (`folds_by_idea`, `folds_by_sentence`).
        progress: called with steps done and their count: one step a model, one a fold's predictions.

    Yields:
        The folds, each when it is done.

    Raises:
        ProjectError: metadata of an example are not what they should be.
    """
    examples = nlu.examples
    problems = Problems()
    sentences = labelled(examples, problems)
    problems.raise_errors()
    folds = max(fold_of, default=-1) + 1
    near = neighbours_of(near_pairs([example.text for example in examples]))
    for number in range(folds):
        held = [index for index, fold in enumerate(fold_of) if fold == number]
        excluded = {twin for index in held for twin in near.get(index, ())}.union(held)
        training = tuple(example for index, example in enumerate(examples) if index not in excluded)
        if not held or not training:
            continue
        interpreter = Interpreter.train(specs, replace(nlu, examples=training))
        if progress:
            progress(2 * number + 1, 2 * folds)
        predictions = predict(interpreter, [sentences[index] for index in held])
        if progress:
            progress(2 * number + 2, 2 * folds)
        yield Fold(number + 1, interpreter, training, predictions)


def folds_by_idea(examples: Sequence[Example], folds: int, seed: int = 42) -> list[int]:
    """Folds of whole blocks: what is measured is how well new ideas are understood, as users have them.

    Args:
        examples: the project's.
        folds: how many there are.
        seed: decides among groups of the same size.

    Returns:
        For each example a number from 0 to `folds` - 1.

    Raises:
        ValueError: fewer than two folds.
    """
    return _assigned(examples, _blocks(examples, folds), folds, seed)


def folds_by_sentence(examples: Sequence[Example], folds: int, seed: int = 42) -> list[int]:
    """Folds of single sentences: a model knows the others of the block, so that what it gets wrong is odd among them.

    Arguments, result and errors as for `folds_by_idea`.
    """
    return _assigned(examples, [[index] for index in range(len(examples))], folds, seed)


def _assigned(examples: Sequence[Example], groups: list[list[int]], folds: int, seed: int) -> list[int]:
    """Groups put into folds, the largest first, every intent spread as evenly as its groups allow."""
    if folds < 2:
        raise ValueError("cross-validation needs two folds at least")
    random.Random(seed).shuffle(groups)
    groups.sort(key=len, reverse=True)
    fold_of = [0] * len(examples)
    held: Counter[tuple[str, int]] = Counter()
    sizes = [0] * folds
    for group in groups:
        intent = examples[group[0]].intent
        fold = min(range(folds), key=lambda number: (held[intent, number], sizes[number]))
        held[intent, fold] += len(group)
        sizes[fold] += len(group)
        for index in group:
            fold_of[index] = fold
    return fold_of


def _blocks(examples: Sequence[Example], folds: int) -> list[list[int]]:
    """Indices of the examples that stay together."""
    blocks: dict[tuple[str, int], list[int]] = defaultdict(list)
    counts: Counter[str] = Counter()
    for index, example in enumerate(examples):
        blocks[example.intent, example.block].append(index)
        counts[example.intent] += 1
    groups: list[list[int]] = []
    for (intent, _), block in blocks.items():
        if len(block) <= LARGEST_BLOCK * counts[intent]:
            groups.append(block)
        else:
            groups += _runs(block, folds)
    return groups


def _runs(block: Sequence[int], count: int) -> list[list[int]]:
    """A block as `count` runs of neighbouring sentences, or as many as there are sentences."""
    cuts = [round(len(block) * number / count) for number in range(count + 1)]
    return [list(block[start:end]) for start, end in pairwise(cuts) if start < end]
