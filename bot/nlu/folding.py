"""Folding: what French writers vary without meaning it (case, accents, apostrophes, ligatures)."""

from __future__ import annotations

import unicodedata

from bot.nlu.remembered import Remembered

_SAME = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "œ": "oe", "æ": "ae", "ß": "ss", "–": "-", "—": "-"})


def fold(text: str) -> str:
    """Lower case, no accents, plain apostrophes and ligatures.

    Args:
        text: any text; short ones (words) are remembered.

    Returns:
        The folded text; its length can differ from the original's.
    """
    return _folded_word(text)


def _folded(text: str) -> str:
    text = text.lower().translate(_SAME)
    if text.isascii():
        return text
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


_folded_word = Remembered(_folded)
