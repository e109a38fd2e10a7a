"""French words: spaCy's tokenizer with our own rules for elision, hyphens and abbreviations.

`spacy.lang.fr` compiles a 1.4-million-character expression at import (2 to 3 s); what we need of it is written here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar

from spacy.tokenizer import Tokenizer
from spacy.vocab import Vocab

from bot.nlu.component import Stateless
from bot.nlu.folding import fold
from bot.nlu.message import Message, Options, Token

_APOSTROPHE = "'’"
_PUNCTUATION = r"[\s.,;:!?…()\[\]{}«»\"“”„*_=<>|~^#/\\+•\-–—'’]"
_PREFIX = re.compile(rf"^(?:(?!/){_PUNCTUATION}|(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)[{_APOSTROPHE}](?=\w))", re.I)
_SUFFIX = re.compile(rf"(?:{_PUNCTUATION})$")
_INFIX = re.compile(
    rf"(?<=\w)[-–—/\\+=_,;:!?()…«»\"<>|](?=\w)|(?<=[A-Za-zÀ-ÿ])\.(?=[A-Za-zÀ-ÿ]{{2}})|(?<=\w)\.{{2,}}(?=\w)|(?<=[a-zà-ÿ])[{_APOSTROPHE}](?=\w)",
    re.I,
)
_WHOLE = re.compile(
    r"^(?:[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://\S+|www\.\S+|\[[^\]\s]+\]|/\w+|aujourd['’]hui|\d+(?:[.,/]\d+)+)$", re.I
)
_WORD = re.compile(r"\w")
_MASKED = re.compile(r"\[[a-zàéè][a-zàéè ]{1,30}\]", re.I)
"""What `bot.masking` writes in place of a secret (`[mot de passe]`)."""

_MOST_WORDS = 20_000
"""Different words that spaCy's vocabulary may hold. It forgets none: random letters would fill the memory."""


class FrenchTokenizer(Stateless):
    """Splits French text and folds what writers vary without meaning it; a masked secret is one word.

    Options:
        abbreviations: what secretaries shorten to what they mean (`mdp: mot de passe`); written folded.
    """

    OPTIONS: ClassVar[Mapping[str, Any]] = {"abbreviations": {}}

    def __init__(self, options: Options) -> None:
        self._tokenizer = _new_tokenizer()
        self._meanings = {fold(str(short)): fold(str(long)) for short, long in options["abbreviations"].items()}
        self._norm = lru_cache(maxsize=8192)(self._normalised)

    def process(self, message: Message) -> None:
        """Add the tokens; `norm` is folded and spelled out, and may hold several words."""
        if len(self._tokenizer.vocab.strings) > _MOST_WORDS:
            self._tokenizer = _new_tokenizer()
        start, end = message.body
        body = _MASKED.sub(_in_one_word, message.text[start:end])
        places = [(word.text, start + word.idx) for word in self._tokenizer(body)]
        message.tokens = [
            Token(message.text[first : first + len(word)], first, first + len(word), norm)
            for word, first in places
            if (norm := self._norm(word)) is not None
        ]

    def _normalised(self, word: str) -> str | None:
        """How a word is compared; None for punctuation and white space."""
        if not _is_word(word):
            return None
        folded = fold(word).strip("'")
        return self._meanings.get(folded, folded)


def _new_tokenizer() -> Tokenizer:
    return Tokenizer(
        Vocab(),
        prefix_search=_PREFIX.search,
        suffix_search=_SUFFIX.search,
        infix_finditer=_INFIX.finditer,
        token_match=_WHOLE.match,
    )


def _is_word(text: str) -> bool:
    has_letters = _WORD.search(text) is not None or not text.isascii()
    return has_letters and _PUNCTUATION_ONLY.match(text) is None


def _in_one_word(masked: re.Match[str]) -> str:
    """A masked secret as one word of the same length: a secret typed is no question about passwords."""
    return "[" + "_" * (len(masked[0]) - 3) + masked[0][1] + "]"


_PUNCTUATION_ONLY = re.compile(rf"^{_PUNCTUATION}+$")
