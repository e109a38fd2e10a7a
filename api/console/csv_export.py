"""Tables as CSV that a Belgian French Excel opens with a double click.

RFC 4180 with a semicolon, which is Excel's separator where numbers have a decimal comma, and a byte order mark, without which
Excel takes UTF-8 for Windows-1252. Other programs ask for the separator, or see it.
"""

from __future__ import annotations

import csv
import io
from datetime import date

from api.console.pages import moment
from api.console.tables import Column, Table, Value

BYTE_ORDER_MARK = "\ufeff"
SEPARATOR = ";"
CONTENT_TYPE = "text/csv; charset=utf-8; header=present"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def to_csv(table: Table) -> bytes:
    """A table as a file.

    Args:
        table: what to save; shares become numbers from 0 to 1, days ISO dates.
    """
    stream = io.StringIO()
    stream.write(BYTE_ORDER_MARK)
    writer = csv.writer(stream, delimiter=SEPARATOR, lineterminator="\r\n")
    writer.writerow([guarded(column.name) for column in table.columns])
    for row in table.rows:
        writer.writerow([_cell(column, value) for column, value in zip(table.columns, row, strict=True)])
    return stream.getvalue().encode("utf-8")


def _cell(column: Column, value: Value) -> str:
    if value is None:
        return ""
    if column.kind == "moment" and isinstance(value, float):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.4f}".replace(".", ",")
    return str(value) if isinstance(value, int) else guarded(value)


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula (OWASP, CSV injection): what users wrote may begin with anything."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
