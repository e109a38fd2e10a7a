"""Sentences that say nearly the same as a new one: what it must not double, contradict, or carry from training into test.

A sentence is either in training or in test, never both, nor a light rewording of one (`bot.training.near_duplicates`);
two texts of four words or less are near only when they are the same (« mot de passe oublié »).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from bot.project.files import read_files
from bot.project.model import NOWHERE, Addition, Example, Location, Project
from bot.project.nlu_reader import NluReader
from bot.project.problems import Problems
from bot.training.near_duplicates import LEAST_JACCARD, MOST_DISTANCE, words_of

TEST_FILES = (Path("tests/nlu/frozen.yml"), Path("tests/nlu/development.yml"))
"""Sentences that are measured on, in the project's folder."""
SHORT = 4
"""Two texts of so few words are near only when they are the same."""

Place = Literal["training", "test"]
Kind = Literal["duplicate", "conflict", "near_conflict", "near", "other_set"]


@dataclass(frozen=True, slots=True)
class Known:
    """A sentence that the new one is compared with."""

    text: str
    intent: str
    place: Place
    location: Location = NOWHERE
    """Nowhere: confirmed in the console."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """A known sentence that says nearly the same as the new one."""

    kind: Kind
    """The same sentence in the same place and topic; the same with another topic; a near one with another topic; a near
    one of the same topic; one that is tested with, while the new one is for training, or the reverse."""
    known: Known

    @property
    def forbids(self) -> bool:
        """Whether the new sentence must not be taken; otherwise it is for an editor to see."""
        return self.kind in ("duplicate", "conflict", "other_set")


class Corpus:
    """Sentences of a project, ready to be compared with: 17,000 take some milliseconds.

    Args:
        known: the sentences.
    """

    def __init__(self, known: Iterable[Known]) -> None:
        self.known = tuple(known)
        self._bare = [words_of(item.text) for item in self.known]
        self._words = [frozenset(text.split()) for text in self._bare]
        self._sizes = np.asarray([len(words) for words in self._words], dtype=np.int32)
        self._lengths = np.asarray([len(text) for text in self._bare], dtype=np.int32)

    def near(self, text: str) -> list[Known]:
        """The sentences that say nearly the same, those that are the same first."""
        folded = words_of(text)
        found = {number for number in self._candidates(folded) if self._is_near(folded, number)}
        return [self.known[number] for number in sorted(found, key=lambda number: (self._bare[number] != folded, number))]

    def _candidates(self, folded: str) -> list[int]:
        """Sentences whose words or letters are about as many, and near."""
        if not self.known:
            return []
        words = frozenset(folded.split())
        alike = (self._sizes >= LEAST_JACCARD * len(words)) & (self._sizes <= len(words) / LEAST_JACCARD)
        by_words = [int(number) for number in np.flatnonzero(alike) if _jaccard(words, self._words[number]) >= LEAST_JACCARD]
        longer = np.maximum(self._lengths, len(folded))
        rows = np.flatnonzero(np.abs(self._lengths - len(folded)) <= MOST_DISTANCE * longer)
        distances = cdist(
            [folded],
            [self._bare[number] for number in rows],
            scorer=Levenshtein.normalized_distance,
            score_cutoff=MOST_DISTANCE,
            dtype=np.float32,
        )
        return by_words + [int(rows[column]) for column in np.flatnonzero(distances[0] <= np.float32(MOST_DISTANCE))]

    def _is_near(self, folded: str, number: int) -> bool:
        return folded == self._bare[number] or max(len(folded.split()), len(self._bare[number].split())) > SHORT


def corpus_of(project: Project, test_files: Sequence[Path] = TEST_FILES) -> Corpus:
    """A project's training sentences, and those of its test files, which are relative to its folder."""
    known = [_known(example, "training") for example in project.nlu.examples]
    for example in _examples(project.root, test_files):
        known.append(_known(example, "test"))
    return Corpus(known)


def confirmed(additions: Iterable[Addition], place: Place) -> list[Known]:
    """Sentences that were confirmed in the console, as known ones."""
    return [Known(addition.text, addition.intent, place) for addition in additions]


def overlaps(addition: Addition, place: Place, corpora: Sequence[Corpus]) -> list[Overlap]:
    """What a new sentence says nearly the same as, what forbids it first.

    Args:
        addition: the sentence.
        place: where it is to go.
        corpora: what there is: of the files, and of the console.
    """
    folded = words_of(addition.text)
    found = []
    for corpus in corpora:
        for known in corpus.near(addition.text):
            same, agrees = words_of(known.text) == folded, known.intent == addition.intent
            kind: Kind
            if known.place != place:
                kind = "other_set"
            elif agrees:
                kind = "duplicate" if same else "near"
            else:
                kind = "conflict" if same else "near_conflict"
            found.append(Overlap(kind, known))
    order: tuple[Kind, ...] = ("other_set", "conflict", "duplicate", "near_conflict", "near")
    return sorted(found, key=lambda overlap: order.index(overlap.kind))


def _jaccard(words: frozenset[str], others: frozenset[str]) -> float:
    shared = len(words & others)
    return shared / (len(words) + len(others) - shared) if shared else 0.0


def _known(example: Example, place: Place) -> Known:
    return Known(example.text, example.intent_response_key or example.intent, place, example.location)


def _examples(root: Path, names: Sequence[Path]) -> list[Example]:
    """The test files' sentences; a file that is missing or wrong is for `bma test nlu` to tell."""
    problems = Problems()
    reader = NluReader(problems)
    for file in read_files([root / name for name in names if (root / name).is_file()], root, problems):
        if "nlu" in file.kinds:
            reader.read(file.root.get("nlu"))
    return reader.examples
