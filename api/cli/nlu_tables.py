"""A test of the understanding in the terminal: tables and bars that fit 100 columns."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.cli.texts import text
from api.numbers import decimal, interval, percent
from bot.training.nlu_report import Judged, NluReport

STYLES = {"right": "green", "asked": "cyan", "declined": "yellow", "wrong": "bold red"}
_BAR = 20
_WIDE = 98
"""Columns from which the outcomes have bars."""
_MOST_CONFUSED = 18
"""Intents of the matrix: more do not fit 100 columns."""


def show_report(report: NluReport, out: Console, *, most_errors: int) -> None:
    """All of a report; of the errors only the first ones.

    Args:
        report: what was found.
        out: where to print.
        most_errors: how many errors are shown.
    """
    source = text("report_folds", folds=report.folds) if report.folds else text("report_model", model=report.model)
    out.print(text("report_title", sentences=len(report.judged), source=report.source, by=source), style="bold", markup=False)
    show_outcomes(report, out)
    _show_intents(report, out)
    _show_confusion(report, out)
    _show_confidence(report, out)
    if report.protected:
        style = STYLES["wrong"] if report.protected_not_right else STYLES["right"]
        counts = {"total": len(report.protected), "count": len(report.protected_not_right)}
        out.print(text("report_protected", **counts), style=style, markup=False)
    _show_errors(report, out, most_errors)


def show_outcomes(report: NluReport, out: Console) -> None:
    """Shares of right, asked, declined and wrong, in scope and outside; with bars where there is room for them."""
    bar = _BAR // 2 if out.width >= _WIDE else 0
    table = Table(text("outcome"), title=text("outcomes_title"), title_justify="left")
    for name in ("in_scope", "out_of_scope"):
        table.add_column(text(name), justify="right")
        table.add_column("95 %", justify="right", style="dim")
        if bar:
            table.add_column("", min_width=bar)
    for outcome, inside in report.in_scope.items():
        cells = [Text(text(f"outcome_{outcome}"), style=STYLES[outcome])]
        for share in (inside, report.out_of_scope.get(outcome)):
            if share is None or not share.total:
                cells += [Text("–"), Text("")]
            else:
                cells += [Text(f"{share.count}  {percent(share.share)}"), Text(interval(share))]
            if bar:
                cells.append(Text("█" * round(bar * share.share) if share else "", style=STYLES[outcome]))
        table.add_row(*cells)
    out.print(table)


def _show_intents(report: NluReport, out: Console) -> None:
    table = Table(text("intent"), title=text("intents_title"), title_justify="left")
    for name in ("sentences_count", "precision", "recall", "f1"):
        table.add_column(text(name), justify="right")
    table.add_column("")
    for scores in report.intents:
        known = scores.support > 0
        figures = [decimal(scores.precision), *(decimal(f) if known else "–" for f in (scores.recall, scores.f1))]
        table.add_row(Text(scores.intent), str(scores.support), *figures, "█" * round(_BAR * scores.f1))
    macro = report.macro
    table.add_section()
    means = (decimal(figure) for figure in (macro.precision, macro.recall, macro.f1))
    table.add_row(text("macro"), str(len(report.judged)), *means, "█" * round(_BAR * macro.f1), style="bold")
    out.print(table)


def _show_confusion(report: NluReport, out: Console) -> None:
    """The matrix of the intents that are confused most; the page has all."""
    involved: Counter[str] = Counter()
    for (expected, found), count in report.confusion.items():
        if expected != found:
            involved[expected] += count
            involved[found] += count
    if not involved:
        return
    names = sorted(name for name, _ in involved.most_common(_MOST_CONFUSED))
    table = Table(text("expected_found"), title=text("confusion_title"), title_justify="left", padding=(0, 0), pad_edge=True)
    for number in range(1, len(names) + 1):
        table.add_column(str(number), justify="right", min_width=3)
    table.add_column("…", justify="right", min_width=3)
    for number, expected in enumerate(names, 1):
        if not any(of == expected for of, _ in report.confusion):
            continue
        row = [report.confusion.get((expected, found), 0) for found in names]
        others = sum(count for (e, f), count in report.confusion.items() if e == expected and f not in names)
        cells = [
            Text(str(count) if count else "·", style="green" if found == expected else "bold red" if count else "dim")
            for found, count in zip(names, row, strict=True)
        ]
        table.add_row(Text(f"{number:>2} {expected}", no_wrap=True), *cells, Text(str(others) if others else "·", style="dim"))
    out.print(table)
    if len(involved) > len(names):
        out.print(text("confusion_more", count=len(involved) - len(names)), style="dim", markup=False)


def _show_confidence(report: NluReport, out: Console) -> None:
    """The histogram (right against wrong) and the reliability curve, bin by bin."""
    table = Table(text("confidence"), title=text("confidence_title"), title_justify="left")
    for name in ("likeliest_right", "likeliest_wrong"):
        table.add_column(text(name), justify="right")
    table.add_column("")
    table.add_column(text("mean_confidence"), justify="right")
    table.add_column(text("share_right"), justify="right")
    most = max((item.total for item in report.bins), default=0) or 1
    for item in report.bins:
        right = round(_BAR * item.right / most)
        wrong = round(_BAR * item.total / most) - right
        bar = Text("█" * right, style="green") + Text("▒" * wrong, style="bold red")
        known = (percent(item.confidence), percent(item.share_right)) if item.total else ("–", "–")
        limits = f"{decimal(item.low, 1)} – {decimal(item.high, 1)}"
        table.add_row(limits, str(item.right), str(item.wrong), bar, *known)
    out.print(table)
    out.print(text("calibration_error", share=percent(report.calibration_error)), markup=False)


def _show_errors(report: NluReport, out: Console, most: int) -> None:
    errors = report.errors
    if errors:
        out.print(text("errors_title", count=len(errors)), style="bold", markup=False)
    for item in errors[:most]:
        show_error(item, out)
    if len(errors) > most:
        out.print(text("errors_more", count=len(errors) - most), style="dim", markup=False)


def show_error(item: Judged, out: Console) -> None:
    """A sentence that is not right, what was found, and the training sentences nearest to it."""
    prediction = item.prediction
    place = Text(f"{prediction.location}: ", style="cyan")
    sign = Text("✗ ", style=STYLES[item.outcome])
    said = text("said", text=short(prediction.text))
    found = text(
        "found_instead",
        outcome=text(f"outcome_{item.outcome}").lower(),
        expected=prediction.expected,
        found=prediction.found if prediction.found == prediction.likeliest else text("doubtful", intent=prediction.likeliest),
        confidence=decimal(prediction.confidence),
    )
    protected = Text(f" {text('protected')}", style="bold") if prediction.protected else Text("")
    out.print(sign + place + f"{said} {found}" + protected, soft_wrap=True)
    for near in item.nearest:
        line = f"    {decimal(near.similarity)} {near.example.intent} « {short(near.example.text)} » {near.example.location}"
        out.print(Text(line, style="dim"), soft_wrap=True)


def short(said: str, most: int = 90) -> str:
    """A sentence on one line, cut when it is long."""
    said = " ".join(said.split())
    return said if len(said) <= most else said[: most - 1] + "…"
