"""Letters that a text must hold for a pattern to be found in it: to look for them is faster than to try the pattern."""

from __future__ import annotations

import re
from collections.abc import Iterable
from re import _constants as kind  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

_DOTS = str.maketrans({"ı": "i", "İ": "i"})
"""What `re.IGNORECASE` takes for an i and `casefold` does not."""


def caseless(text: str) -> str:
    """The text, the same for all that `re.IGNORECASE` takes for the same; each letter by itself."""
    return text.translate(_DOTS).casefold()


def literals(pattern: re.Pattern[str]) -> frozenset[str]:
    """Of the pattern `(école|lycée) n° \\d+`: `école` and `lycée`.

    Args:
        pattern: a compiled pattern.

    Returns:
        Caseless texts; whatever the pattern is found in holds one of them at least. Empty when there is no such set.
    """
    return frozenset(map(caseless, _best(_parser.parse(pattern.pattern, pattern.flags))))


def _best(items: Iterable[tuple[Any, Any]]) -> frozenset[str]:
    """The most telling of the sets that each part of a sequence demands: that of the longest texts."""
    demanded: list[frozenset[str]] = []
    run = ""
    for code, argument in items:
        if code is kind.LITERAL:
            run += chr(argument)
            continue
        demanded += (frozenset({run}), _of_part(code, argument))
        run = ""
    demanded.append(frozenset({run}))
    return max((texts for texts in demanded if texts and "" not in texts), key=_telling, default=frozenset())


def _telling(texts: frozenset[str]) -> tuple[int, int]:
    return min(map(len, texts)), -len(texts)


def _of_part(code: Any, argument: Any) -> frozenset[str]:
    if code is kind.BRANCH:
        each = [_best(branch) for branch in argument[1]]
        return frozenset().union(*each) if all(each) else frozenset()
    if code is kind.SUBPATTERN:
        return _best(argument[-1])
    if code is kind.ASSERT:
        return _best(argument[1])
    if code in (kind.MAX_REPEAT, kind.MIN_REPEAT) and argument[0]:
        return _best(argument[2])
    return frozenset()
