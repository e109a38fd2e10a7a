"""Slips of the fingers, corrected with the words of the training sentences."""

import pytest

from bot.nlu.interpreter import Interpreter
from bot.nlu.message import Message
from bot.project.model import ComponentSpec, Example, NluData

PIPELINE = [
    ComponentSpec("bot.nlu.french_tokenizer.FrenchTokenizer", {}),
    ComponentSpec("bot.nlu.spelling_corrector.SpellingCorrector", {}),
]
TEXTS = ["mot de passe perdu", "le mot de passe de la boite administrative", "une boite perdue", "administrative", "un mot rare"]


@pytest.fixture(scope="module")
def interpreter() -> Interpreter:
    return Interpreter.train(PIPELINE, NluData(tuple(Example(text, "x") for text in TEXTS)))


def words(interpreter: Interpreter, text: str) -> list[str]:
    return [token.norm for token in interpreter.understand(text).tokens]


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("psse", "passe"),
        ("apsse", "passe"),
        ("passse", "passe"),
        ("adminstrattive", "administrative"),
        ("perdu", "perdu"),
        ("mto", "mto"),  # too short to tell
        ("rqre", "rqre"),  # « rare » is in one example only
        ("voiture", "voiture"),
        ("pa55e", "pa55e"),
    ],
)
def test_a_slip_is_read_as_the_known_word(interpreter: Interpreter, slip: str, meant: str) -> None:
    assert words(interpreter, slip) == [meant]


def test_the_text_and_its_positions_stay(interpreter: Interpreter) -> None:
    message = interpreter.understand("la boitte")
    assert [message.text[token.start : token.end] for token in message.tokens] == ["la", "boitte"]
    assert [token.text for token in message.tokens] == ["la", "boitte"]


def test_a_saved_corrector_corrects_the_same(interpreter: Interpreter) -> None:
    again = Interpreter.load(PIPELINE, interpreter.save())
    message = Message("adminstrative")
    for component in again.components:
        component.process(message)
    assert [token.norm for token in message.tokens] == ["administrative"]
