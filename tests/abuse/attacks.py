"""Hostile texts for a regular expression, made from its own parts: what its repeats like to eat, and no end that fits."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

FIRST = range(10, 40, 4)
"""Characters of the first texts: what explodes is found before it hangs."""
LENGTHS = (78, 312, 1250, 5000)
"""Characters of the texts, four times as many each time; the last is the longest message."""
FLOOR = 0.004
"""Seconds of processor time below which no growth is judged."""
LINEAR = 9.0
"""A text four times as long may take so many times as long: 4 is linear, 16 is quadratic."""
UNITS = (" ", "a", "1", "\n", ".", "-", "!", "é", "'", "/", "[", "{", "a ", "1 ", ". ", "a.", "1.", "a-", "de ", "\n ", ", ")
_MOST = 12
"""Different hostile units taken from one repeat."""
_parser: Any = re._parser  # type: ignore[attr-defined]


def samples(tree: Any, random_: random.Random, count: int) -> list[str]:
    """Some texts that a parsed expression, or a part of one, matches; look-arounds and references are not minded."""
    return sorted({_sample(tree, random_) for _ in range(count)})


def _sample(tree: Any, chance: random.Random) -> str:
    return "".join(_sample_one(str(operator), argument, chance) for operator, argument in tree)


def _sample_one(operator: str, argument: Any, chance: random.Random) -> str:
    match operator:
        case "LITERAL":
            return chr(argument)
        case "NOT_LITERAL" | "ANY":
            return chance.choice("a1 .")
        case "IN":
            return _character(argument, chance)
        case "BRANCH":
            return _sample(chance.choice(argument[1]), chance)
        case "SUBPATTERN":
            return _sample(argument[3], chance)
        case "ATOMIC_GROUP":
            return _sample(argument, chance)
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, most, inner = argument
            return "".join(_sample(inner, chance) for _ in range(chance.randint(least, min(most, least + 2))))
        case _:
            return ""


def _character(items: Any, chance: random.Random) -> str:
    """A character of a class; of one that excludes some, a character that fits."""
    if str(items[0][0]) == "NEGATE":
        fitting = [char for char in "a1 .-é\n" if not any(_holds(item, char) for item in items[1:])]
        return chance.choice(fitting or ["\ue123"])
    operator, argument = chance.choice(items)
    if str(operator) == "RANGE":
        return chr(chance.choice(argument))
    if str(operator) == "CATEGORY":
        name = str(argument)
        fitting = {"DIGIT": "17", "SPACE": " \n", "WORD": "a1é"}
        kind = name.rpartition("_")[2]
        return chance.choice("-a." if "NOT" in name and kind != "WORD" else "- ." if "NOT" in name else fitting[kind])
    return chr(argument)


def _holds(item: tuple[Any, Any], char: str) -> bool:
    operator, argument = str(item[0]), item[1]
    if operator == "RANGE":
        return bool(argument[0] <= ord(char) <= argument[1])
    if operator == "CATEGORY":
        name = str(argument)
        holds = {"DIGIT": char.isdigit(), "SPACE": char.isspace(), "WORD": char.isalnum() or char == "_"}[name.rpartition("_")[2]]
        return holds != ("NOT" in name)
    return ord(char) == argument if operator == "LITERAL" else False


def _repeats(tree: Any, before: list[Any]) -> Iterator[tuple[list[Any], Any]]:
    """Each repeat that may be long: what stands before it, and what it repeats."""
    done = list(before)
    for operator, argument in tree:
        name = str(operator)
        if name.endswith("_REPEAT"):
            _, most, inner = argument
            if most > 3:
                yield done, inner
            yield from _repeats(inner, done)
        elif name == "BRANCH":
            for branch in argument[1]:
                yield from _repeats(branch, done)
        elif name == "SUBPATTERN":
            yield from _repeats(argument[3], done)
        elif name == "ATOMIC_GROUP":
            yield from _repeats(argument, done)
        elif name.startswith("ASSERT"):
            yield from _repeats(argument[1], done)
        done.append((operator, argument))


def attacks(pattern: str, flags: int, seed: int = 1) -> list[tuple[str, str, str]]:
    """Beginnings, repeated units and ends of hostile texts."""
    chance = random.Random(seed)
    tree = _parser.parse(pattern, flags)
    found: dict[tuple[str, str, str], None] = {}
    for unit in (*UNITS, *samples(tree, chance, _MOST)):
        found.setdefault(("", unit, "\0"))
    for before, inner in _repeats(tree, []):
        begin = _sample(before, chance)
        for unit in samples(inner, chance, _MOST):
            found.setdefault((begin, unit, "\0"))
            found.setdefault(("", begin + unit, "\0"))
    return [item for item in found if item[1]]


def seconds(work: Callable[[str], object], text: str, tries: int = 3) -> float:
    """Processor time that a text takes, the best of some tries: what else the machine does counts little."""
    best = float("inf")
    for _ in range(tries):
        start = time.thread_time()
        work(text)
        best = min(best, time.thread_time() - start)
    return best


def growth(work: Callable[[str], object], attack: tuple[str, str, str], cleaned: Callable[[str], str] = str) -> str | None:
    """What is wrong with the time that longer and longer texts take; None when it grows as they do.

    Args:
        work: what is done with a text.
        attack: its beginning, the unit that is repeated, its end.
        cleaned: what a text passes before.
    """
    begin, unit, end = attack
    before = 0.0
    for length in (*FIRST, *LENGTHS):
        text = cleaned((begin + unit * length)[: length - len(end)] + end)
        taken = seconds(work, text, 1)
        if taken > FLOOR:
            taken = seconds(work, text)
        if taken > FLOOR and (length in FIRST or taken > LINEAR * before):
            return f"{length} characters {text[:30]!r}… take {1000 * taken:.1f} ms, shorter ones {1000 * before:.1f} ms"
        before = taken
    return None
