"""Near-duplicates: the fast search finds what comparing every pair finds."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from bot.training.near_duplicates import bare, near_pairs, neighbours_of


@pytest.mark.parametrize(
    ("first", "second", "near"),
    [
        ("Où lire mes mails ?", "ou lire mes mails", True),
        ("lire mes mails où", "où lire mes mails", True),
        ("comment lire les mails de la boite", "comment lire les mails de ma boite", True),
        ("peut-on lire nos mails à la maison", "peut-on lire nos mails à la maison svp", True),
        ("redirection", "redirections", True),
        ("mdp", "mds", False),
        ("où lire mes mails", "où lire la circulaire", False),
        ("???", "!!!", False),
    ],
)
def test_what_is_near(first: str, second: str, near: bool) -> None:
    assert near_pairs([first, second]) == ([(0, 1)] if near else [])


def brute(texts: list[str]) -> list[tuple[int, int]]:
    found = []
    for first, one in enumerate(map(bare, texts)):
        for second, other in enumerate(map(bare, texts)):
            words, others = set(one.split()), set(other.split())
            same = words | others and len(words & others) >= 0.8 * len(words | others)
            if first < second and (same or Levenshtein.distance(one, other) <= 0.15 * max(len(one), len(other))):
                found.append((first, second))
    return found


SOME = ("mail", "mails", "boite", "boites", "lire", "où", "dans", "la", "le", "ma")
WORDS = st.lists(st.sampled_from(SOME), min_size=1, max_size=8)


@settings(deadline=None)
@given(st.lists(WORDS.map(" ".join), max_size=25))
def test_all_pairs_are_found(texts: list[str]) -> None:
    assert near_pairs(texts) == brute(texts)


def test_neighbours_are_mutual() -> None:
    assert neighbours_of([(0, 1), (1, 4)]) == {0: {1}, 1: {0, 4}, 4: {1}}


@pytest.mark.slow
def test_twelve_thousand_sentences_take_seconds() -> None:
    chance = random.Random(1)
    words = [f"{chance.choice('bcdfgl')}{chance.choice('aeiou')}{number}" for number in range(2_000)]
    texts = [" ".join(chance.choices(words, k=chance.randint(3, 20))) for _ in range(12_000)]
    start = time.process_time()
    near_pairs(texts)
    assert time.process_time() - start < 20
