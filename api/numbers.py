"""Numbers as French readers write them: a comma, a space before the percent sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the server writes numbers, and measures nothing
    from bot.training.metrics import Share

_SPACE = "\u00a0"


def decimal(number: float, digits: int = 2) -> str:
    """A number with a decimal comma."""
    return f"{number:.{digits}f}".replace(".", ",")


def percent(share: float, digits: int = 1) -> str:
    """A share from 0 to 1 as a percentage."""
    return f"{decimal(100 * share, digits)}{_SPACE}%"


def interval(share: Share) -> str:
    """The 95 % interval of a share, as « 91,2 – 94,8 % »."""
    low, high = share.interval
    return f"{decimal(100 * low, 1)}{_SPACE}–{_SPACE}{percent(high)}"
