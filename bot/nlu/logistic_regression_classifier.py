"""Rasa's LogisticRegressionClassifier (`rasa/nlu/classifiers/logistic_regression_classifier.py`).

scikit-learn trains; inference is one product of the message's few features with the archive's arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from bot.nlu.component import Saved
from bot.nlu.message import Floats, Message, Options, TrainingSet, joined, softmax, stack


class LogisticRegressionClassifier:
    """Multinomial logistic regression over all features before it."""

    OPTIONS: ClassVar[Mapping[str, Any]] = {
        "class_weight": "balanced",
        "max_iter": 100,
        "solver": "lbfgs",
        "tol": 1e-4,
        "random_state": 42,
        "ranking_length": 10,
        "C": 1.0,
    }

    def __init__(self, options: Options) -> None:
        self._options = options
        self._labels: list[str] = []
        self._weights: Floats = np.empty((0, 0), np.float32)
        """Shape (features, labels)."""
        self._bias: Floats = np.empty(0, np.float32)

    def train(self, data: TrainingSet) -> None:
        """Fit; examples without label are left out."""
        from scipy.sparse import csr_matrix
        from sklearn.linear_model import LogisticRegression

        messages = [message for message in data.messages if message.label]
        indices, values, pointers, width = stack(messages)
        features = csr_matrix((values, indices, pointers), shape=(len(messages), width))
        labels = [str(message.label) for message in messages]
        options = self._options
        model = LogisticRegression(
            C=options["C"],
            class_weight=options["class_weight"],
            max_iter=options["max_iter"],
            solver=options["solver"],
            tol=options["tol"],
            random_state=options["random_state"],
        ).fit(features, labels)
        self._labels = [str(label) for label in model.classes_]
        weights, bias = np.asarray(model.coef_), np.asarray(model.intercept_)
        if len(self._labels) == 2:  # scikit-learn keeps one row for two classes
            weights, bias = np.vstack([-weights / 2, weights / 2]), np.concatenate([-bias / 2, bias / 2])
        self._weights = np.ascontiguousarray(weights.T, dtype=np.float32)
        self._bias = bias.astype(np.float32)

    def process(self, message: Message) -> None:
        """Rank the intents by probability."""
        if not self._labels:
            return
        indices, values, _ = joined(message)
        probabilities = softmax(values @ self._weights[indices] + self._bias)
        order = np.argsort(-probabilities, kind="stable")[: self._options["ranking_length"]]
        message.ranking = [{"name": self._labels[label], "confidence": float(probabilities[label])} for label in order]
        message.intent = dict(message.ranking[0])

    def save(self) -> Saved:
        """Labels and weights."""
        return Saved({"labels": self._labels}, {"weights": self._weights, "bias": self._bias})

    def load(self, saved: Saved) -> None:
        """Take labels and weights again."""
        self._labels = list(saved.json["labels"])
        self._weights, self._bias = saved.arrays["weights"], saved.arrays["bias"]
