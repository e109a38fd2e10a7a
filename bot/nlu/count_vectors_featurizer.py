"""Rasa's CountVectorsFeaturizer: bags of n-grams (`rasa/nlu/featurizers/sparse_featurizer/count_vectors_featurizer.py`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from bot.nlu.component import Saved, text_array, texts_of
from bot.nlu.folding import fold
from bot.nlu.message import Message, Options, SparseFeatures, TrainingSet
from bot.nlu.ngrams import char_ngrams, char_wb_ngrams, word_ngrams


class CountVectorsFeaturizer:
    """Counts of the n-grams seen in training, with scikit-learn's options under Rasa's names."""

    OPTIONS: ClassVar[Mapping[str, Any]] = {
        "analyzer": "word",
        "min_ngram": 1,
        "max_ngram": 1,
        "min_df": 1,
        "max_features": None,
        "lowercase": True,
        "strip_accents": None,
    }

    def __init__(self, options: Options) -> None:
        self._options = options
        self._grams = _analyzer(options["analyzer"])
        self._columns: dict[str, int] = {}

    def train(self, data: TrainingSet) -> None:
        """Choose the n-grams to count: those in at least `min_df` examples, the `max_features` most frequent."""
        frequency: Counter[str] = Counter()
        documents: Counter[str] = Counter()
        for message in data.messages:
            counts = Counter(self._ngrams(message))
            frequency.update(counts)
            documents.update(counts.keys())
        least = self._options["min_df"]
        if isinstance(least, float):
            least = least * len(data.messages)
        kept = [gram for gram in frequency if documents[gram] >= least]
        if self._options["max_features"] is not None:
            kept = sorted(kept, key=lambda gram: (-frequency[gram], gram))[: self._options["max_features"]]
        self._columns = {gram: column for column, gram in enumerate(sorted(kept))}

    def _ngrams(self, message: Message) -> list[str]:
        words = [token.text for token in message.tokens]
        if self._options["lowercase"]:
            words = [word.lower() for word in words]
        if self._options["strip_accents"]:
            words = [fold(word) for word in words]
        return self._grams(words, self._options["min_ngram"], self._options["max_ngram"])

    def process(self, message: Message) -> None:
        """Add the counts."""
        counts: dict[int, int] = {}
        for gram in self._ngrams(message):
            column = self._columns.get(gram)
            if column is not None:
                counts[column] = counts.get(column, 0) + 1
        indices = np.fromiter(sorted(counts), dtype=np.int32, count=len(counts))
        values = np.fromiter((counts[int(column)] for column in indices), dtype=np.float32, count=len(counts))
        message.features.append(SparseFeatures(indices, values, len(self._columns)))

    def save(self) -> Saved:
        """The n-grams, in the order of their columns."""
        return Saved(arrays={"ngrams": text_array(self._columns)})

    def load(self, saved: Saved) -> None:
        """Take the n-grams again."""
        self._columns = {gram: column for column, gram in enumerate(texts_of(saved.arrays["ngrams"]))}


def _analyzer(name: str) -> Callable[[Sequence[str], int, int], list[str]]:
    match name:
        case "char_wb":
            return char_wb_ngrams
        case "char":
            return lambda words, shortest, longest: char_ngrams(" ".join(words), shortest, longest)
        case _:
            return word_ngrams
