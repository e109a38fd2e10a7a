"""A message on its way through the pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from bot.project.model import AnnotatedEntity, NluData

Indices = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]


class Token(NamedTuple):
    """A word of the text: `text[start:end]`, and how components compare it."""

    text: str
    start: int
    end: int
    norm: str


@dataclass(frozen=True, slots=True)
class SparseFeatures:
    """What one featurizer found: values at some of `size` positions."""

    indices: Indices
    """Positions, ascending, shape (n,)."""
    values: Floats
    """Their values, shape (n,)."""
    size: int


@dataclass(frozen=True, slots=True)
class Context:
    """What the conversation is about when a message comes."""

    slots: Mapping[str, Any] = field(default_factory=dict)
    form: str | None = None
    """Name of the form that waits for an answer."""


@dataclass(slots=True)
class Message:
    """A text and what the components have understood of it so far."""

    text: str
    body: tuple[int, int] = (0, 0)
    """Start and end of what is said; the rest is greeting and signature. The whole text unless a component finds it."""
    tokens: list[Token] = field(default_factory=list)
    features: list[SparseFeatures] = field(default_factory=list)
    entities: list[dict[str, Any]] = field(default_factory=list)
    intent: dict[str, Any] = field(default_factory=lambda: {"name": None, "confidence": 0.0})
    ranking: list[dict[str, Any]] = field(default_factory=list)
    context: Context | None = None
    """None when the text came alone, as in an evaluation of the intents."""
    segments: list[tuple[int, int]] = field(default_factory=list)
    """Start and end of the parts of the text that may be questions of their own."""
    questions: list[dict[str, Any]] = field(default_factory=list)
    """The message's further questions, after the one that `intent` answers: start, end, intent, ranking, entities."""

    # of training messages only
    label: str | None = None
    annotations: tuple[AnnotatedEntity, ...] = ()
    block: int = 0
    """Which of them were written together: they are alike, and are never split between training and trial."""

    def __post_init__(self) -> None:
        if self.body == (0, 0):
            self.body = (0, len(self.text))

    @property
    def words(self) -> list[str]:
        """Its words as components compare them; a token's `norm` may hold several."""
        return " ".join([token.norm for token in self.tokens]).split()

    def to_json(self) -> dict[str, Any]:
        """The parse result in Rasa's shape (`/model/parse`); ours has `questions` besides, when there are several."""
        result: dict[str, Any] = {
            "text": self.text,
            "intent": dict(self.intent),
            "entities": [dict(entity) for entity in self.entities],
            "text_tokens": [[token.start, token.end] for token in self.tokens],
            "intent_ranking": [dict(item) for item in self.ranking[:10]],
            "response_selector": {"all_retrieval_intents": []},
        }
        if self.questions:
            result["questions"] = [dict(question) for question in self.questions]
        return result


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """What components learn from."""

    messages: list[Message]
    """Examples, with what earlier components added."""
    nlu: NluData
    """Synonyms, regexes and lookup tables."""


def stack(messages: list[Message]) -> tuple[Indices, Floats, npt.NDArray[np.int64], int]:
    """All messages' features side by side, as the parts of a CSR matrix.

    Returns:
        indices, values, row pointers (shape (messages + 1,)), number of columns.
    """
    columns, values, pointers = [], [], [0]
    width = 0
    for message in messages:
        indices, data, width = joined(message)
        columns.append(indices)
        values.append(data)
        pointers.append(pointers[-1] + len(indices))
    return np.concatenate(columns), np.concatenate(values), np.asarray(pointers, dtype=np.int64), width


def joined(message: Message) -> tuple[Indices, Floats, int]:
    """One message's features side by side: positions, values, number of columns."""
    if len(message.features) == 1:
        only = message.features[0]
        return only.indices, only.values, only.size
    offset, indices, values = 0, [], []
    for part in message.features:
        indices.append(part.indices + np.int32(offset))
        values.append(part.values)
        offset += part.size
    if not indices:
        return np.empty(0, np.int32), np.empty(0, np.float32), 0
    return np.concatenate(indices), np.concatenate(values), offset


def softmax(scores: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Scores as probabilities over the last axis."""
    exponents: npt.NDArray[Any] = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(exponents / exponents.sum(axis=-1, keepdims=True))


Options = Mapping[str, Any]
