"""What is compared: each trains on labelled sentences and names the intents of others."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.public_french.corpus import Labelled
from bot.nlu.interpreter import Interpreter
from bot.project.config_reader import read_config
from bot.project.model import ComponentSpec, Example, NluData
from bot.project.problems import Problems

ROOT = Path(__file__).parent.parent.parent
CLASSIFIER = "LinearSvmClassifier"
OF_THE_PROJECT = ("CourtesyTrimmer", "RegexEntityExtractor", "EntitySynonymMapper", "prior", "abbreviations")
"""Components of config.yml, and options of components, that know the BMA and its letters."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a contender did with one training set."""

    training: float
    """Seconds."""
    predictions: tuple[tuple[str, ...], ...]
    """The intents of each list of texts."""
    each: float
    """Microseconds a text, one after the other as they come to a server."""


Contender = Callable[[Sequence[Labelled], Sequence[Sequence[str]]], Outcome]
"""Trains on sentences, then names the intents of lists of texts."""


def our_specs(config: Path = ROOT / "config.yml") -> list[ComponentSpec]:
    """The components of our pipeline up to its classifier, without what they know of the project."""
    specs = read_config(config, config.name, Problems()).pipeline
    names = [spec.name.rpartition(".")[2] for spec in specs]
    return [
        replace(spec, options={key: value for key, value in spec.options.items() if key not in OF_THE_PROJECT})
        for spec, name in zip(specs, names[: names.index(CLASSIFIER) + 1], strict=False)
        if name not in OF_THE_PROJECT
    ]


def ours(specs: Sequence[ComponentSpec]) -> Contender:
    """Our engine with these components."""

    def contend(train: Sequence[Labelled], texts: Sequence[Sequence[str]]) -> Outcome:
        nlu = NluData(tuple(Example(item.text, item.intent, block=item.template) for item in train))
        began = time.process_time()
        interpreter = Interpreter.train(specs, nlu)
        return _one_by_one(time.process_time() - began, lambda text: str(interpreter.understand(text).intent["name"]), texts)

    return contend


def ngrams(strength: float, *features: tuple[str, int, int]) -> Contender:
    """scikit-learn's n-grams and logistic regression.

    Args:
        strength: `C`, the weight of the errors against the size of the weights.
        features: analyzer of `TfidfVectorizer`, shortest and longest n-gram.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    def contend(train: Sequence[Labelled], texts: Sequence[Sequence[str]]) -> Outcome:
        vectorizers = [TfidfVectorizer(analyzer=kind, ngram_range=(low, high)) for kind, low, high in features]
        model: Any = make_pipeline(make_union(*vectorizers), LogisticRegression(C=strength, max_iter=1000))
        began = time.process_time()
        model.fit([item.text for item in train], [item.intent for item in train])
        return _one_by_one(time.process_time() - began, lambda text: str(model.predict([text])[0]), texts)

    return contend


def diet(python: Path, epochs: int) -> Contender:
    """Rasa's DIET, in a Python that has Rasa 3.6.

    Args:
        python: that interpreter.
        epochs: times that it sees the sentences.
    """

    def contend(train: Sequence[Labelled], texts: Sequence[Sequence[str]]) -> Outcome:
        with tempfile.TemporaryDirectory() as folder:
            task = {"train": [[item.text, item.intent] for item in train], "texts": texts, "epochs": epochs}
            (Path(folder) / "task.json").write_text(json.dumps(task), encoding="utf-8")
            command = [str(python.absolute()), str(Path(__file__).with_name("diet.py")), folder]
            # in a folder of its own: Rasa's cache there would spare a second training what is to be measured
            ran = subprocess.run(
                command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=3600, check=False
            )
            if ran.returncode:
                raise RuntimeError(f"{python} could not train DIET:\n{ran.stderr[-2000:]}")
            done = json.loads((Path(folder) / "done.json").read_text(encoding="utf-8"))
        return Outcome(done["training"], tuple(tuple(row) for row in done["predictions"]), done["each"])

    return contend


def _one_by_one(training: float, name: Callable[[str], str], texts: Sequence[Sequence[str]]) -> Outcome:
    name("first")
    began = time.process_time()
    predictions = tuple(tuple(name(text) for text in row) for row in texts)
    each = 1e6 * (time.process_time() - began) / sum(len(row) for row in texts)
    return Outcome(training, predictions, each)
