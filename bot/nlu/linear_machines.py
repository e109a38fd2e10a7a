"""Linear support vector machines, one label against the rest.

Of 17,000 examples, about one in twelve is near the margin of a label's machine; the others would not change it if they were
left out. Machines that were fitted on part of the examples say which ones may matter, and only these are fitted again. What
comes out is what all examples give, within the solver's tolerance, in half the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

NEVER_SEEN = -1.0
"""Margin of a label that no example has: that of an example well on the other side."""
MANY = 4_000
"""From so many examples on, choosing them is faster than fitting on all."""
FEWER = 3
"""Where nothing is known, machines of every third example choose."""


@dataclass(frozen=True, slots=True)
class Machines:
    """Fitted machines."""

    labels: npt.NDArray[Any]
    """In alphabetical order, shape (labels,)."""
    weights: npt.NDArray[np.float64]
    """Shape (features, labels)."""
    bias: npt.NDArray[np.float64]
    """Shape (labels,)."""

    def margins(self, features: Any, labels: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """How far each example is on each label's side.

        Args:
            features: CSR matrix, shape (examples, features).
            labels: these machines' labels and perhaps others (whose margin is `NEVER_SEEN`), in alphabetical order.

        Returns:
            Shape (examples, labels).
        """
        margins = np.full((features.shape[0], len(labels)), NEVER_SEEN)
        margins[:, np.searchsorted(labels, self.labels)] = features @ self.weights + self.bias
        return margins


def fit(
    features: Any,
    labels: npt.NDArray[Any],
    options: Mapping[str, Any],
    known: Machines | None = None,
) -> Machines:
    """Fit a machine for each label.

    Args:
        features: CSR matrix of float64, shape (examples, features).
        labels: the label of each example.
        options: `C`, `tol`, `balance` and `random_state` of LinearSvmClassifier.
        known: machines of some of these labels, fitted on some of these examples.
    """
    names, counts = np.unique(labels, return_counts=True)
    importance = (len(labels) / (len(names) * counts)) ** float(options["balance"])
    if len(names) == 2 or len(labels) < MANY:
        return _fit_on_all(features, labels, dict(zip(names, importance, strict=True)), options)
    if known is None:
        known = fit(features[::FEWER], labels[::FEWER], options)
    weights, bias = np.zeros((features.shape[1], len(names))), np.zeros(len(names))
    inside = labels[:, None] == names
    side = np.where(inside, 1.0, -1.0)
    chosen = inside | (side * known.margins(features, names) < 1)
    chosen[:, (chosen == inside).all(axis=0)] = True  # no machine without examples on its other side
    to_fit = np.arange(len(names))
    while len(to_fit):
        for label in to_fit:
            rows = np.flatnonzero(chosen[:, label])
            model = _solver({True: importance[label]}, options).fit(features[rows], inside[rows, label])
            weights[:, label], bias[label] = model.coef_[0], model.intercept_[0]
        margins = side[:, to_fit] * (features @ weights[:, to_fit] + bias[to_fit])
        missed = (~chosen[:, to_fit] & (margins < 1 - float(options["tol"]))).any(axis=0)
        to_fit, margins = to_fit[missed], margins[:, missed]
        chosen[:, to_fit] |= margins < 1
    return Machines(names, weights, bias)


def _fit_on_all(features: Any, labels: npt.NDArray[Any], importance: Mapping[str, float], options: Mapping[str, Any]) -> Machines:
    model = _solver(importance, options).fit(features, labels)
    weights, bias = np.asarray(model.coef_), np.asarray(model.intercept_)
    if len(model.classes_) == 2:  # scikit-learn keeps one machine for two classes
        weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
    return Machines(model.classes_, weights.T, bias)


def _solver(importance: Mapping[Any, float], options: Mapping[str, Any]) -> Any:
    from sklearn.svm import LinearSVC

    return LinearSVC(C=options["C"], tol=options["tol"], class_weight=dict(importance), random_state=options["random_state"])
