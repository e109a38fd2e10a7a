"""What a text says of MODE, by the project's own expressions: the wrong form costs a school more than the question."""

from functools import cache

import pytest

from bot.nlu.message import Message, TrainingSet
from bot.nlu.regex_entity_extractor import RegexEntityExtractor
from tests.project import project

NAMES = ("dans_mode", "pas_dans_mode", "question_sur_mode", "type_hors_de_cause")


@cache
def extractor() -> RegexEntityExtractor:
    (spec,) = [spec for spec in project().config.pipeline if spec.name == "RegexEntityExtractor"]
    found = RegexEntityExtractor({**RegexEntityExtractor.OPTIONS, **spec.options})
    found.train(TrainingSet([Message(item.text, annotations=item.entities) for item in project().nlu.examples], project().nlu))
    return found


def said(text: str) -> set[str]:
    message = Message(text)
    extractor().process(message)
    return {str(item["entity"]) for item in message.entities} & set(NAMES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nous sommes dans MODE", {"dans_mode"}),
        ("établissement pas dans MODE, pas hors MODE non plus", {"dans_mode", "pas_dans_mode"}),
        ("dans MODE et pas hors MODE : code perdu", {"dans_mode"}),
        ("MODE répond oui, et le code ?", {"dans_mode"}),
        ("MODE a dit non, donc le code comment", {"pas_dans_mode"}),
        ("mode nous ignore depuis toujours, quel papier pour le code", {"pas_dans_mode"}),
        ("mode nous connait", {"dans_mode"}),
        ("je me demande si mode nous connait", {"question_sur_mode"}),
        ("mode ne nous connait pas", {"pas_dans_mode"}),
        ("dans mode nous sommes introuvables", {"pas_dans_mode"}),
        ("aucune trace de notre maison dans MODE", {"pas_dans_mode"}),
        ("pas trouvé notre établissement ds mode", {"pas_dans_mode"}),
        ("inconnus au bataillon chez MODE", {"pas_dans_mode"}),
        ("le voisin n'est pas dans MODE, nous si", {"dans_mode", "pas_dans_mode"}),
        ("l'athénée est dans MODE, nous non", {"dans_mode", "pas_dans_mode"}),
        ("jsais pas si c dans mode", {"question_sur_mode"}),
        ("MODE ? aucune idée", {"question_sur_mode"}),
        ("pour MODE ni oui ni non", {"question_sur_mode"}),
        ("j'ignore ce que MODE dit de nous", {"question_sur_mode"}),
        ("contrairement à l'internat, nous sommes dans MODE", {"dans_mode", "type_hors_de_cause"}),
        ("et pour le home d'à côté ?", set()),
        ("pas le même papier que pour les internats", {"type_hors_de_cause"}),
        ("notre école a sa place dans MODE", {"dans_mode"}),
        ("on figure dans leur outil de délégation", {"dans_mode"}),
        ("pas repris dans l'outil de délégation", {"pas_dans_mode"}),
        ("notre école n'est pas un home", {"type_hors_de_cause"}),
        ("et pour une école connue dans mode ?", {"dans_mode"}),
        ("et une école qui est dans mode ?", {"dans_mode"}),
        ("elle est connue dans mode ?", {"dans_mode", "question_sur_mode"}),
        ("nous sommes dans MODE, non ?", {"dans_mode", "question_sur_mode"}),
        ("c'est quoi MODE", set()),
        ("l'internat a perdu son code", set()),
    ],
)
def test_what_is_said_of_mode(text: str, expected: set[str]) -> None:
    assert said(text) == expected
