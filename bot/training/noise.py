"""What happens to a sentence on its way through hasty fingers: the same question, written otherwise.

Each noise takes a text and a seeded generator, so that a test gives the same figures each time. Placeholders of masked
secrets (`[téléphone]`) are left as they are: nobody types them.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

Noise = Callable[[str, random.Random], str]

_WORD = re.compile(r"\[[^\]]*\]|[^\W\d_]+")
_PUNCTUATION = re.compile(r"(?<![.,;:!?…])[.,;:!?…]++(?=\s|$)")
_LEAST_LETTERS = 4
"""Letters of a word that a single typo may hit: shorter ones become other words."""
_LONG = 6
"""Letters of a word that `typos` hits."""
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def without_accents(text: str, _: random.Random) -> str:
    """Accents and cedillas dropped, as on a foreign keyboard."""
    return "".join(char for char in unicodedata.normalize("NFD", text) if unicodedata.category(char) != "Mn")


def other_case(text: str, chance: random.Random) -> str:
    """All capitals, or all small letters."""
    upper = chance.random() < 0.5
    if text == (text.upper() if upper else text.lower()):
        upper = not upper
    return text.upper() if upper else text.lower()


def other_punctuation(text: str, chance: random.Random) -> str:
    """Punctuation dropped, or three question marks and dots for each mark; a text without any gets some at its end."""
    if not _PUNCTUATION.search(text):
        return text + chance.choice((" ?", "...", " !!", "."))
    if chance.random() < 0.5:
        return re.sub(r"\s+", " ", _PUNCTUATION.sub("", text)).strip() or text
    return _PUNCTUATION.sub(lambda found: "???" if "?" in found[0] else found[0] if found[0] == "," else "...", text)


def in_a_letter(text: str, chance: random.Random) -> str:
    """A greeting before and a signature after."""
    ending = "" if text.rstrip().endswith((".", "!", "?", "…")) else "."
    return f"{chance.choice(_phrases()['greetings'])} {text}{ending} {chance.choice(_phrases()['signatures'])}"


def one_typo(text: str, chance: random.Random) -> str:
    """One slip in one word of four letters or more."""
    words = [found for found in _WORD.finditer(text) if len(found[0]) >= _LEAST_LETTERS and found[0][0] != "["]
    if not words:
        return text
    found = chance.choice(words)
    return text[: found.start()] + _slip(found[0], chance) + text[found.end() :]


def typos(text: str, chance: random.Random) -> str:
    """One slip in every word of six letters or more."""

    def slipped(found: re.Match[str]) -> str:
        return found[0] if len(found[0]) < _LONG or found[0][0] == "[" else _slip(found[0], chance)

    return _WORD.sub(slipped, text)


NOISES: Mapping[str, Noise] = {
    "accents": without_accents,
    "case": other_case,
    "punctuation": other_punctuation,
    "letter": in_a_letter,
    "typo": one_typo,
    "typos": typos,
}
"""All noises, by the names that reports use."""


def _slip(word: str, chance: random.Random) -> str:
    """A letter left out, doubled, replaced, or exchanged with the next; never the first, which fingers rarely miss."""
    place = chance.randrange(1, len(word) - 1)
    before, letter, following, after = word[:place], word[place], word[place + 1], word[place + 2 :]
    kinds = [
        before + following + after,
        before + letter * 2 + following + after,
        before + chance.choice([other for other in _ALPHABET if other != letter.lower()]) + following + after,
        before + following + letter + after,
    ]
    return chance.choice([kind for kind in kinds if kind != word])


@cache
def _phrases() -> Mapping[str, tuple[str, ...]]:
    with Path(__file__).with_name("noise.yml").open(encoding="utf-8") as stream:
        return {name: tuple(items) for name, items in YAML(typ="safe", pure=True).load(stream).items()}
