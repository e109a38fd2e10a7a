"""Parts of a message: where its words stand, and what a part that was understood alone says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from bot.nlu.fallback_classifier import NLU_FALLBACK
from bot.nlu.folding import fold
from bot.nlu.message import Message

Span = tuple[int, int]
"""Start and end of a part of the text."""


@runtime_checkable
class Splitter(Protocol):
    """A component that proposes parts of a message (`message.segments`), and chooses when they are understood."""

    def choose(self, message: Message, parts: Sequence[Message]) -> None:
        """Decide what the message asks.

        Args:
            message: what `process` has seen.
            parts: its segments, understood alone by the components before this one.
        """


def pattern(phrase: Any) -> str:
    """An expression for a folded phrase; `*` stands for any letters."""
    return re.escape(fold(str(phrase))).replace(r"\*", r"\w*").replace(r"\ ", r"\s+")


def any_of(phrases: Iterable[Any]) -> str:
    """An expression for any of the folded phrases as whole words; for nothing when there is none."""
    alternatives = "|".join(sorted(map(pattern, phrases), key=len, reverse=True))
    return rf"(?:(?:(?<![\w-])|(?=\W))(?:{alternatives})(?:(?![\w-])|(?<=\W)))" if alternatives else r"(?!)"


class _FoldedLetters(dict[int, str]):
    """What each letter folds to, as one letter; remembered as letters come."""

    def __missing__(self, letter: int) -> str:
        folded = fold(chr(letter))[:1] or " "
        if len(self) < _LETTERS:
            self[letter] = folded
        return folded


_LETTERS = 4096
"""How many letters are remembered: all that Europeans write with."""
_FOLDED = _FoldedLetters()


def folded_text(text: str) -> str:
    """The folded text, of the same length: positions stay."""
    return text.translate(_FOLDED)


def trimmed(text: str, span: Span) -> Span:
    """The span without the spaces at its ends."""
    part = text[slice(*span)]
    start = span[0] + len(part) - len(part.lstrip())
    return start, max(start, span[1] - len(part) + len(part.rstrip()))


def best_intent(message: Message) -> Mapping[str, Any]:
    """The likeliest intent of the whole, even when in doubt."""
    return next((item for item in message.ranking if item["name"] != NLU_FALLBACK), message.intent)


def in_whole(span: Span, part: Message) -> list[dict[str, Any]]:
    """The part's entities at their positions in the whole text."""
    return [{**item, "start": item["start"] + span[0], "end": item["end"] + span[0]} for item in part.entities]


def question_of(span: Span, part: Message) -> dict[str, Any]:
    """An entry of `message.questions`: the part as a question of its own, positions in the whole text."""
    return {
        "start": span[0],
        "end": span[1],
        "intent": dict(part.intent),
        "intent_ranking": [dict(item) for item in part.ranking[:10]],
        "entities": in_whole(span, part),
    }
