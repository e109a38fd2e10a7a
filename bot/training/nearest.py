"""The training sentences that a model sees nearest to a sentence: they tell why it found what it found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.masking import mask
from bot.nlu.interpreter import Interpreter
from bot.nlu.message import Message, stack
from bot.project.model import Example
from bot.text import clean_text

_ROWS = 256
"""Sentences that are compared with all training sentences at once."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A training sentence near another one."""

    example: Example
    similarity: float
    """Cosine of the model's own features, from 0 to 1."""


class Neighbourhood:
    """Training sentences as a model sees them.

    Args:
        interpreter: the model.
        examples: what it was trained on.
    """

    def __init__(self, interpreter: Interpreter, examples: Sequence[Example]) -> None:
        self._interpreter = interpreter
        self._examples = tuple(examples)
        self._known = self._features([example.text for example in self._examples]) if self._examples else None

    def nearest(self, texts: Sequence[str], count: int = 3) -> list[tuple[Neighbour, ...]]:
        """The nearest training sentences of each text, nearest first; those with nothing in common are left out.

        Args:
            texts: what users typed.
            count: how many for each.
        """
        if self._known is None or not self._known.shape[1]:
            return [() for _ in texts]
        found: list[tuple[Neighbour, ...]] = []
        for start in range(0, len(texts), _ROWS):
            asked = self._features([mask(clean_text(text)).text for text in texts[start : start + _ROWS]])
            for row in (asked @ self._known.T).toarray():
                order = np.argsort(-row, kind="stable")[:count]
                found.append(tuple(Neighbour(self._examples[index], float(row[index])) for index in order if row[index] > 0))
        return found

    def _features(self, texts: Sequence[str]) -> Any:
        """A CSR matrix of one row of length 1 a text."""
        from scipy.sparse import csr_matrix
        from sklearn.preprocessing import normalize

        messages = [self._featurized(text) for text in texts]
        indices, values, pointers, width = stack(messages)
        return normalize(csr_matrix((values, indices, pointers), shape=(len(messages), width)))

    def _featurized(self, text: str) -> Message:
        """A message with what the classifier sees: later components add no features."""
        message = Message(text)
        for component in self._interpreter.components:
            component.process(message)
            if message.ranking:
                break
        return message
