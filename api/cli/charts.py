"""Small SVG charts for report pages: no script, a text alternative, the figures in a table beside them."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from bot.training.metrics import Bin
from bot.training.thresholds import Choice, Point

_WIDTH, _HEIGHT = 560, 260
_LEFT, _TOP, _RIGHT, _BOTTOM = 52, 12, 12, 44
_INNER, _TALL = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM


def histogram(bins: Sequence[Bin], title: str, across: str, upward: str) -> Markup:
    """Right (below) and wrong (above) sentences of each bin of confidence.

    Args:
        bins: of confidence, from 0 to 1.
        title: what the chart shows, for those who do not see it.
        across: name of the horizontal axis.
        upward: name of the vertical axis.
    """
    most = max((item.total for item in bins), default=0) or 1
    parts = []
    for item in bins:
        x, width = _x(item.low), (item.high - item.low) * _INNER - 2
        right, wrong = _TALL * item.right / most, _TALL * item.wrong / most
        parts.append(_rectangle("right", x, _TOP + _TALL - right, width, right))
        parts.append(_rectangle("wrong", x, _TOP + _TALL - right - wrong, width, wrong))
    return _chart("".join(parts), title, across, upward, str(most))


def reliability(bins: Sequence[Bin], title: str, across: str, upward: str) -> Markup:
    """Share right by mean confidence; on the diagonal confidence says the truth. Arguments as for `histogram`."""
    points = [(item.confidence, item.share_right) for item in bins if item.total]
    diagonal = f'<line class="ideal" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>'
    return _chart(diagonal + _curve(points), title, across, upward, "1")


def trade_off(choice: Choice, title: str, across: str, upward: str) -> Markup:
    """Right answers against wrong ones, in scope, as the threshold moves; the present and the proposed one are marked.

    Args:
        choice: the curve and its two points.
        title: what the chart shows.
        across: name of the horizontal axis.
        upward: name of the vertical axis.
    """
    widest = max([point.share("wrong").share for point in (*choice.curve, choice.present)]) or 1.0

    def place(point: Point) -> tuple[float, float]:
        return point.share("wrong").share / widest, point.share("right").share

    marks = "".join(
        f'<circle class="{name}" cx="{_x(x):.1f}" cy="{_y(y):.1f}" r="6"/>'
        for name, (x, y) in (("present", place(choice.present)), ("proposed", place(choice.proposed)))
    )
    limit = f"{100 * widest:.0f} %"
    return _chart(_curve([place(point) for point in choice.curve]) + marks, title, across, upward, "100 %", limit)


def _curve(points: Sequence[tuple[float, float]]) -> str:
    placed = [(_x(x), _y(y)) for x, y in points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
    dots = "".join(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in placed)
    return f'<polyline class="curve" points="{line}"/>{dots}'


def _x(share: float) -> float:
    return _LEFT + share * _INNER


def _y(share: float) -> float:
    return _TOP + _TALL - share * _TALL


def _rectangle(kind: str, x: float, y: float, width: float, height: float) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _chart(inside: str, title: str, across: str, upward: str, most: str, widest: str = "1") -> Markup:
    bottom = _TOP + _TALL
    labels = (
        (_LEFT, bottom + 16, "middle", "0"),
        (_WIDTH - _RIGHT, bottom + 16, "end", widest),
        (_LEFT + _INNER / 2, _HEIGHT - 6, "middle", across),
        (_LEFT - 6, _TOP + 10, "end", most),
        (_LEFT + 6, _TOP + 10, "start", upward),
    )
    texts = "".join(f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(label)}</text>' for x, y, anchor, label in labels)
    axes = f'<path class="axes" d="M{_LEFT} {_TOP}V{bottom}H{_WIDTH - _RIGHT}"/>'
    return Markup(  # noqa: S704 - numbers and escaped texts only
        f'<svg role="img" viewBox="0 0 {_WIDTH} {_HEIGHT}"><title>{escape(title)}</title>{axes}{inside}{texts}</svg>'
    )
