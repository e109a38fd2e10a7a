"""Rasa's WhitespaceTokenizer (`rasa/nlu/tokenizers/whitespace_tokenizer.py`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from bot.nlu.component import Stateless
from bot.nlu.message import Message, Options, Token

_SPLIT = re.compile(r"[^\w#@&]+(?=\s|$)|(\s|^)[^\w#@&]+(?=[^0-9\s])|(?<=[^0-9\s])[^\w._~:/?#\[\]()@!$&*+,;=-]+(?=[^0-9\s])")
"""Rasa's own pattern: punctuation at the edges of words, and inside unless it is part of a URL or a number."""


class WhitespaceTokenizer(Stateless):
    """Splits at white space and drops punctuation at the edges of words."""

    OPTIONS: ClassVar[Mapping[str, Any]] = {
        "intent_tokenization_flag": False,
        "intent_split_symbol": "_",
        "token_pattern": None,
    }

    def __init__(self, options: Options) -> None:
        self.options = options

    def process(self, message: Message) -> None:
        """Add the tokens."""
        words = _SPLIT.sub(" ", message.text).split() or [message.text]
        message.tokens = list(_placed(words, message.text))


def _placed(words: list[str], text: str) -> list[Token]:
    tokens, position = [], 0
    for word in words:
        start = text.find(word, position)
        if start < 0:
            continue
        position = start + len(word)
        tokens.append(Token(word, start, position, word.lower()))
    return tokens
