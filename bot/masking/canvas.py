"""The text under work: a view to search in, on which what was found is painted over."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

PLACEHOLDERS = {
    "password": "[mot de passe]",
    "national_number": "[numéro national]",
    "card": "[carte]",
    "iban": "[IBAN]",
    "phone": "[téléphone]",
    "mail": "[mail]",
}
"""Kind of secret to what replaces it. Protocol tokens: models are trained on them, they are not translated."""

KEPT = "kept"
"""The kind of a span that no later rule may mask."""

_HEAD, _BODY = "\ue000", "\ue001"
PAINT = f"{_HEAD}{_BODY}"
"""Characters of a masked span in the view: one head, then bodies."""
KEPT_PAINT = "\ue002"
"""The character of a protected span in the view."""
_RUN = re.compile(f"{_HEAD}{_BODY}*")
_PLACEHOLDER = re.compile("|".join(re.escape(text) for text in PLACEHOLDERS.values()))
_KIND_OF = {text: kind for kind, text in PLACEHOLDERS.items()}
_REMEMBERED = 4096
_SAME = {
    **dict.fromkeys("·•。", "."),
    **dict.fromkeys("«»“”„", '"'),
    **dict.fromkeys("’‘ʼ`´", "'"),
    "→": ">",
}


class Span(NamedTuple):
    """A part of the text, `start` included and `end` excluded."""

    start: int
    end: int
    kind: str


class _Table(dict[int, str]):
    """Character to the plain lower-case character that stands for it; always one for one."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        category = unicodedata.category(char)
        if char in _SAME:
            plain = _SAME[char]
        elif category == "Pd":
            plain = "-"
        elif category == "Co":
            plain = "\ufffd"
        elif char != "\n" and char.isspace():
            plain = " "
        else:
            plain = unicodedata.normalize("NFKD", char)[0].lower()
            plain = plain if len(plain) == 1 else char
        if len(self) < _REMEMBERED:
            self[code] = plain
        return plain


_TABLE = _Table()


class Canvas:
    """A text and its view: same length, lower case, no accents, plain digits, quotes and dashes, found spans painted over.

    Args:
        text: the text to mask; placeholders already in it count as found.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.view = text.lower() if text.isascii() else text.translate(_TABLE)
        self._kinds: dict[int, str] = {}
        if "[" in text:
            self.paint(Span(*match.span(), _KIND_OF[match[0]]) for match in _PLACEHOLDER.finditer(text))

    def paint(self, spans: Iterable[Span]) -> None:
        """Paints spans over; one that covers an older one replaces it.

        Args:
            spans: in any order; of two that overlap, the one that starts first wins.
        """
        parts: list[str] = []
        done = 0
        for start, end, kind in sorted(spans):
            if start < done:
                continue
            parts.append(self.view[done:start])
            if kind == KEPT:
                parts.append(KEPT_PAINT * (end - start))
            else:
                parts.append(_HEAD + _BODY * (end - start - 1))
                self._kinds[start] = kind
            done = end
        if parts:
            self.view = "".join([*parts, self.view[done:]])

    def render(self) -> str:
        """The text with a placeholder for each painted span."""
        if not self._kinds:
            return self.text
        parts: list[str] = []
        done = 0
        for match in _RUN.finditer(self.view):
            parts.append(self.text[done : match.start()])
            parts.append(PLACEHOLDERS[self._kinds[match.start()]])
            done = match.end()
        return "".join([*parts, self.text[done:]])


def count_placeholders(text: str) -> dict[str, int]:
    """How many placeholders of each kind a text holds; kinds that are absent are not listed."""
    counts: dict[str, int] = {}
    if "[" in text:
        for match in _PLACEHOLDER.finditer(text):
            kind = _KIND_OF[match[0]]
            counts[kind] = counts.get(kind, 0) + 1
    return counts
