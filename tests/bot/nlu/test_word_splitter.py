"""Words begin and end where spaCy's tokenizer puts them with the same expressions; marks and white space are no words."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from spacy.tokenizer import Tokenizer
from spacy.vocab import Vocab

from bot.nlu import word_splitter
from bot.nlu.french_tokenizer import _MASKED as MASKED
from bot.nlu.french_tokenizer import FrenchTokenizer, _in_one_word, _is_word
from bot.nlu.message import Message
from bot.nlu.word_splitter import split
from tests.abuse.attacks import LINEAR, seconds
from tests.project import project
from tests.trained import ROOT

SHORT = {"mdp": "mot de passe", "bma": "boite mail administrative"}

UNITS = (
    *("a", "é", "Z", "l", "L", "d", "s", "ſ", "K", "İ", "ß", "œ", "0", "9", "n°3", "€", "😀", "\u0301", "ﬁ", "字"),
    *("_", "-", "–", "—", "'", "’", "‘", ".", "..", "...", "…", ",", ";", ":", "!", "?", "(", ")", "[", "]", "{", "}"),
    *("«", "»", '"', "“", "”", "„", "*", "=", "<", ">", "|", "~", "^", "#", "/", "\\", "+", "•", "@", "&", "%"),
    *(" ", "  ", "\t", "\n", "\r\n", "\x1c", "\u2028", "\u00a0", "\u200b", "\0"),
    *("qu'", "jusqu’", "lorsqu'i", "l'é", "http://", "https://a.b/?c", "www.", "aujourd'hui", "AUJOURD’HUI", "[mot de passe]"),
    *("a.b@c.be", "ec001234@adm.cfwb.be", "/restart", "1,2", "12/09/2026", "C.N.I.", "est-ce", "mdp", "BMA"),
)


class Oracle:
    """spaCy's tokenizer with the product's expressions."""

    def __init__(self) -> None:
        self._tokenizer = Tokenizer(
            Vocab(),
            prefix_search=word_splitter.PREFIX.match,
            suffix_search=re.compile(rf"(?:{word_splitter.SUFFIX.pattern})$").search,
            infix_finditer=word_splitter.INFIX.finditer,
            token_match=lambda text: word_splitter.WHOLE.fullmatch(text) or word_splitter.LINK.fullmatch(text),
        )
        self._norm = FrenchTokenizer({"abbreviations": SHORT})._norm

    def words(self, text: str) -> list[tuple[str, int, int, str]]:
        found = [(word.text, word.idx) for word in self._tokenizer(MASKED.sub(_in_one_word, text))]
        return [
            (text[place : place + len(word)], place, place + len(word), self._norm(word))
            for word, place in found
            if _is_word(word)
        ]


@cache
def ours() -> FrenchTokenizer:
    return FrenchTokenizer({"abbreviations": SHORT})


@cache
def oracle() -> Oracle:
    return Oracle()


def words(text: str) -> list[tuple[str, int, int, str]]:
    message = Message(text)
    ours().process(message)
    return [(token.text, token.start, token.end, token.norm) for token in message.tokens]


def test_sentences_of_training_are_split_as_spacys_tokenizer_does() -> None:
    texts = [example.text for example in project().nlu.examples]
    assert len(texts) > 16_000
    assert [text for text in texts if words(text) != oracle().words(text)] == []


@pytest.mark.parametrize("path", sorted((ROOT / "tests/nlu").glob("*.yml")), ids=lambda path: path.stem)
def test_sentences_of_tests_are_split_as_spacys_tokenizer_does(path: Path) -> None:
    texts = list(_texts(YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))))
    assert len(texts) > 50
    assert [text for text in texts if words(text) != oracle().words(text)] == []


def _texts(node: object) -> list[str]:
    """All texts of a YAML file, lines of blocks one by one."""
    if isinstance(node, str):
        return [node, *(line.removeprefix("- ") for line in node.splitlines())]
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [text for child in children for text in _texts(child)]


@settings(max_examples=1_500, deadline=None)
@given(st.lists(st.sampled_from(UNITS), max_size=14).map("".join))
def test_hostile_texts_are_split_as_spacys_tokenizer_does(text: str) -> None:
    assert words(text) == oracle().words(text)


@settings(max_examples=500, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_is_split_as_spacys_tokenizer_does(text: str) -> None:
    assert words(text) == oracle().words(text)


@given(st.lists(st.sampled_from(UNITS), max_size=30).map(lambda units: "".join("".join(units).split())))
def test_pieces_are_the_text(text: str) -> None:
    pieces = split(text)
    assert "".join(text[first:last] for first, last in pieces) == text
    assert all(first < last for first, last in pieces)


def test_what_is_longer_than_an_address_is_none() -> None:
    longest = "a" * 245 + "@cfwb.be."
    assert split(longest) == [(0, 253), (253, 254)]
    assert split("a" + longest) == [(0, 254), (254, 255)]  # without its dot, an address
    assert len(split("a.b-c" * 60 + "@cfwb.be")) > 100
    link = "https://" + "a-b/" * 100
    assert split(link) == [(0, len(link))]


@pytest.mark.parametrize("shape", ["{0}", "a{0}z", "{0}@{0}", "[{0}]", "{0}.a@b..{0}", "1.1.1{0}"])
def test_long_texts_take_time_as_they_are_long(shape: str) -> None:
    """Marks leave a text one at a time: if all of it were read again each, this would take a hundred milliseconds."""
    assert [unit for unit in UNITS if _is_slow(shape, unit)] == []


def _is_slow(shape: str, unit: str) -> bool:
    longest = _seconds(shape, unit, 5_000)
    return longest > 0.01 and longest > LINEAR * _seconds(shape, unit, 1_250)


def _seconds(shape: str, unit: str, length: int) -> float:
    message = Message(shape.format(unit * (length // len(unit) // shape.count("{0}"))))
    return seconds(lambda _: FrenchTokenizer({"abbreviations": {}}).process(message), "")
