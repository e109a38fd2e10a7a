"""Received text is cleaned before anything reads it."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text import clean_text

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=200)


@pytest.mark.parametrize(
    ("received", "clean"),
    [
        ("  bonjour \n", "bonjour"),
        ("a\ud83db", "a\ufffdb"),
        ("a\x00b\x07c\x1bd\x7fe", "abcde"),
        ("un\tdeux", "un deux"),
        ("sec\u200bret\ufeff \u202eabc\u2066d\u2069", "secret abcd"),
        ("se\u00adc\u034fr\ufe0fet", "secret"),
        ("cafe\u0301", "café"),
        ("à\u00a014\u202fh\u2009!", "à 14 h !"),
        ("un\r\ndeux\rtrois\u2028quatre", "un\ndeux\ntrois\nquatre"),
        ("un\n\n\n\n \n\ndeux", "un\n\n\ndeux"),
        ("un\n\n\ndeux", "un\n\n\ndeux"),
        ("un  \ndeux", "un\ndeux"),
        ("", ""),
        ("\u200b\n\u00a0", ""),
        ("Où est l’école ? 😀", "Où est l’école ? 😀"),
    ],
)
def test_cleans(received: str, clean: str) -> None:
    assert clean_text(received) == clean


def test_cuts_at_the_limit_and_leaves_no_blank_there() -> None:
    assert clean_text("a" * 6000) == "a" * 5000
    assert clean_text("abc def", limit=4) == "abc"


@given(ANY_TEXT)
def test_result_is_clean_and_stays_so(text: str) -> None:
    clean = clean_text(text)
    assert clean_text(clean) == clean
    assert unicodedata.is_normalized("NFC", clean)
    assert clean == clean.strip()
    assert "\n\n\n\n" not in clean
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in clean if char != "\n")
    clean.encode()


@pytest.mark.parametrize("piece", [" ", "\n", " \n", "\u0301", "\u0301\u0323", "é", "\u200b", "\ud800", "a"])
def test_time_is_linear(piece: str) -> None:
    text = (piece * 200_000)[:200_000]
    start = time.perf_counter()
    clean_text("a" + text + "b")
    assert time.perf_counter() - start < 0.5
