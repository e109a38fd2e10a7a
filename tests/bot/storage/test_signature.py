"""Questions that are alike have the same signature; others do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.storage.signature import LENGTH, signature


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Où sont mes mails ?", "ou est-ce que c'est, le mail, svp"),
        ("changer le mot de passe", "Comment changez-vous les mots de passe ?"),
        ("Bonjour, la boite est pleine", "les boites sont pleines"),
        ("mot de passe perdu", "MOTS DE PASSE PERDUS !!!"),
        ("école 5464", "Ecole 1234"),
        ("mon adresse [e-mail] ne marche pas", "l’adresse marche pas"),
    ],
)
def test_alike_questions_have_the_same(first: str, second: str) -> None:
    assert signature(first) == signature(second) != ""


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("mot de passe perdu", "mot de passe bloqué"),
        ("lire les mails", "rediriger les mails"),
        ("c'est quoi MODE", "c'est quoi Cerbère"),
    ],
)
def test_others_have_another(first: str, second: str) -> None:
    assert signature(first) != signature(second)


@pytest.mark.parametrize("text", ["et pourquoi ?", "oui mais non", "qui ?"])
def test_words_that_say_nothing_count_when_there_are_no_others(text: str) -> None:
    assert signature(text)


def test_what_has_no_letter_has_none() -> None:
    assert signature("?! 12 😀") == signature("") == ""


@given(st.text(max_size=2_000))
def test_it_fits_and_does_not_depend_on_the_order(text: str) -> None:
    found = signature(text)
    assert len(found) <= LENGTH
    assert found.split() == sorted(set(found.split()))
    assert not any(char.isdigit() for char in found)
    assert signature(" ".join(reversed(text.split()))) == found
