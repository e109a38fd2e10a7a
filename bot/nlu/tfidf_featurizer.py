"""Weighted n-grams of folded French: words, their parts, and the entities found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from bot.nlu.component import Saved, text_array, texts_of
from bot.nlu.folding import fold
from bot.nlu.message import Floats, Indices, Message, Options, SparseFeatures, TrainingSet
from bot.nlu.ngrams import char_wb_ngrams, word_ngrams
from bot.nlu.remembered import Remembered


class TfidfFeaturizer:
    """N-grams weighted by 1 + log(count) and inverse document frequency, of unit length.

    Options:
        analyzer: `word` or `char_wb`.
        min_ngram, max_ngram: length of the n-grams, in words or characters.
        min_df: examples that must hold an n-gram for it to be kept.
        entities: whether entities count as words too (`word` only): `entity=` for any value, and `entity=value`, folded.
        opening: whether a greeting left out of the body counts as one word, when it has no signature to go with it.
        weight: length of the vector; weighs this featurizer against the others.
    """

    OPTIONS: ClassVar[Mapping[str, Any]] = {
        "analyzer": "word",
        "min_ngram": 1,
        "max_ngram": 2,
        "min_df": 1,
        "entities": False,
        "opening": False,
        "weight": 1.0,
    }

    def __init__(self, options: Options) -> None:
        self._options = options
        self._is_of_characters = options["analyzer"] == "char_wb"
        self._columns: dict[str, int] = {}
        self._idf: Floats = np.empty(0, np.float32)
        self._columns_of = Remembered(self._known_columns)

    def train(self, data: TrainingSet) -> None:
        """Learn which n-grams there are and how rare each is."""
        documents: Counter[str] = Counter()
        parts_of = cache(self._parts)  # of all words, until this is done: a word's n-grams are a kilobyte
        for message in data.messages:
            parts = chain.from_iterable(map(parts_of, message.words)) if self._is_of_characters else self._word_ngrams(message)
            documents.update(set(parts))
        kept = sorted(gram for gram, count in documents.items() if count >= self._options["min_df"])
        frequency = np.fromiter((documents[gram] for gram in kept), dtype=np.float32, count=len(kept))
        idf = (np.log((1 + len(data.messages)) / (1 + frequency)) + 1).astype(np.float32)
        self._know({gram: column for column, gram in enumerate(kept)}, idf)

    def _know(self, columns: dict[str, int], idf: Floats) -> None:
        self._columns, self._idf = columns, idf
        self._columns_of.forget()

    def _word_ngrams(self, message: Message) -> list[str]:
        return word_ngrams(message.words, self._options["min_ngram"], self._options["max_ngram"]) + self._marks(message)

    def _parts(self, word: str) -> tuple[str, ...]:
        return tuple(char_wb_ngrams((word,), self._options["min_ngram"], self._options["max_ngram"]))

    def _known_columns(self, word: str) -> tuple[int, ...]:
        return tuple(column for gram in self._parts(word) if (column := self._columns.get(gram)) is not None)

    def _found(self, message: Message, columns_of: Callable[[str], tuple[int, ...]]) -> list[int]:
        """Columns of the message's n-grams that training has seen, as often as they stand there."""
        if self._is_of_characters:
            return list(chain.from_iterable(map(columns_of, message.words)))
        return [column for gram in self._word_ngrams(message) if (column := self._columns.get(gram)) is not None]

    def _marks(self, message: Message) -> list[str]:
        """Words of ours: the entities found, and a greeting that has no signature to go with it."""
        marks: list[str] = []
        if self._options["entities"]:
            for entity in message.entities:
                marks += [f"{entity['entity']}=", f"{entity['entity']}={fold(str(entity['value']))}"]
        if self._options["opening"] and message.body[0] and message.body[1] == len(message.text):
            marks.append("opening=")
        return marks

    def process(self, message: Message) -> None:
        """Add the weighted n-grams."""
        # a few dozen: numpy.unique takes three times as long
        counted = sorted(Counter(self._found(message, self._columns_of)).items())
        indices = np.array([column for column, _ in counted], dtype=np.int32)
        counts = np.array([count for _, count in counted], dtype=np.int64)
        message.features.append(self._of_one_length(indices, self._weighted(indices, counts)))

    def process_all(self, messages: Sequence[Message]) -> None:
        """Add the weighted n-grams to each message; those of all are counted in one matrix."""
        from scipy.sparse import csr_matrix

        columns_of = cache(self._known_columns)  # of all words, until this is done
        found = [self._found(message, columns_of) for message in messages]
        pointers = np.cumsum([0, *map(len, found)])
        columns = np.fromiter(chain.from_iterable(found), dtype=np.int32, count=pointers[-1])
        counted = csr_matrix((np.ones(len(columns), np.int64), columns, pointers), shape=(len(found), len(self._columns)))
        counted.sum_duplicates()
        indices, values = counted.indices, self._weighted(counted.indices, counted.data)
        for message, start, end in zip(messages, counted.indptr, counted.indptr[1:], strict=False):
            message.features.append(self._of_one_length(indices[start:end], values[start:end]))

    def _weighted(self, indices: Indices, counts: npt.NDArray[np.int64]) -> Floats:
        return (1 + np.log(counts)).astype(np.float32) * self._idf[indices]

    def _of_one_length(self, indices: Indices, values: Floats) -> SparseFeatures:
        length = float(np.sqrt(values @ values))
        if length:
            values *= np.float32(self._options["weight"] / length)
        return SparseFeatures(indices, values, len(self._columns))

    def save(self) -> Saved:
        """The n-grams in the order of their columns, and their weights."""
        return Saved(arrays={"ngrams": text_array(self._columns), "idf": self._idf})

    def load(self, saved: Saved) -> None:
        """Take n-grams and weights again."""
        columns = {gram: column for column, gram in enumerate(texts_of(saved.arrays["ngrams"]))}
        self._know(columns, saved.arrays["idf"])
