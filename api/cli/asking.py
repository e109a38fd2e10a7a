"""Predictions for the verbs that measure: of test files by a trained model, or of the project's own sentences by folds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from api.cli.testing import tested_model
from api.cli.texts import text
from api.cli.training import print_problems
from api.settings import Settings
from bot.project.files import relative_name
from bot.project.model import Example, Project
from bot.project.problems import Problem, ProjectError
from bot.training.archive import Model
from bot.training.cross_validation import cross_validate
from bot.training.nearest import Neighbour, Neighbourhood
from bot.training.overlaps import TEST_FILES
from bot.training.prediction import Prediction, Scope, Sentence, predict, read_sentences, scope_of
from bot.training.train import prepare

Folding = Callable[[Sequence[Example], int], list[int]]


@dataclass(frozen=True, slots=True)
class Asked:
    """Predictions, and where they are from."""

    predictions: tuple[Prediction, ...]
    scope: Scope
    source: str
    folds: int | None = None
    model: str | None = None
    nearest: Mapping[Prediction, tuple[Neighbour, ...]] = field(default_factory=dict)
    """Training sentences near those that are not right."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A model and the sentences that it is to be asked."""

    model: Model
    sentences: tuple[Sentence, ...]
    scope: Scope
    source: str


def sentence_files(settings: Settings, files: Sequence[Path]) -> list[Path]:
    """The files named, or the first of the project's own; none when it has none."""
    if files:
        return list(files)
    return [path for name in TEST_FILES if (path := settings.project_dir / name).is_file()][:1]


def read_project(settings: Settings, err: Console) -> Project | None:
    """The project, or None after saying what is wrong with it."""
    try:
        return prepare(settings.project_dir, settings.config).project
    except ProjectError as error:
        print_problems(error, err)
        return None


def ready(settings: Settings, files: Sequence[Path], model_file: Path | None, err: Console) -> Ready | None:
    """A model and the sentences of test files, or None after saying what is missing or wrong."""
    model = tested_model(settings, model_file, err)
    if model is None:
        return None
    found = sentence_files(settings, files)
    if not found:
        err.print(text("no_sentence_files", files=", ".join(map(str, TEST_FILES))), markup=False, soft_wrap=True)
        return None
    sentences: list[Sentence] = []
    problems: list[Problem] = []
    for path in found:
        try:
            sentences += read_sentences(path, settings.project_dir, model.domain.intents)
        except ProjectError as error:
            problems += error.problems
    if problems:
        print_problems(ProjectError(problems), err)
        return None
    source = ", ".join(relative_name(path, settings.project_dir) for path in found)
    return Ready(model, tuple(sentences), scope_of(model.interpreter.specs), source)


def ask_files(
    settings: Settings, files: Sequence[Path], model_file: Path | None, err: Console, *, neighbours: bool
) -> Asked | None:
    """What a trained model finds in test files.

    Args:
        settings: say where the project and its newest model are.
        files: Rasa NLU files; none: the project's own.
        model_file: another model than the newest.
        err: for progress and what is wrong.
        neighbours: whether training sentences are looked for near those that are not right.

    Returns:
        The predictions, or None after saying what is missing or wrong.
    """
    prepared = ready(settings, files, model_file, err)
    project = read_project(settings, err) if prepared is not None and neighbours else None
    if prepared is None or (neighbours and project is None):
        return None
    interpreter = prepared.model.interpreter
    with progress(err, text("asking"), len(prepared.sentences)) as step:
        predictions = predict(interpreter, prepared.sentences, step)
    nearest: dict[Prediction, tuple[Neighbour, ...]] = {}
    if project is not None:
        with progress(err, text("looking_near"), None):
            wrong = [item for item in predictions if prepared.scope.outcome(item) != "right"]
            near = Neighbourhood(interpreter, project.nlu.examples).nearest([item.text for item in wrong])
            nearest = dict(zip(wrong, near, strict=True))
    model_id = prepared.model.info.model_id
    return Asked(predictions, prepared.scope, prepared.source, model=model_id, nearest=nearest)


def ask_folds(
    settings: Settings, folds: int, fold_by: Folding, err: Console, *, neighbours: bool
) -> tuple[Asked, Project] | None:
    """What models find in the sentences of the project that they have not seen.

    Args:
        settings: say where the project is.
        folds: how many models.
        fold_by: puts the sentences into folds.
        err: for progress and what is wrong.
        neighbours: whether training sentences are looked for near those that are not right.

    Returns:
        The predictions in the order of the project's sentences, and the project; None after saying what is wrong.
    """
    project = read_project(settings, err)
    if project is None:
        return None
    scope = scope_of(project.config.pipeline)
    predictions: list[Prediction] = []
    nearest: dict[Prediction, tuple[Neighbour, ...]] = {}
    examples = project.nlu.examples
    try:
        with progress(err, text("cross_validating", folds=folds), 2 * folds) as step:
            parts = cross_validate(
                project.config.pipeline, project.nlu, fold_by(examples, folds), progress=lambda done, _: step(done)
            )
            for fold in parts:
                predictions += fold.predictions
                if neighbours:
                    wrong = [item for item in fold.predictions if scope.outcome(item) != "right"]
                    near = Neighbourhood(fold.interpreter, fold.training).nearest([item.text for item in wrong])
                    nearest.update(zip(wrong, near, strict=True))
    except ProjectError as error:
        print_problems(error, err)
        return None
    order = {example.location: number for number, example in enumerate(examples)}
    predictions.sort(key=lambda item: order[item.location])
    return Asked(tuple(predictions), scope, "data/", folds=folds, nearest=nearest), project


@contextmanager
def progress(err: Console, title: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar that goes away when it is full; gives a function to tell how much is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.update(task, completed=done)
