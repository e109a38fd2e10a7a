"""French words: split with our own rules for elision, hyphens and abbreviations, and folded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from bot.nlu.component import Stateless
from bot.nlu.folding import fold
from bot.nlu.message import Message, Options, Token
from bot.nlu.remembered import Remembered
from bot.nlu.word_splitter import MARK, split

_CHUNK = re.compile(r"\S+")
_WORD = re.compile(r"\w")
_MARKS_ONLY = re.compile(rf"^{MARK}+$")
_MASKED = re.compile(r"\[[a-zàéè][a-zàéè ]{1,30}\]", re.I)
"""What `bot.masking` writes in place of a secret (`[mot de passe]`)."""

Word = tuple[int, int, str]
"""Start and end in a chunk, and how the word is compared."""


class FrenchTokenizer(Stateless):
    """Splits French text and folds what writers vary without meaning it; a masked secret is one word.

    Options:
        abbreviations: what secretaries shorten to what they mean (`mdp: mot de passe`); written folded.
    """

    OPTIONS: ClassVar[Mapping[str, Any]] = {"abbreviations": {}}

    def __init__(self, options: Options) -> None:
        self._meanings = {fold(str(short)): fold(str(long)) for short, long in options["abbreviations"].items()}
        self._known = Remembered(self._words)

    def process(self, message: Message) -> None:
        """Add the tokens; `norm` is folded and spelled out, and may hold several words."""
        text = message.text
        start, end = message.body
        tokens = []
        for chunk in _CHUNK.finditer(_MASKED.sub(_in_one_word, text[start:end])):
            place, words = start + chunk.start(), chunk[0]
            for first, last, norm in self._known(words):
                tokens.append(Token(text[place + first : place + last], place + first, place + last, norm))
        message.tokens = tokens

    def _words(self, chunk: str) -> tuple[Word, ...]:
        """The words of a text without white space; marks are left out."""
        return tuple((first, last, self._norm(word)) for first, last in split(chunk) if _is_word(word := chunk[first:last]))

    def _norm(self, word: str) -> str:
        """How a word is compared."""
        folded = fold(word).strip("'")
        return self._meanings.get(folded, folded)


def _is_word(text: str) -> bool:
    has_letters = _WORD.search(text) is not None or not text.isascii()
    return has_letters and _MARKS_ONLY.match(text) is None


def _in_one_word(masked: re.Match[str]) -> str:
    """A masked secret as one word of the same length: a secret typed is no question about passwords."""
    return "[" + "_" * (len(masked[0]) - 3) + masked[0][1] + "]"
