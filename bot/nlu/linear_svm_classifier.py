"""Intents by linear support vector machines, one against the rest, with calibrated probabilities.

Trains in seconds where multinomial logistic regression takes ten times as long, and is right a little more often
(table in docs/nlu.md). Margins become probabilities by a softmax whose one scale is fitted on out-of-fold margins.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from bot.nlu.component import Saved
from bot.nlu.linear_machines import fit
from bot.nlu.message import Floats, Message, Options, TrainingSet, joined, softmax, stack


class LinearSvmClassifier:
    """One linear machine an intent.

    Options:
        C: weight of the errors against the width of the margin.
        tol: when to stop looking for better weights; finer than 0.05 changes no answer and takes longer.
        balance: how far a rare intent weighs as much as a frequent one: 0 not at all, 1 wholly.
        prior: `{intent: weight}`, how many times likelier an intent is among users than among the examples.
        held_out: share of the blocks of examples that the scale is fitted on.
        random_state: seed of the choice of these blocks.
        ranking_length: intents in the ranking.
    """

    OPTIONS: ClassVar[Mapping[str, Any]] = {
        "C": 0.5,
        "tol": 0.05,
        "balance": 0.5,
        "prior": {},
        "held_out": 0.4,
        "random_state": 42,
        "ranking_length": 10,
    }

    def __init__(self, options: Options) -> None:
        self._options = options
        self._labels: list[str] = []
        self._weights: Floats = np.empty((0, 0), np.float32)
        """Shape (features, labels), the scale included."""
        self._bias: Floats = np.empty(0, np.float32)

    def train(self, data: TrainingSet) -> None:
        """Fit machines on part of the examples, the scale on the margins of the rest, and the machines on all examples."""
        from scipy.sparse import csr_matrix

        messages = [message for message in data.messages if message.label]
        indices, values, pointers, width = stack(messages)
        features = csr_matrix((values.astype(np.float64), indices, pointers), shape=(len(messages), width))
        labels = np.asarray([str(message.label) for message in messages])
        is_unseen = self._unseen(np.asarray([message.block for message in messages]))
        scale, seen = 1.0, None
        if is_unseen.any() and len(np.unique(labels[~is_unseen])) > 1:
            seen = fit(features[~is_unseen], labels[~is_unseen], self._options)
            scale = best_scale(seen.margins(features[is_unseen], np.unique(labels)), labels[is_unseen], np.unique(labels))
        machines = fit(features, labels, self._options, seen)
        self._labels = [str(label) for label in machines.labels]
        self._weights = np.ascontiguousarray(scale * machines.weights, dtype=np.float32)
        prior = np.log([float(self._options["prior"].get(label, 1.0)) for label in self._labels])
        self._bias = (scale * machines.bias + prior).astype(np.float32)

    def _unseen(self, blocks: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
        """Which examples the scale is fitted on: whole blocks, so that they are written by another hand."""
        numbers, block_of = np.unique(blocks, return_inverse=True)
        order = np.random.default_rng(self._options["random_state"]).permutation(len(numbers))
        return np.asarray(order[block_of] < float(self._options["held_out"]) * len(numbers))

    def process(self, message: Message) -> None:
        """Rank the intents by probability."""
        if not self._labels:
            return
        indices, values, _ = joined(message)
        probabilities = softmax(values @ self._weights[indices] + self._bias)
        order = np.argsort(-probabilities, kind="stable")[: self._options["ranking_length"]]
        best = zip(order.tolist(), probabilities[order].tolist(), strict=True)
        message.ranking = [{"name": self._labels[label], "confidence": probability} for label, probability in best]
        message.intent = dict(message.ranking[0])

    def save(self) -> Saved:
        """Labels and weights."""
        return Saved({"labels": self._labels}, {"weights": self._weights, "bias": self._bias})

    def load(self, saved: Saved) -> None:
        """Take labels and weights again."""
        self._labels = list(saved.json["labels"])
        self._weights, self._bias = saved.arrays["weights"], saved.arrays["bias"]


def best_scale(margins: npt.NDArray[np.float64], labels: npt.NDArray[Any], names: npt.NDArray[Any]) -> float:
    """The factor on margins for which the softmax fits the labels best (least log loss).

    Args:
        margins: shape (examples, names).
        labels: the label of each example.
        names: all labels, in alphabetical order.
    """
    from scipy.optimize import minimize_scalar

    truth = np.searchsorted(names, labels)

    def log_loss(log_scale: float) -> float:
        probabilities = softmax(np.exp(log_scale) * margins)
        return float(-np.log(probabilities[np.arange(len(truth)), truth] + 1e-12).mean())

    return float(np.exp(minimize_scalar(log_loss, bounds=(-3.0, 4.0), method="bounded").x))
