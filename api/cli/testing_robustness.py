"""`bma test robustness`: right answers that are lost when the same question is written otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.cli.asking import progress, ready
from api.cli.nlu_tables import STYLES, short
from api.cli.testing_nlu import write_json
from api.cli.texts import text
from api.numbers import decimal, interval, percent
from api.settings import Settings
from bot.training.noise import NOISES
from bot.training.robustness import NoiseResult, robustness


def measure_robustness(
    settings: Settings,
    files: Sequence[Path],
    model_file: Path | None,
    without: Sequence[str],
    bounds: Mapping[str, float],
    seed: int,
    json_file: Path | None,
    most_errors: int,
    out: Console,
    err: Console,
) -> int:
    """Measure and show.

    Args:
        settings: say where the project and its newest model are.
        files: test sentences; none: the project's own.
        model_file: another model than the newest.
        without: intents that are left out.
        bounds: for each noise the percentage of right answers that may be lost.
        seed: of the noises.
        json_file: gets the report as JSON.
        most_errors: sentences that are shown of each noise.
        out: for what was found.
        err: for progress and what is wrong.

    Returns:
        Exit status: 0; 1 when a bound does not hold; 2 when nothing was measured.
    """
    prepared = ready(settings, files, model_file, err)
    if prepared is None:
        return 2
    with progress(err, text("making_noise"), len(NOISES) + 1) as step:
        results = robustness(
            prepared.model.interpreter,
            prepared.sentences,
            prepared.scope,
            without=without,
            seed=seed,
            progress=lambda done, _: step(done),
        )
    if not results[0].lost.total:
        err.print(text("nothing_right", source=prepared.source), markup=False, soft_wrap=True)
        return 2
    counts = {"right": results[0].lost.total, "sentences": len(prepared.sentences), "source": prepared.source}
    out.print(text("robustness_title", **counts), style="bold", markup=False)
    show_noises(results, bounds, out)
    for result in results:
        _show_turned(result, most_errors, out)
    if json_file is not None:
        body = {"format": 1, "source": prepared.source, "seed": seed, "noises": [result.to_json() for result in results]}
        write_json(json_file, body)
    return 1 if any(is_broken(result, bounds) for result in results) else 0


def is_broken(result: NoiseResult, bounds: Mapping[str, float]) -> bool:
    """Whether a noise costs more than its bound."""
    return 100 * result.lost.share > bounds[result.noise]


def show_noises(results: Sequence[NoiseResult], bounds: Mapping[str, float], out: Console) -> None:
    """What each noise costs, and what it may."""
    table = Table(text("noise"))
    for name in ("lost", "interval_95", "at_most"):
        table.add_column(text(name), justify="right")
    table.add_column("")
    for result in results:
        broken = is_broken(result, bounds)
        style = STYLES["wrong" if broken else "right"]
        table.add_row(
            text(f"noise_{result.noise}"),
            Text(f"{result.lost.count}  {percent(result.lost.share)}", style=style),
            interval(result.lost),
            f"{decimal(bounds[result.noise], 1)} %",
            Text("✗" if broken else "✓", style=style),
        )
    out.print(table)


def _show_turned(result: NoiseResult, most: int, out: Console) -> None:
    if result.turned and most:
        out.print(text(f"noise_{result.noise}"), style="bold", markup=False)
    for item in result.turned[:most]:
        place = Text(f"  {item.before.location}: ", style="cyan")
        outcome = text(f"outcome_{item.outcome}").lower()
        said = f"« {short(item.after.text)} » {item.before.expected} → {item.after.found} ({outcome})"
        out.print(place + said, soft_wrap=True)
    if most and len(result.turned) > most:
        out.print("  " + text("errors_more", count=len(result.turned) - most), style="dim", markup=False)
