"""Weighted n-grams of folded French: words, their parts, and the entities found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from bot.nlu.component import Saved, text_array, texts_of
from bot.nlu.message import Floats, Message, Options, SparseFeatures, TrainingSet
from bot.nlu.ngrams import char_wb_ngrams, word_ngrams


class TfidfFeaturizer:
    """N-grams weighted by 1 + log(count) and inverse document frequency, of unit length.

    Options:
        analyzer: `word` or `char_wb`.
        min_ngram, max_ngram: length of the n-grams, in words or characters.
        min_df: examples that must hold an n-gram for it to be kept.
        entities: whether entities count as words too (`word` only): `entity=` for any value, and `entity=value`.
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
        self._grams = char_wb_ngrams if options["analyzer"] == "char_wb" else word_ngrams
        self._columns: dict[str, int] = {}
        self._idf: Floats = np.empty(0, np.float32)

    def train(self, data: TrainingSet) -> None:
        """Learn which n-grams there are and how rare each is."""
        documents: Counter[str] = Counter()
        for message in data.messages:
            documents.update(set(self._ngrams(message)))
        kept = sorted(gram for gram, count in documents.items() if count >= self._options["min_df"])
        self._columns = {gram: column for column, gram in enumerate(kept)}
        frequency = np.fromiter((documents[gram] for gram in kept), dtype=np.float32, count=len(kept))
        self._idf = (np.log((1 + len(data.messages)) / (1 + frequency)) + 1).astype(np.float32)

    def _ngrams(self, message: Message) -> list[str]:
        words = [word for token in message.tokens for word in token.norm.split()]
        grams = self._grams(words, self._options["min_ngram"], self._options["max_ngram"])
        if self._options["entities"]:
            for entity in message.entities:
                grams += [f"{entity['entity']}=", f"{entity['entity']}={entity['value']}"]
        if self._options["opening"] and message.body[0] and message.body[1] == len(message.text):
            grams.append("opening=")
        return grams

    def process(self, message: Message) -> None:
        """Add the weighted n-grams."""
        columns = self._columns
        counts = Counter(column for gram in self._ngrams(message) if (column := columns.get(gram)) is not None)
        indices = np.fromiter(sorted(counts), dtype=np.int32, count=len(counts))
        found = np.fromiter((counts[int(column)] for column in indices), dtype=np.float32, count=len(counts))
        values = (1 + np.log(found)) * self._idf[indices]
        length = float(np.sqrt(values @ values))
        if length:
            values *= np.float32(self._options["weight"] / length)
        message.features.append(SparseFeatures(indices, values.astype(np.float32), len(columns)))

    def save(self) -> Saved:
        """The n-grams in the order of their columns, and their weights."""
        return Saved(arrays={"ngrams": text_array(self._columns), "idf": self._idf})

    def load(self, saved: Saved) -> None:
        """Take n-grams and weights again."""
        self._columns = {gram: column for column, gram in enumerate(texts_of(saved.arrays["ngrams"]))}
        self._idf = saved.arrays["idf"]
