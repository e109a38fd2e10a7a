"""The verbs that measure: `bma test nlu`, `test thresholds`, `test robustness` and `data report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import ConfigFile, Project, err, out, read_settings
from api.cli.texts import text

SMALL_TALK = ("salutation", "au_revoir", "remerciement", "robot", "aide")
"""Left out of robustness: a greeting before « bonjour » is another message."""

Files = Annotated[list[Path] | None, typer.Argument(help=text("help_sentence_files"))]
ModelFile = Annotated[Path | None, typer.Option("--model", help=text("help_model"))]
JsonFile = Annotated[Path | None, typer.Option("--json", dir_okay=False, help=text("help_report_json"))]
HtmlFile = Annotated[Path | None, typer.Option("--html", dir_okay=False, help=text("help_report_html"))]
Most = Annotated[int, typer.Option("--errors", min=0, help=text("help_most_errors"))]

data = typer.Typer(help=text("help_data"), no_args_is_help=True)


def add_tests(testing: typer.Typer) -> None:
    """Add the verbs of `bma test`."""
    testing.command("nlu", help=text("help_test_nlu"))(nlu)
    testing.command("thresholds", help=text("help_test_thresholds"))(thresholds)
    testing.command("robustness", help=text("help_test_robustness"))(robustness)


def nlu(
    files: Files = None,
    project: Project = None,
    config: ConfigFile = None,
    model: ModelFile = None,
    folds: Annotated[int | None, typer.Option("--cross-validation", min=2, help=text("help_folds"))] = None,
    json_file: JsonFile = None,
    html_file: HtmlFile = None,
    errors: Most = 30,
    least_right: Annotated[float | None, typer.Option(min=0, max=100, help=text("help_least_right"))] = None,
    most_wrong: Annotated[float | None, typer.Option(min=0, max=100, help=text("help_most_wrong"))] = None,
    least_right_outside: Annotated[float | None, typer.Option(min=0, max=100, help=text("help_least_right_outside"))] = None,
    most_wrong_outside: Annotated[float | None, typer.Option(min=0, max=100, help=text("help_most_wrong_outside"))] = None,
) -> None:
    """Measure the understanding of sentences whose intent is known."""
    from api.cli.testing_nlu import Bounds, Outputs, measure_nlu

    outputs = Outputs(json_file, html_file, errors)
    bounds = Bounds(least_right, most_wrong, least_right_outside, most_wrong_outside)
    raise typer.Exit(measure_nlu(read_settings(project, config), files or [], folds, model, outputs, bounds, out, err))


def thresholds(
    files: Files = None,
    project: Project = None,
    config: ConfigFile = None,
    model: ModelFile = None,
    folds: Annotated[int, typer.Option("--cross-validation", min=2, help=text("help_folds"))] = 5,
    cost_wrong: Annotated[float, typer.Option(min=0, help=text("help_cost_wrong"))] = 5.0,
    cost_declined: Annotated[float, typer.Option(min=0, help=text("help_cost_declined"))] = 1.0,
    cost_asked: Annotated[float, typer.Option(min=0, help=text("help_cost_asked"))] = 0.4,
    least_right: Annotated[float, typer.Option(min=0, max=100, help=text("help_least_right_proposed"))] = 0.0,
    write: Annotated[bool, typer.Option("--write", help=text("help_write"))] = False,
    json_file: JsonFile = None,
    html_file: HtmlFile = None,
) -> None:
    """Choose the thresholds of doubt."""
    from api.cli.testing_thresholds import measure_thresholds
    from bot.training.thresholds import Costs

    costs = Costs(cost_wrong, cost_declined, cost_asked)
    settings = read_settings(project, config)
    status = measure_thresholds(
        settings, files or [], folds, model, costs, least_right, json_file, html_file, out, err, write=write
    )
    raise typer.Exit(status)


def robustness(
    files: Files = None,
    project: Project = None,
    config: ConfigFile = None,
    model: ModelFile = None,
    without: Annotated[list[str], typer.Option("--without", help=text("help_without"))] = list(SMALL_TALK),  # noqa: B006
    seed: Annotated[int, typer.Option(help=text("help_seed"))] = 42,
    accents: Annotated[float, typer.Option(min=0, max=100, help=text("help_noise_accents"))] = 1.0,
    case: Annotated[float, typer.Option(min=0, max=100, help=text("help_noise_case"))] = 1.0,
    punctuation: Annotated[float, typer.Option(min=0, max=100, help=text("help_noise_punctuation"))] = 1.0,
    letter: Annotated[float, typer.Option(min=0, max=100, help=text("help_noise_letter"))] = 3.0,
    typo: Annotated[float, typer.Option(min=0, max=100, help=text("help_noise_typo"))] = 4.0,
    typos: Annotated[float, typer.Option(min=0, max=100, help=text("help_noise_typos"))] = 8.0,
    json_file: JsonFile = None,
    errors: Most = 3,
) -> None:
    """Write right sentences otherwise and count those that are lost."""
    from api.cli.testing_robustness import measure_robustness

    bounds = {
        "accents": accents,
        "case": case,
        "punctuation": punctuation,
        "letter": letter,
        "typo": typo,
        "typos": typos,
    }
    settings = read_settings(project, config)
    raise typer.Exit(measure_robustness(settings, files or [], model, without, bounds, seed, json_file, errors, out, err))


@data.callback()
def data_verbs() -> None:
    """Verbs about the training data, each under its name."""


@data.command("report", help=text("help_data_report"))
def report(
    project: Project = None,
    config: ConfigFile = None,
    folds: Annotated[int, typer.Option("--cross-validation", min=2, help=text("help_folds"))] = 3,
    json_file: JsonFile = None,
    most: Annotated[int, typer.Option("--lines", min=0, help=text("help_lines"))] = 15,
) -> None:
    """Show what the training sentences look like."""
    from api.cli.data_report import report_data

    raise typer.Exit(report_data(read_settings(project, config), folds, json_file, most, out, err))
