"""A word that training never saw is read as the known word one slip away: « mto de pase » has « mot de passe » in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import chain
from typing import Any, ClassVar

from rapidfuzz import process as nearest
from rapidfuzz.distance import OSA

from bot.nlu.component import Saved, text_array, texts_of
from bot.nlu.message import Message, Options, TrainingSet
from bot.nlu.remembered import Remembered


class SpellingCorrector:
    """Replaces the `norm` of unknown words. Stands after the tokenizer.

    Slips are letters added, left out, replaced, or two neighbours exchanged (optimal string alignment distance).

    Options:
        min_df: examples that must hold a word for it to replace another.
        least_length: shorter words stay as they are.
        long_length: words that long may hold two slips instead of one.
    """

    OPTIONS: ClassVar[Mapping[str, Any]] = {"min_df": 2, "least_length": 4, "long_length": 8}

    def __init__(self, options: Options) -> None:
        self._min_df, self._least, self._long = (int(options[name]) for name in ("min_df", "least_length", "long_length"))
        self._frequency: dict[str, int] = {}
        self._choices: list[str] = []
        self._corrected = Remembered(self._correction)

    def train(self, data: TrainingSet) -> None:
        """Learn which words there are."""
        counts = Counter(chain.from_iterable(set(message.words) for message in data.messages))
        self._know(dict(sorted(counts.items())))

    def _know(self, frequency: dict[str, int]) -> None:
        self._frequency = frequency
        self._choices = [
            word for word, count in frequency.items() if count >= self._min_df and len(word) >= self._least and word.isalpha()
        ]
        self._corrected.forget()

    def process(self, message: Message) -> None:
        """Correct the words."""
        for number, token in enumerate(message.tokens):
            norm = " ".join([self._corrected(word) for word in token.norm.split()])
            if norm != token.norm:
                message.tokens[number] = token._replace(norm=norm)

    def _correction(self, word: str) -> str:
        if word in self._frequency or len(word) < self._least or not word.isalpha():
            return word
        most = 1 if len(word) < self._long else 2
        found = nearest.extract(word, self._choices, scorer=OSA.distance, score_cutoff=most, limit=20)
        likely = [(slips, -self._frequency[known], known) for known, slips, _ in found if slips < 2 or known[0] == word[0]]
        return min(likely)[2] if likely else word

    def save(self) -> Saved:
        """The words and in how many examples each is."""
        counts = list(self._frequency.values())
        return Saved({"counts": counts}, {"words": text_array(self._frequency)})

    def load(self, saved: Saved) -> None:
        """Take the words again."""
        self._know(dict(zip(texts_of(saved.arrays["words"]), saved.json["counts"], strict=True)))
