"""Noises: what each does, and that a seed decides."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from bot.training.noise import NOISES, in_a_letter, one_typo, other_case, other_punctuation, typos, without_accents

SEEDS = st.integers(0, 2**32)
TEXT = "Où se trouve l'école Évariste ? J'appelle le [téléphone] demain, svp."


def test_accents_are_dropped() -> None:
    assert without_accents("Ça, l'été à Liège : où ?", random.Random(1)) == "Ca, l'ete a Liege : ou ?"


@settings(deadline=None)
@given(SEEDS)
def test_case_changes_and_nothing_else(seed: int) -> None:
    noisy = other_case("Mot de passe", random.Random(seed))
    assert noisy in ("MOT DE PASSE", "mot de passe")
    assert other_case("bma", random.Random(seed)) == "BMA"


@settings(deadline=None)
@given(SEEDS)
def test_punctuation_changes_and_words_stay(seed: int) -> None:
    noisy = other_punctuation("Perdu. Que faire ?", random.Random(seed))
    assert noisy in ("Perdu Que faire", "Perdu... Que faire ???")
    assert other_punctuation("mot de passe", random.Random(seed)).removeprefix("mot de passe") in (" ?", "...", " !!", ".")
    assert other_punctuation("www.webmail@adm.cfwb.be est-ce vrai", random.Random(seed)).startswith(
        "www.webmail@adm.cfwb.be est-ce"
    )


@settings(deadline=None)
@given(SEEDS)
def test_a_letter_has_a_greeting_before_and_a_signature_after(seed: int) -> None:
    noisy = in_a_letter("mot de passe perdu", random.Random(seed))
    before, _, after = noisy.partition("mot de passe perdu. ")
    assert before.endswith(", ")
    assert after
    assert "perdu ? " in in_a_letter("perdu ?", random.Random(seed))


@settings(deadline=None)
@given(SEEDS)
def test_one_typo_is_one_slip_in_one_word(seed: int) -> None:
    noisy = one_typo(TEXT, random.Random(seed))
    assert OSA.distance(TEXT, noisy) == 1
    assert "[téléphone]" in noisy
    assert noisy[0] == "O"
    assert one_typo("où est-ce", random.Random(seed)) == "où est-ce"


@settings(deadline=None)
@given(SEEDS)
def test_typos_hit_every_word_of_six_letters_and_no_other(seed: int) -> None:
    words = ["redirection", "vers", "boite", "personnelle", "pour", "le", "directeur"]
    noisy = typos(" ".join(words), random.Random(seed)).split(" ")
    assert [OSA.distance(one, other) for one, other in zip(words, noisy, strict=True)] == [1, 0, 0, 1, 0, 0, 1]
    assert typos("[téléphone]", random.Random(seed)) == "[téléphone]"


@pytest.mark.parametrize("name", NOISES)
@settings(deadline=None)
@given(text=st.text(max_size=80), seed=SEEDS)
def test_any_text_can_be_noisy_and_a_seed_decides(name: str, text: str, seed: int) -> None:
    assert NOISES[name](text, random.Random(seed)) == NOISES[name](text, random.Random(seed))
