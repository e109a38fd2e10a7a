"""What is left of a letter when its courtesies are taken away, with the words of the project's own configuration."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.courtesy_trimmer import CourtesyTrimmer
from bot.nlu.message import Message
from bot.nlu.registry import make
from bot.project.loader import read_project

NAME = "bot.nlu.courtesy_trimmer.CourtesyTrimmer"
SPEC = next(spec for spec in read_project(Path(__file__).parents[3])[0].config.pipeline if spec.name == NAME)
TRIMMER = make(SPEC)


def body(text: str) -> str:
    message = Message(text)
    TRIMMER.process(message)
    return text[slice(*message.body)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bonjour, comment lire les mails ? Merci d'avance, M. Lambert", "comment lire les mails ?"),
        ("Bonjour Madame, Monsieur,\nOù lire les mails ?\nBien à vous,\nAnne Lambert\nSecrétaire", "Où lire les mails ?"),
        ("Bonjour Madame Van den Berg,\nLe code est perdu.\nCordialement", "Le code est perdu."),
        ("bonsoir mdp perdu", None),  # few words that nothing parts: they are understood together
        ("bonsoir je ne retrouve plus le code de la boite", "je ne retrouve plus le code de la boite"),
        ("Un grand merci à vous", None),
        ("D'accord, très bien. Bonne fin de journée", None),
        ("Entendu, merci pour votre réponse", None),
        ("Oui. Merci d'avance", "Oui."),
        ("Bonjour,\nwebmail ?", "webmail ?"),
        ("le mot de passe est perdu merci d'avance", "le mot de passe est perdu"),
        ("Le code est perdu.\nÉcole Saint-Joseph\nrue de l'Église 12\n5000 Namur", "Le code est perdu."),
        ("Où lire les mails ? Cordialement. Et le code ?", "Où lire les mails ? Cordialement. Et le code ?"),
        ("Comment faire ?\nLa boite est pleine depuis lundi et rien ne part", None),
        ("LE CODE EST PERDU\nJE SUIS BLOQUÉE", None),  # capitals throughout are no names
        ("Merci d'avance", None),
        ("Bonjour Madame", None),
        ("Bonjour Léa", None),
        ("", None),
    ],
)
def test_the_body(text: str, expected: str | None) -> None:
    assert body(text) == (text if expected is None else expected)


@given(st.text(max_size=300))
def test_any_text_has_a_body(text: str) -> None:
    message = Message(text)
    TRIMMER.process(message)
    start, end = message.body
    assert 0 <= start <= end <= len(text)
    assert bool(text[start:end].strip()) == bool(text.strip())


def test_without_options_everything_is_body() -> None:
    message = Message("Bonjour, c'est perdu. Cordialement")
    CourtesyTrimmer({**CourtesyTrimmer.OPTIONS}).process(message)
    assert message.body == (0, len(message.text))
