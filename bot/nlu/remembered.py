"""Results that are remembered, for words: whatever is computed of a word comes back a thousand times a day."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Generic, TypeVar

_MANY = 4_096
"""Words that are remembered, at most."""
_LONGEST = 40
"""Characters of such a word, at most: whole messages, or thousands of random letters, would fill the memory."""

T = TypeVar("T")


class Remembered(Generic[T]):
    """A function of a text whose results are remembered while the text is short.

    Args:
        compute: the function; its result depends on the text alone until `forget` is called.
    """

    def __init__(self, compute: Callable[[str], T]) -> None:
        self._compute = compute
        self._short = lru_cache(maxsize=_MANY)(compute)

    def __call__(self, text: str) -> T:
        """The result for a text."""
        return self._short(text) if len(text) <= _LONGEST else self._compute(text)

    def forget(self) -> None:
        """Compute all of them anew."""
        self._short.cache_clear()
