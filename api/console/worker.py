"""A process of its own that trains or proves: `python -m api.console.worker train|prove <folder>`.

It knows no database and no secret: `inputs.json` of the folder says what to do, each line of its output is a step as JSON, and
`result.json` of the folder has what came of it. It ends when its standard input does: with the server that started it.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from api import logs
from bot.project.model import Location
from bot.project.problems import Problem, ProjectError
from bot.training import archive
from bot.training.archive import ArchiveError, Model
from bot.training.comparison import Gate, compare
from bot.training.draft import Addition, write_project
from bot.training.nlu_report import NluReport, nlu_report
from bot.training.prediction import Prediction, Scope, Sentence, predict, read_sentences, scope_of
from bot.training.thresholds import choose_thresholds, fallback_of, present_thresholds, threshold_curve
from bot.training.train import prepare, train

INPUTS, RESULT, MODEL, CANDIDATE, PUBLISHED = "inputs.json", "result.json", "model.tar.gz", "candidate.tar.gz", "published.tar.gz"
NICE = 10
EVERY = 0.2
"""Seconds between two lines about the same step."""
MOST_PROBLEMS = 20
"""Problems of a project that are told."""


class Steps:
    """Tells on standard output what is being done."""

    def __init__(self) -> None:
        self._step = ""
        self._told = 0.0

    def tell(self, step: str, done: int = 0, total: int = 0) -> None:
        """Say how far a step is; not more often than anybody would look.

        Args:
            step: a key of the console's texts.
            done: of `total`.
            total: 0 when nobody knows.
        """
        now = time.monotonic()
        if step == self._step and done != total and now - self._told < EVERY:
            return
        self._step, self._told = step, now
        print(json.dumps({"step": step, "done": done, "total": total}), flush=True)


def train_draft(folder: Path, steps: Steps) -> dict[str, Any]:
    """Write the draft of a project, train it, and leave the archive in the folder.

    Inputs: `root` and `config` of the project, `additions` as pairs of text and intent.
    """
    inputs = _inputs(folder)
    steps.tell("reading")
    additions = [Addition(text, intent) for text, intent in inputs["additions"]]
    config = Path(inputs["config"]) if inputs["config"] else None
    write_project(Path(inputs["root"]), config, additions, folder / "project")
    prepared = prepare(folder / "project")
    steps.tell("training")
    model = train(prepared, lambda _name, number, count: steps.tell("training", number - 1, count))
    steps.tell("packing")
    archive.write(folder / MODEL, model)
    return {
        "model_id": model.info.model_id,
        "fingerprint": model.info.fingerprint,
        "sentences": model.info.examples,
        "seconds": model.info.seconds,
    }


def prove(folder: Path, steps: Steps) -> dict[str, Any]:
    """Ask two models the test sentences and compare them.

    Inputs: the two archives; `files` of sentences below `sentences/`; `confirmed` ones as pairs of text and intent, with the name
    that stands for their `place`; `most_regression`, the gate's bound in percentage points.
    """
    inputs = _inputs(folder)
    steps.tell("loading")
    published, candidate = archive.read(folder / PUBLISHED), archive.read(folder / CANDIDATE)
    sentences = _sentences(folder, inputs, published, candidate)
    source = ", ".join(inputs["files"])
    total = 2 * len(sentences)
    before = _report(published, sentences, source, lambda done: steps.tell("asking", done, total))
    after = _report(candidate, sentences, source, lambda done: steps.tell("asking", len(sentences) + done, total))
    steps.tell("comparing")
    comparison = compare(before, after)
    verdict = Gate(float(inputs["most_regression"])).judge(comparison)
    return {
        "format": 1,
        "most_regression": inputs["most_regression"],
        "passed": verdict.passed,
        "reasons": [reason.to_json() for reason in verdict.reasons],
        "comparison": comparison.to_json(),
        "published": before.to_json(),
        "candidate": after.to_json(),
        "thresholds": _thresholds(candidate, [item.prediction for item in after.judged]),
    }


def _inputs(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / INPUTS).read_text(encoding="utf-8")))


def _sentences(folder: Path, inputs: dict[str, Any], *known_to: Model) -> tuple[Sentence, ...]:
    """The test sentences; an intent that only one of the models knows is one that the other gets wrong."""
    intents = {intent for model in known_to for intent in model.domain.intents}
    root = folder / "sentences"
    found: list[Sentence] = []
    problems: list[Problem] = []
    for name in inputs["files"]:
        try:
            found += read_sentences(root / name, root, intents)
        except ProjectError as error:
            problems += error.problems
    if problems:
        raise ProjectError(problems)
    known = {sentence.text for sentence in found}
    for number, (text, intent) in enumerate(inputs["confirmed"], 1):
        if text not in known and intent in intents:
            found.append(Sentence(text, intent, location=Location(inputs["place"], number)))
    return tuple(found)


def _report(model: Model, sentences: tuple[Sentence, ...], source: str, progress: Callable[[int], None]) -> NluReport:
    predictions = predict(model.interpreter, sentences, progress)
    return nlu_report(predictions, _scope(model), source=source, model=model.info.model_id)


def _scope(model: Model) -> Scope:
    return scope_of(model.interpreter.specs)


def _thresholds(model: Model, predictions: list[Prediction]) -> dict[str, Any] | None:
    """What other thresholds would give; None of a pipeline without FallbackClassifier, or without sentences."""
    spec = fallback_of(model.interpreter.specs)
    if spec is None or not predictions:
        return None
    present = present_thresholds(spec)
    curve = threshold_curve(predictions, _scope(model), present)
    choice = choose_thresholds(predictions, _scope(model), present)
    return {
        "present": choice.present.to_json(),
        "proposed": choice.proposed.to_json(),
        "curve": [point.to_json() for point in curve],
    }


def main(kind: str, folder: Path) -> int:
    """Do it; 0 when `result.json` has what came of it, or why nothing did."""
    steps = Steps()
    try:
        body = train_draft(folder, steps) if kind == "train" else prove(folder, steps)
    except ProjectError as error:
        body = {"error": "project", "problems": [str(problem) for problem in error.problems[:MOST_PROBLEMS]]}
    except ArchiveError:
        body = {"error": "archive"}
    (folder / RESULT).write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    return 0


def _end_with_the_server() -> None:
    """Wait for the end of the standard input, which comes when whoever has the other end is gone."""
    sys.stdin.buffer.read()
    os._exit(3)


def run() -> None:
    """The process."""
    logs.set_up("warning")
    os.nice(NICE)
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    try:
        status = main(sys.argv[1], Path(sys.argv[2]))
    except Exception as error:  # whatever it is: the log gets where, and nothing of what is being read
        logging.getLogger("bma.worker").error("%s", type(error).__name__, exc_info=error)
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # the thread that waits would hold the interpreter's end up


if __name__ == "__main__":
    run()
