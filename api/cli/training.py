"""`bma train`, and loading the newest model for the other verbs."""

from __future__ import annotations

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from api.cli.texts import text
from api.settings import Settings
from bot.project.problems import ProjectError
from bot.training import archive
from bot.training.archive import ArchiveError, Model
from bot.training.train import prepare, train


def train_model(settings: Settings, out: Console, err: Console, *, force: bool) -> int:
    """Train unless nothing changed.

    Returns:
        Exit status: 0, or 1 when the project has errors.
    """
    try:
        prepared = prepare(settings.project_dir, settings.config)
        for warning in prepared.warnings:
            err.print(str(warning), style="yellow", markup=False, soft_wrap=True)
        newest = archive.latest(settings.model_dir)
        if newest is not None and not force and _fingerprint(newest) == prepared.fingerprint:
            out.print(text("unchanged", path=newest), markup=False, soft_wrap=True)
            return 0
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=err, transient=True) as progress:
            task = progress.add_task(text("training"), total=None)
            model = train(
                prepared,
                lambda name, number, count: progress.update(
                    task, description=f"{text('training')} {number}/{count} {name.rpartition('.')[2]}"
                ),
            )
    except ProjectError as error:
        print_problems(error, err)
        return 1
    path = settings.model_dir / f"{model.info.model_id}.tar.gz"
    archive.write(path, model)
    out.print(text("trained", seconds=model.info.seconds, examples=model.info.examples, path=path), markup=False, soft_wrap=True)
    return 0


def print_problems(error: ProjectError, err: Console) -> None:
    """What an editor has to correct, a line each."""
    err.print(text("project_errors", count=len(error.problems)), style="red", markup=False)
    for problem in error.problems:
        err.print(str(problem), markup=False, soft_wrap=True)


def load_model(settings: Settings, err: Console) -> Model | None:
    """The newest model, or None after saying why there is none."""
    path = archive.latest(settings.model_dir)
    if path is None:
        err.print(text("no_model", folder=settings.model_dir), markup=False, soft_wrap=True)
        return None
    try:
        return archive.read(path)
    except ArchiveError as error:
        err.print(str(error), markup=False, soft_wrap=True)
        return None


def _fingerprint(path) -> str | None:  # type: ignore[no-untyped-def]
    try:
        return archive.read_info(path).fingerprint
    except ArchiveError:
        return None
