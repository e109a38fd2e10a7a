"""`bma data report`: what the training sentences look like, and which ones are worth a second look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.cli.asking import ask_folds
from api.cli.nlu_tables import short
from api.cli.testing_nlu import write_json
from api.cli.texts import text
from api.numbers import decimal
from api.settings import Settings
from bot.project.model import Location
from bot.training.cross_validation import folds_by_sentence
from bot.training.data_report import DataReport, NearDuplicate, data_report

Item = TypeVar("Item")


def report_data(settings: Settings, folds: int, json_file: Path | None, most: int, out: Console, err: Console) -> int:
    """Look at the project's sentences and show what was found.

    Args:
        settings: say where the project is.
        folds: models that are trained, each without a part of the sentences.
        json_file: gets the report as JSON, whole.
        most: lines of each list that are shown.
        out: for what was found.
        err: for progress and what is wrong.

    Returns:
        Exit status: 0, or 2 when the project cannot be read.
    """
    crossed = ask_folds(settings, folds, folds_by_sentence, err, neighbours=False)
    if crossed is None:
        return 2
    asked, project = crossed
    report = data_report(project.nlu.examples, asked.predictions, asked.scope, folds)
    show_data(report, most, out)
    if json_file is not None:
        write_json(json_file, report.to_json())
    return 0


def show_data(report: DataReport, most: int, out: Console) -> None:
    """Topics as a table with bars, then the lists, of each its first lines."""
    _show_topics(report, out)
    across = [pair for pair in report.duplicates if pair.is_across]
    within = [pair for pair in report.duplicates if not pair.is_across]
    _list(text("duplicates_across", count=len(across)), across, most, _pair, out)
    _list(text("duplicates_within", count=len(within)), within, most, _pair, out)
    _list(
        text("suspects", count=len(report.suspects), folds=report.folds),
        report.suspects,
        most,
        lambda item: _line(
            item.location, f"« {short(item.text)} » {item.expected} → {item.likeliest} ({decimal(item.confidence)})"
        ),
        out,
    )
    _list(
        text("lone_words", count=len(report.lone_words)),
        report.lone_words,
        most,
        lambda item: _line(item.first.location, text("lone_word", word=item.word, intent=item.intent, count=item.sentences)),
        out,
    )


def _show_topics(report: DataReport, out: Console) -> None:
    total = sum(topic.sentences for topic in report.topics)
    table = Table(text("intent"), title=text("topics_title", sentences=total, topics=len(report.topics)), title_justify="left")
    for name in ("sentences_count", "blocks", "mean_words"):
        table.add_column(text(name), justify="right")
    table.add_column("")
    most = max((topic.sentences for topic in report.topics), default=1)
    for topic in report.topics:
        bar = "█" * round(30 * topic.sentences / most)
        table.add_row(Text(topic.intent), str(topic.sentences), str(topic.blocks), decimal(topic.words, 1), bar)
    out.print(table)


def _list(title: str, items: Sequence[Item], most: int, line: Callable[[Item], Text], out: Console) -> None:
    out.print(title, style="bold", markup=False)
    for item in items[:most]:
        out.print(line(item), soft_wrap=True)
    if len(items) > most:
        out.print("  " + text("errors_more", count=len(items) - most), style="dim", markup=False)


def _line(place: Location, said: str) -> Text:
    return Text(f"  {place}: ", style="cyan") + Text(said)


def _pair(pair: NearDuplicate) -> Text:
    first = _line(pair.first.location, f"« {short(pair.first.text, 60)} » {pair.first.intent}")
    second = Text(f" ~ « {short(pair.second.text, 60)} » {pair.second.intent} ") + Text(str(pair.second.location), style="cyan")
    return first + second + Text(f" ({decimal(pair.likeness)})", style="dim")
