"""Tables of figures, shown as HTML and saved as CSV alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from api.console.pages import count, day, moment
from api.numbers import percent

Kind = Literal["text", "day", "count", "share", "milliseconds", "moment"]
Value = str | int | float | date | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    name: str
    kind: Kind

    @property
    def is_number(self) -> bool:
        """Whether its values are aligned to the right."""
        return self.kind in ("count", "share", "milliseconds")

    @property
    def is_beside(self) -> bool:
        """Whether it is shown in the cell before it, as the part that this is."""
        return self.kind == "share"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows whose first column names them."""

    key: str
    """In addresses and file names."""
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]

    @property
    def is_empty(self) -> bool:
        """Whether it has no row."""
        return not self.rows

    @property
    def heads(self) -> list[Column]:
        """The columns that are shown: a share is in the cell before its own."""
        return [column for column in self.columns if not column.is_beside]

    def shown(self) -> list[list[Cell]]:
        """Its rows as they are shown, a cell for each of `heads`."""
        return [self._shown(row) for row in self.rows]

    def _shown(self, row: Sequence[Value]) -> list[Cell]:
        cells: list[Cell] = []
        for column, value in zip(self.columns, row, strict=True):
            text = NOTHING if value is None else _WORDS[column.kind](value)
            if not column.is_beside:
                cells.append(Cell(text, value if column.is_number else None))
            elif value is not None:
                cells[-1].part = text
        return cells


@dataclass(slots=True)
class Cell:
    """A cell as it is shown."""

    text: str
    value: Value
    """Of a number; None of other cells."""
    part: str = ""
    """The share that the number is."""


NOTHING = "–"
_WORDS: Mapping[Kind, Callable[[Any], str]] = {
    "text": str,
    "day": day,
    "count": count,
    "share": lambda value: percent(value, 0),
    "milliseconds": count,
    "moment": moment,
}
