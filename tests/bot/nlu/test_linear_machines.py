"""Machines fitted on chosen examples are those of all examples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from bot.nlu import linear_machines
from bot.nlu.linear_machines import MANY, NEVER_SEEN, Machines, fit

OPTIONS = {"C": 1, "tol": 0.01, "balance": 0.5, "random_state": 42}


@pytest.fixture(scope="module")
def examples() -> tuple[Any, Any]:
    """Bags of eight words out of 6,000: each of ten topics has words of its own, and all share the rest."""
    random = np.random.default_rng(7)
    count = MANY + 1_000
    topics = random.integers(0, 10, count)
    own = random.random((count, 8)) < 0.4
    words = np.where(own, topics[:, None] * 15 + random.integers(0, 15, (count, 8)), random.integers(150, 6_000, (count, 8)))
    rows = np.repeat(np.arange(count), 8)
    features = csr_matrix((np.full(count * 8, 8**-0.5), (rows, words.ravel())), shape=(count, 6_000))
    return features, np.char.add("topic", topics.astype(str))


def of_all(features: Any, labels: Any) -> Machines:
    """Machines for which nothing was chosen."""
    return linear_machines._fit_on_all(features, labels, _importance(labels), OPTIONS)


def _importance(labels: Any) -> dict[Any, float]:
    names, counts = np.unique(labels, return_counts=True)
    return dict(zip(names, (len(labels) / (len(names) * counts)) ** 0.5, strict=True))


def test_chosen_examples_give_the_machines_of_all(examples: tuple[Any, Any]) -> None:
    features, labels = examples
    part = np.arange(len(labels)) % 2 == 0
    whole = of_all(features, labels)
    chosen = fit(features, labels, OPTIONS, fit(features[part], labels[part], OPTIONS))
    difference = np.abs(whole.margins(features, whole.labels) - chosen.margins(features, whole.labels))
    assert difference.max() < 0.03
    assert not np.array_equal(whole.weights, chosen.weights)  # it was fitted on other examples indeed


def test_nobody_has_to_choose(examples: tuple[Any, Any]) -> None:
    features, labels = examples
    difference = np.abs(
        of_all(features, labels).margins(features, np.unique(labels))
        - fit(features, labels, OPTIONS).margins(features, np.unique(labels))
    )
    assert 0 < difference.max() < 0.03


def test_a_poor_first_guess_changes_nothing(examples: tuple[Any, Any]) -> None:
    """Machines of a few examples of three labels: what they miss is found, and labels without a machine get one."""
    features, labels = examples
    few = np.flatnonzero(np.isin(labels, ["topic0", "topic1", "topic2"]))[:60]
    whole = of_all(features, labels)
    chosen = fit(features, labels, OPTIONS, fit(features[few], labels[few], OPTIONS))
    assert np.abs(whole.margins(features, whole.labels) - chosen.margins(features, whole.labels)).max() < 0.03


def test_fewer_examples_are_chosen_than_there_are(examples: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    features, labels = examples
    known = fit(features, labels, OPTIONS)
    seen = []
    solver = linear_machines._solver

    def counting(*args: Any) -> Any:
        model = solver(*args)
        learn = model.fit

        def count(examples: Any, inside: Any) -> Any:
            seen.append(examples.shape[0])
            return learn(examples, inside)

        model.fit = count
        return model

    monkeypatch.setattr(linear_machines, "_solver", counting)
    fit(features, labels, OPTIONS, known)
    assert len(seen) == 10
    assert max(seen) < len(labels) / 2


def test_a_label_that_was_never_seen_is_on_the_other_side(examples: tuple[Any, Any]) -> None:
    features, labels = examples
    inside = labels != "topic3"
    machines = fit(features[inside], labels[inside], OPTIONS)
    margins = machines.margins(features, np.unique(labels))
    assert (margins[:, 3] == NEVER_SEEN).all()
    assert (margins[:, 4] != NEVER_SEEN).any()


def test_two_labels_have_opposite_machines(examples: tuple[Any, Any]) -> None:
    features, labels = examples
    two = np.where(labels == "topic0", "a", "b")
    machines = fit(features, two, OPTIONS, fit(features[:200], two[:200], OPTIONS))
    assert np.allclose(machines.weights[:, 0], -machines.weights[:, 1])
