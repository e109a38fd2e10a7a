"""What the training sentences look like: how many, how alike, and which ones a model without them understands otherwise."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import Levenshtein

from bot.nlu.folding import fold
from bot.project.model import Example
from bot.training.near_duplicates import bare, near_pairs
from bot.training.nlu_report import place_json
from bot.training.prediction import Prediction, Scope

LEAST_SENTENCES = 3
"""Sentences that must hold a word before it is said to belong to one intent only."""
LEAST_LETTERS = 3
SURE = 0.6
"""Confidence in another intent from which a sentence is likely to be in the wrong place."""
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Topic:
    """An intent's sentences."""

    intent: str
    sentences: int
    blocks: int
    words: float
    """Mean length in words."""


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """Two sentences that say nearly the same."""

    first: Example
    second: Example
    likeness: float
    """The greater of the words' Jaccard index and the letters' similarity, from 0 to 1."""

    @property
    def is_across(self) -> bool:
        """Whether they are of two intents."""
        return self.first.intent != self.second.intent


@dataclass(frozen=True, slots=True)
class LoneWord:
    """A word of one intent only: whoever types it is understood so, whatever else is said."""

    word: str
    intent: str
    sentences: int
    first: Example


@dataclass(frozen=True, slots=True)
class DataReport:
    """What was found in a project's training sentences."""

    topics: tuple[Topic, ...]
    duplicates: tuple[NearDuplicate, ...]
    """Across intents first, then the most alike."""
    suspects: tuple[Prediction, ...]
    """Sentences that a model without them takes for another intent with confidence, the surest first."""
    lone_words: tuple[LoneWord, ...]
    """The most frequent first."""
    folds: int

    def to_json(self) -> dict[str, Any]:
        """As JSON (docs/evaluation.md)."""
        return {
            "format": 1,
            "sentences": sum(topic.sentences for topic in self.topics),
            "folds": self.folds,
            "topics": [
                {"intent": topic.intent, "sentences": topic.sentences, "blocks": topic.blocks, "words": topic.words}
                for topic in self.topics
            ],
            "near_duplicates": [
                {
                    "first": example_json(pair.first),
                    "second": example_json(pair.second),
                    "likeness": pair.likeness,
                    "across": pair.is_across,
                }
                for pair in self.duplicates
            ],
            "suspects": [
                {
                    **place_json(item),
                    "intent": item.expected,
                    "found": item.likeliest,
                    "confidence": item.confidence,
                }
                for item in self.suspects
            ],
            "lone_words": [
                {
                    "word": item.word,
                    "intent": item.intent,
                    "sentences": item.sentences,
                    "first": example_json(item.first),
                }
                for item in self.lone_words
            ],
        }


def data_report(examples: Sequence[Example], predictions: Sequence[Prediction], scope: Scope, folds: int) -> DataReport:
    """Look at training sentences.

    Args:
        examples: all of the project.
        predictions: of the same sentences by models that have not seen them (`cross_validate`).
        scope: what the configuration says about its intents: a vaguer intent of the same question is no suspicion.
        folds: of the cross-validation.
    """
    suspects = [item for item in predictions if item.confidence >= SURE and scope.outcome_of(item, item.likeliest) in WRONG]
    return DataReport(
        topics=_topics(examples),
        duplicates=_duplicates(examples),
        suspects=tuple(sorted(suspects, key=lambda item: -item.confidence)),
        lone_words=lone_words(examples),
        folds=folds,
    )


WRONG = ("wrong", "declined")
"""Outcomes of a sentence that is taken for another intent."""


def _topics(examples: Sequence[Example]) -> tuple[Topic, ...]:
    of: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        of[example.intent].append(example)
    topics = (
        Topic(
            intent,
            len(held),
            len({example.block for example in held}),
            round(sum(len(example.text.split()) for example in held) / len(held), 1),
        )
        for intent, held in of.items()
    )
    return tuple(sorted(topics, key=lambda topic: (-topic.sentences, topic.intent)))


def _duplicates(examples: Sequence[Example]) -> tuple[NearDuplicate, ...]:
    pairs = []
    for first, second in near_pairs([example.text for example in examples]):
        one, other = bare(examples[first].text), bare(examples[second].text)
        words, others = set(one.split()), set(other.split())
        jaccard = len(words & others) / len(words | others) if words | others else 0.0
        likeness = max(jaccard, Levenshtein.normalized_similarity(one, other))
        pairs.append(NearDuplicate(examples[first], examples[second], round(likeness, 3)))
    return tuple(sorted(pairs, key=lambda pair: (not pair.is_across, -pair.likeness)))


def lone_words(examples: Sequence[Example]) -> tuple[LoneWord, ...]:
    """Words (folded, of three letters or more) of at least three sentences, all of one intent."""
    intents: dict[str, set[str]] = defaultdict(set)
    counts: Counter[str] = Counter()
    first: dict[str, Example] = {}
    for example in examples:
        for word in set(_WORD.findall(fold(example.text))):
            intents[word].add(example.intent)
            counts[word] += 1
            first.setdefault(word, example)
    found = (
        LoneWord(word, first[word].intent, count, first[word])
        for word, count in counts.items()
        if count >= LEAST_SENTENCES and len(word) >= LEAST_LETTERS and len(intents[word]) == 1
    )
    return tuple(sorted(found, key=lambda item: (-item.sentences, item.word)))


def example_json(example: Example) -> dict[str, Any]:
    """A training sentence and where it is."""
    place = example.location
    return {"text": example.text, "intent": example.intent, "file": place.file, "line": place.line}
