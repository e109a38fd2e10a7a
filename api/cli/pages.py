"""Reports as one self-contained page: no request to anybody, no script."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.cli.charts import histogram, reliability, trade_off
from api.cli.texts import text
from api.numbers import decimal, interval, percent
from bot.training.nlu_report import Judged, NluReport
from bot.training.thresholds import Choice

_LOWEST_SHADE = 0.12


def nlu_page(report: NluReport) -> str:
    """A test of the understanding as HTML."""
    names = sorted({name for cell in report.confusion for name in cell})
    numbers = {name: number for number, name in enumerate(names, 1)}
    cells: dict[tuple[str, str], list[Judged]] = defaultdict(list)
    for item in sorted(report.judged, key=lambda item: -item.prediction.confidence):
        cells[item.prediction.expected, item.prediction.counted].append(item)
    rows = {name: sum(count for (expected, _), count in report.confusion.items() if expected == name) for name in names}
    shades = {
        cell: round(_LOWEST_SHADE + (0.4 - _LOWEST_SHADE) * count / rows[cell[0]], 2) for cell, count in report.confusion.items()
    }
    across, upward = text("confidence"), text("sentences_count")
    return _render(
        "nlu.html",
        report=report,
        names=names,
        numbers=numbers,
        rows=[name for name in names if rows[name]],
        cells=dict(sorted(cells.items())),
        shades=shades,
        histogram=histogram(report.bins, text("histogram_alternative"), across, upward),
        reliability=reliability(report.bins, text("reliability_alternative"), across, text("share_right")),
    )


def thresholds_page(choice: Choice, source: str) -> str:
    """The curve of right against wrong answers as HTML."""
    chart = trade_off(choice, text("curve_alternative"), text("wrong_in_scope"), text("right_in_scope"))
    return _render("thresholds.html", choice=choice, source=source, chart=chart)


def _render(name: str, **values: Any) -> str:
    return _environment().get_template(name).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(t=text)
    environment.filters.update(percent=percent, decimal=decimal, interval=interval)
    return environment
