"""N-grams of words and of characters."""

from __future__ import annotations

from collections.abc import Sequence


def word_ngrams(words: Sequence[str], shortest: int, longest: int) -> list[str]:
    """All runs of `shortest` to `longest` words, joined by spaces, as scikit-learn's `word` analyzer makes them."""
    grams: list[str] = []
    for size in range(shortest, longest + 1):
        grams += words if size == 1 else map(" ".join, zip(*(words[start:] for start in range(size)), strict=False))
    return grams


def char_wb_ngrams(words: Sequence[str], shortest: int, longest: int) -> list[str]:
    """All runs of characters inside each word padded with a space, as scikit-learn's `char_wb` analyzer makes them."""
    grams: list[str] = []
    for word in words:
        padded = f" {word} "
        length = len(padded)
        for size in range(shortest, longest + 1):
            if size >= length:
                grams.append(padded)
                break
            grams.extend(padded[start : start + size] for start in range(length - size + 1))
    return grams


def char_ngrams(text: str, shortest: int, longest: int) -> list[str]:
    """All runs of characters of the text, as scikit-learn's `char` analyzer makes them."""
    return [text[start : start + size] for size in range(shortest, longest + 1) for start in range(len(text) - size + 1)]
