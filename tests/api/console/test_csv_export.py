"""What Excel in Belgian French opens."""

import csv
import io
from datetime import date

import pytest

from api.console.csv_export import guarded, to_csv
from api.console.tables import Column, Table

COLUMNS = [
    Column("Jour", "day"),
    Column("Question", "text"),
    Column("Nombre", "count"),
    Column("Part", "share"),
    Column("Durée", "milliseconds"),
    Column("Quand", "moment"),
]
ROWS = [
    [date(2026, 11, 25), "l'école ; « élève »", 1234, 0.5, 7, 1_795_600_000.0],
    [date(2026, 11, 26), 'deux\nlignes et "guillemets"', 0, None, 0, None],
    [date(2026, 11, 27), '=HYPERLINK("http://exemple";"clic")', 1, 1 / 3, 12, None],
]


def test_bytes_of_a_table() -> None:
    found = to_csv(Table("x", "X", COLUMNS, ROWS))
    assert found.startswith(b"\xef\xbb\xbfJour;Question;Nombre;Part;Dur\xc3\xa9e;Quand\r\n2026-11-25;")
    text = found.decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))[1:] == [
        ["2026-11-25", "l'école ; « élève »", "1234", "0,5000", "7", "25/11/2026 10:46"],
        ["2026-11-26", 'deux\nlignes et "guillemets"', "0", "", "0", ""],
        ["2026-11-27", '\'=HYPERLINK("http://exemple";"clic")', "1", "0,3333", "12", ""],
    ]


@pytest.mark.parametrize("text", ["=1+1", "+32 2", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1+1"])
def test_no_text_becomes_a_formula(text: str) -> None:
    assert guarded(text) == "'" + text


@pytest.mark.parametrize("text", ["", "a=b", "Où ?", "« -1 »", "3 + 4"])
def test_other_texts_stay(text: str) -> None:
    assert guarded(text) == text
