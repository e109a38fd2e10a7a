"""Tables of figures, shown as HTML and saved as CSV alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

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
