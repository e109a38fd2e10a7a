"""Sentences that say nearly the same: same words, or a few letters apart.

Two sentences are near-duplicates when, folded and without punctuation, their sets of words have a Jaccard index of 0.8 or
more, or their edit distance is at most 15 % of the longer one. The same measure keeps test sentences out of the training data.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import ceil

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from bot.nlu.folding import fold

LEAST_JACCARD = 0.8
MOST_DISTANCE = 0.15
"""Of the length of the longer text."""
_ROWS = 512
"""Texts that are compared with all others at once: 512 × 12,000 distances take 25 MB."""


def bare(text: str) -> str:
    """The folded text, its words separated by single spaces; texts of punctuation only stay as they are."""
    return re.sub(r"\W+", " ", fold(text)).strip() or text


def words_of(text: str) -> str:
    """What sentences that are the same share: words only; a command's slash is part of it (« /stop » is not « stop »)."""
    return "/" * text.startswith("/") + bare(text)


def near_pairs(texts: Sequence[str]) -> list[tuple[int, int]]:
    """All pairs of near-duplicates; 12,000 texts take seconds.

    Args:
        texts: sentences as written.

    Returns:
        Pairs of indices, the lower first, in ascending order.
    """
    plain = [bare(text) for text in texts]
    return sorted({*_same_words(plain), *_few_letters_apart(plain)})


def _same_words(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs by their words: two sets so alike share one of their rarest words (prefix filter of set similarity joins)."""
    sets = [frozenset(text.split()) for text in texts]
    frequency = Counter(word for words in sets for word in words)
    holding: dict[str, list[int]] = defaultdict(list)
    order = sorted(range(len(texts)), key=lambda number: len(sets[number]))
    for number in order:
        words = sets[number]
        rarest = sorted(words, key=lambda word: (frequency[word], word))[: len(words) - ceil(LEAST_JACCARD * len(words)) + 1]
        candidates = {other for word in rarest for other in holding[word]}
        for other in candidates:
            others = sets[other]
            shared = len(words & others) if len(others) >= LEAST_JACCARD * len(words) else 0
            if shared and shared >= LEAST_JACCARD * (len(words) + len(others) - shared):
                yield min(number, other), max(number, other)
        for word in rarest:
            holding[word].append(number)


def _few_letters_apart(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs by edit distance, among texts of nearly the same length only."""
    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    ordered = [texts[number] for number in order]
    lengths = np.asarray([len(text) for text in ordered])
    for start in range(0, len(ordered), _ROWS):
        rows = ordered[start : start + _ROWS]
        end = int(np.searchsorted(lengths, lengths[start + len(rows) - 1] / (1 - MOST_DISTANCE), side="right"))
        distances = cdist(
            rows,
            ordered[start:end],
            scorer=Levenshtein.normalized_distance,
            score_cutoff=MOST_DISTANCE,
            dtype=np.float32,
        )
        for row, column in np.argwhere(distances <= np.float32(MOST_DISTANCE)):
            if row < column:
                first, second = order[start + row], order[start + column]
                yield min(first, second), max(first, second)


def neighbours_of(pairs: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    """Each sentence's near-duplicates, from their pairs."""
    near: dict[int, set[int]] = defaultdict(set)
    for first, second in pairs:
        near[first].add(second)
        near[second].add(first)
    return near
