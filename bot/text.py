"""What any received text passes first: no invisible characters, one form for what looks alike, a bounded length."""

from __future__ import annotations

import re
import unicodedata

_MAX_MARKS = 8
"""Combining marks kept after one character. Ordering a run of n costs n² in Unicode's algorithm; no language needs more."""
_REMEMBERED = 4096
_INVISIBLE = frozenset(
    [
        0x034F,
        0x115F,
        0x1160,
        0x17B4,
        0x17B5,
        0x3164,
        0xFFA0,
        *range(0x180B, 0x1810),
        *range(0xFE00, 0xFE10),
        *range(0xE0100, 0xE01F0),
    ]
)
"""Characters that show nothing although Unicode does not class them as format characters: fillers and variation selectors."""
_LINE_BREAKS = frozenset("\n\v\f\r\x85\u2028\u2029")
_MARKED = re.compile("[\u0300-\U0010ffff]")
_BLANK_LINES = re.compile(r"\n{4,}")


def _clean_character(code: int) -> str:
    char = chr(code)
    if char in _LINE_BREAKS:
        return "\n"
    if char == "\t" or code == 0x2800:
        return " "
    if code in _INVISIBLE:
        return ""
    category = unicodedata.category(char)
    if category == "Zs":
        return " "
    if category == "Cs":
        return "\ufffd"
    return "" if category in ("Cc", "Cf") else char


class _Table(dict[int, str]):
    """Character to clean character, filled as characters come."""

    def __missing__(self, code: int) -> str:
        clean = _clean_character(code)
        if len(self) < _REMEMBERED:
            self[code] = clean
        return clean


_TABLE = _Table()


def _without_long_marks(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MAX_MARKS:
            kept.append(char)
    return "".join(kept)


def clean_text(text: str, limit: int = 5000) -> str:
    """A received text made safe to store, compare and show.

    Lone surrogates become U+FFFD; control, zero-width and direction characters go (they could split a secret);
    all spaces become the plain one and all line ends `\\n`; letters take Unicode's form NFC.

    Args:
        text: what a channel received.
        limit: the most characters to keep.

    Returns:
        At most `limit` characters, with no blank at either end or before a line end, and at most two blank lines in a row.
        Cleaning again changes nothing.
    """
    text = text.replace("\r\n", "\n").translate(_TABLE)
    if not text.isascii():
        if _MARKED.search(text):
            text = _without_long_marks(text)
        text = unicodedata.normalize("NFC", text)
    if "\n" in text:
        text = _BLANK_LINES.sub("\n\n\n", "\n".join([line.rstrip(" ") for line in text.split("\n")]))
    return text.strip()[:limit].rstrip()
