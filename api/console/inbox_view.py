"""Which part of the inbox an address names: never by a text, which logs would keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from api.console.refusals import Refusal
from bot.storage.review import KINDS, Filter

MOST_NUMBERS = 60
"""Groups that were merged into one, at most."""


@dataclass(frozen=True, slots=True)
class View:
    """Which part of the inbox an address shows."""

    kind: str = ""
    """One of KINDS; empty: all."""
    channel: str = ""
    page: int = 1
    rank: int = 0
    """Number of the group on the page that is opened when none is named: after a decision, the one that moved up."""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> View:
        """What an address or a form says; what makes no sense is left out."""
        kind, channel = given.get("motif", ""), given.get("canal", "")
        kind = kind if kind in KINDS else ""
        return cls(kind, channel if channel.isalnum() else "", max(1, _number(given, "page")), _number(given, "rang"))

    @property
    def which(self) -> Filter:
        """The open items that it means."""
        return Filter(frozenset({self.kind} if self.kind else ()), self.channel)

    def values(self, **changes: str | int) -> dict[str, str]:
        """The fields of this view's address, or of one like it."""
        values = {"motif": self.kind, "canal": self.channel, "page": self.page if self.page > 1 else "", **changes}
        return {name: str(value) for name, value in values.items() if value not in ("", 0)}

    def query(self, **changes: str | int) -> str:
        """The same as an address ends with it; empty or with its question mark."""
        found = urlencode(self.values(**changes))
        return f"?{found}" if found else ""


def numbers_of(text: str) -> list[int]:
    """Ids separated by commas.

    Raises:
        Refusal: 400, they are none.
    """
    parts = text.split(",") if text else []
    if len(parts) > MOST_NUMBERS or not all(part.isascii() and part.isdigit() and len(part) <= 18 for part in parts):
        raise Refusal(400, "champ", champ="groupe")
    return [int(part) for part in parts]


def _number(given: Mapping[str, str], name: str) -> int:
    value = given.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 6 else 0
