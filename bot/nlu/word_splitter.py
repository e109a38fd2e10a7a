"""Where French words begin and end in a text without white space.

What spaCy's tokenizer does with such expressions, written here (see docs/decisions.md): as long as the text is no whole word,
marks and elided words leave its ends one at a time; what is left is cut at the marks within. A test compares the two.
"""

from __future__ import annotations

import re
from itertools import pairwise

APOSTROPHE = "'’"
MARK = r"[\s.,;:!?…()\[\]{}«»\"“”„*_=<>|~^#/\\+•\-–—'’]"
"""A character that is no part of a word at its ends."""
PREFIX = re.compile(rf"(?!/){MARK}|(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)[{APOSTROPHE}](?=\w)", re.I)
SUFFIX = re.compile(MARK)
INFIX = re.compile(
    rf"(?<=\w)[-–—/\\+=_,;:!?()…«»\"<>|](?=\w)|(?<=[A-Za-zÀ-ÿ])\.(?=[A-Za-zÀ-ÿ]{{2}})|(?<=\w)\.{{2,}}(?=\w)|(?<=[a-zà-ÿ])[{APOSTROPHE}](?=\w)",
    re.I,
)
WHOLE = re.compile(r"[\w.+-]++@[\w-]+(?:\.[\w-]+)+|\[[^\]\s]++\]|/\w+|aujourd['’]hui|\d+(?:[.,/]\d+)+", re.I)
"""One word, whatever is in it: addresses, masked secrets, payloads, numbers and dates."""
LINK = re.compile(r"https?://\S+|www\.\S+", re.I)
"""One word too, of any length."""
_LONGEST = 254
"""Characters of a whole word that is no link: an address has no more (RFC 5321). Marks that leave a text one at a time would
otherwise have all of it read again each."""


def split(text: str) -> list[tuple[int, int]]:
    """Start and end of each piece, words and marks; together they are the text.

    Args:
        text: without white space.
    """
    first, last = 0, len(text)
    before: list[tuple[int, int]] = []
    after: list[tuple[int, int]] = []
    while first < last and not _is_whole(text, first, last):
        prefix = PREFIX.match(text, first, last)
        begin = prefix.end() if prefix else first
        end = last - 1 if begin < last and SUFFIX.match(text, last - 1, last) else last
        if begin == first and end == last:
            return [*before, *_cut(text, first, last), *reversed(after)]
        if begin > first:
            before.append((first, begin))
        if end < last:
            after.append((end, last))
        first, last = begin, end
    whole = [(first, last)] if first < last else []
    return [*before, *whole, *reversed(after)]


def _is_whole(text: str, first: int, last: int) -> bool:
    is_short = last - first <= _LONGEST
    return (is_short and WHOLE.fullmatch(text, first, last) is not None) or LINK.match(text, first, last) is not None


def _cut(text: str, first: int, last: int) -> list[tuple[int, int]]:
    """A part of a text cut at the marks within it; what is around it does not count."""
    places = [first, *(first + place for infix in INFIX.finditer(text[first:last]) for place in infix.span()), last]
    return [(begin, end) for begin, end in pairwise(places) if begin < end]
