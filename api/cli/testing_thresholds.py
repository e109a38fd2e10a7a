"""`bma test thresholds`: how sure the assistant must be to answer, chosen from data and written on request."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.cli.asking import ask_files, ask_folds, read_project
from api.cli.nlu_tables import STYLES
from api.cli.testing_nlu import write_json, write_text
from api.cli.texts import text
from api.cli.training import print_problems
from api.numbers import decimal, percent
from api.settings import Settings
from bot.project.model import Location
from bot.project.problems import Problem, ProjectError
from bot.training.config_edit import write_thresholds
from bot.training.cross_validation import folds_by_idea
from bot.training.thresholds import Choice, Costs, Point, choose_thresholds, fallback_of, present_thresholds

_BAR = 16
_EVERY = 3
"""Of the points of the curve so many are passed over in the terminal."""


def measure_thresholds(
    settings: Settings,
    files: list[Path],
    folds: int,
    model_file: Path | None,
    costs: Costs,
    least_right: float,
    json_file: Path | None,
    html_file: Path | None,
    out: Console,
    err: Console,
    *,
    write: bool,
) -> int:
    """Choose thresholds and show why.

    Args:
        settings: say where the project and its newest model are.
        files: sentences that the model was not trained on; none: the project's own, by cross-validation.
        folds: of the cross-validation.
        model_file: another model than the newest.
        costs: of the outcomes.
        least_right: percentage of the sentences in scope that must be right.
        json_file: gets the curve as JSON.
        html_file: gets the curve as a page.
        out: for what was found.
        err: for progress and what is wrong.
        write: whether the configuration gets the two numbers.

    Returns:
        Exit status: 0, or 2 when nothing was measured or written.
    """
    project = read_project(settings, err)
    if project is None:
        return 2
    spec = fallback_of(project.config.pipeline)
    if spec is None:
        print_problems(ProjectError([Problem("threshold_not_found", Location(project.config.location.file, 0))]), err)
        return 2
    if files:
        asked = ask_files(settings, files, model_file, err, neighbours=False)
    else:
        crossed = ask_folds(settings, folds, folds_by_idea, err, neighbours=False)
        asked = crossed[0] if crossed is not None else None
    if asked is None or not asked.predictions:
        return 2
    choice = choose_thresholds(asked.predictions, asked.scope, present_thresholds(spec), costs, least_right / 100)
    source = text("thresholds_title", sentences=len(asked.predictions), source=asked.source)
    out.print(source, style="bold", markup=False)
    show_choice(choice, out)
    if json_file is not None:
        write_json(json_file, choice.to_json())
    if html_file is not None:
        from api.cli.pages import thresholds_page

        write_text(html_file, thresholds_page(choice, source))
    if not write:
        return 0
    path = settings.config or settings.project_dir / "config.yml"
    try:
        write_thresholds(path, settings.project_dir, choice.proposed.threshold, choice.proposed.ambiguity)
    except ProjectError as error:
        print_problems(error, err)
        return 2
    out.print(text("thresholds_written", path=path), markup=False, soft_wrap=True)
    return 0


def show_choice(choice: Choice, out: Console) -> None:
    """The curve, the present pair and the proposed one."""
    title = text("curve_table", ambiguity=decimal(choice.proposed.ambiguity))
    table = Table(text("threshold"), title=title, title_justify="left")
    for name in ("right_in_scope", "wrong_in_scope"):
        table.add_column(text(name), justify="right", no_wrap=True)
        table.add_column("", width=_BAR if name == "right_in_scope" else _BAR // 2)
    for name in ("wrong_out_of_scope", "cost"):
        table.add_column(text(name), justify="right", min_width=7)
    widest = max(point.share("wrong").share for point in choice.curve) or 1.0
    for number, point in enumerate(choice.curve):
        if number % _EVERY and point.threshold != choice.proposed.threshold:
            continue
        right, wrong = point.share("right"), point.share("wrong")
        table.add_row(
            decimal(point.threshold),
            percent(right.share),
            Text("█" * round(_BAR * right.share), style=STYLES["right"]),
            percent(wrong.share),
            Text("▒" * round(_BAR / 2 * wrong.share / widest), style=STYLES["wrong"]),
            percent(point.share("wrong", outside=True).share),
            decimal(point.cost, 3),
            style="bold reverse" if point.threshold == choice.proposed.threshold else "",
        )
    out.print(table)
    show_points((("thresholds_present", choice.present), ("thresholds_proposed", choice.proposed)), out)


def show_points(points: tuple[tuple[str, Point], ...], out: Console) -> None:
    """Pairs of thresholds and what each gives."""
    table = Table("")
    for name in ("threshold", "ambiguity"):
        table.add_column(text(name), justify="right")
    for population in ("in_scope", "out_of_scope"):
        table.add_column(text("right_wrong_of", where=text(population)), justify="right")
    table.add_column(text("cost"), justify="right")
    for name, point in points:
        shares = (
            f"{percent(point.share('right', outside=outside).share)} / {percent(point.share('wrong', outside=outside).share)}"
            for outside in (False, True)
        )
        table.add_row(text(name), decimal(point.threshold), decimal(point.ambiguity), *shares, decimal(point.cost, 3))
    out.print(table)
