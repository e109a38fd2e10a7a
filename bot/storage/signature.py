"""What a question is about, as a key: alike questions have the same, so that a database can count them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from bot.nlu.folding import fold

LENGTH = 255
"""Characters of a signature at most."""
_WORD = re.compile(r"[^\W\d_]+")
_MASKED = re.compile(r"\[[^\]\n]{1,40}\]")
"""What `bot.masking` writes in place of a secret: it says nothing of what is asked."""
_ENDING = re.compile(r"(?:[sx]|(?:e[erz]|e{1,2})s?)$")
"""Plural, feminine, and what verbs end with most: « boites », « perdue », « changer », « changez »."""
_LEAST = 3
"""Letters that are left of a word without its ending."""


@cache
def _stop_words() -> frozenset[str]:
    text = Path(__file__).with_name("signature.yml").read_text(encoding="utf-8")
    return frozenset(str(YAML(typ="safe", pure=True).load(text)["stop_words"]).split())


def signature(text: str) -> str:
    """The words of a question that say what it is about, without endings, each once, in alphabetical order.

    Args:
        text: a masked text.

    Returns:
        At most 255 characters; words that say nothing count when there are no others, and empty is only what has no letter.
    """
    words = _WORD.findall(_MASKED.sub(" ", fold(text)))
    telling = [word for word in words if word not in _stop_words()]
    found = " ".join(sorted({_stem(word) for word in telling or words}))
    if len(found) <= LENGTH:
        return found
    return found[:LENGTH].rpartition(" ")[0] or found[:LENGTH]


def _stem(word: str) -> str:
    stem = _ENDING.sub("", word)
    return stem if len(stem) >= _LEAST else word
