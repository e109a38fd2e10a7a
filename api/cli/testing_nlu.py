"""`bma test nlu`: how well the assistant understands sentences whose intent is known."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from api.cli.asking import ask_files, ask_folds
from api.cli.nlu_tables import show_report
from api.cli.texts import text
from api.numbers import decimal, percent
from api.settings import Settings
from bot.training.cross_validation import folds_by_idea
from bot.training.nlu_report import NluReport, nlu_report


@dataclass(frozen=True, slots=True)
class Bounds:
    """Percentages that must hold; None where anything goes."""

    least_right: float | None = None
    most_wrong: float | None = None
    least_right_outside: float | None = None
    most_wrong_outside: float | None = None

    def broken(self, report: NluReport) -> list[str]:
        """A sentence for each bound that does not hold; of no sentences every bound holds."""
        rules = (
            ("bound_right", "in_scope", self.least_right),
            ("bound_wrong", "in_scope", self.most_wrong),
            ("bound_right", "out_of_scope", self.least_right_outside),
            ("bound_wrong", "out_of_scope", self.most_wrong_outside),
        )
        said = []
        for rule, population, bound in rules:
            shares = report.in_scope if population == "in_scope" else report.out_of_scope
            share = shares["right" if rule == "bound_right" else "wrong"]
            if bound is None or not share.total:
                continue
            found = 100 * share.share
            if found < bound if rule == "bound_right" else found > bound:
                said.append(text(rule, where=text(population), share=percent(share.share), bound=decimal(bound, 1)))
        return said


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where a report goes besides the terminal."""

    json: Path | None = None
    html: Path | None = None
    most_errors: int = 30
    """Errors that the terminal shows."""


def measure_nlu(
    settings: Settings,
    files: Sequence[Path],
    folds: int | None,
    model_file: Path | None,
    outputs: Outputs,
    bounds: Bounds,
    out: Console,
    err: Console,
) -> int:
    """Measure and show.

    Args:
        settings: say where the project and its newest model are.
        files: test sentences; none: the project's own.
        folds: of a cross-validation instead of test sentences.
        model_file: another model than the newest.
        outputs: where the report goes.
        bounds: what must hold.
        out: for what was found.
        err: for progress and for what keeps sentences from being asked.

    Returns:
        Exit status: 0; 1 when a protected sentence is not right or a bound does not hold; 2 when nothing was measured.
    """
    if folds is not None:
        if files or model_file is not None:
            err.print(text("folds_alone"), markup=False, soft_wrap=True)
            return 2
        crossed = ask_folds(settings, folds, folds_by_idea, err, neighbours=True)
        asked = crossed[0] if crossed is not None else None
    else:
        asked = ask_files(settings, files, model_file, err, neighbours=True)
    if asked is None:
        return 2
    report = nlu_report(
        asked.predictions, asked.scope, source=asked.source, nearest=asked.nearest, folds=asked.folds, model=asked.model
    )
    show_report(report, out, most_errors=outputs.most_errors)
    if outputs.json is not None:
        write_json(outputs.json, report.to_json())
    if outputs.html is not None:
        from api.cli.pages import nlu_page

        write_text(outputs.html, nlu_page(report))
    broken = bounds.broken(report)
    for item in report.protected_not_right:
        broken.append(text("protected_broken", place=item.prediction.location, text=item.prediction.text))
    for sentence in broken:
        err.print(sentence, style="bold red", markup=False, soft_wrap=True)
    return 1 if broken else 0


def write_json(path: Path, body: Any) -> None:
    """Write a report that programs read."""
    write_text(path, json.dumps(body, ensure_ascii=False, indent=1) + "\n")


def write_text(path: Path, content: str) -> None:
    """Write a file, its folder made when it is missing.

    Raises:
        typer.BadParameter: the file cannot be written; the command says so and its exit status is 2.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(text("not_writable", path=path, reason=error.strerror)) from error
