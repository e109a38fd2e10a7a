"""What a new sentence doubles or contradicts, and the two sets that stay apart."""

import time

import pytest

from bot.project.model import Addition
from bot.training.overlaps import Corpus, Known, Place, confirmed, corpus_of, overlaps
from tests.project import project

KNOWN = [
    Known("Où lire les mails de la boite ?", "acces", "training"),
    Known("mot de passe oublié", "mot_de_passe", "training"),
    Known("la boite de l'école est pleine depuis hier", "capacite", "test"),
    Known("bloqué", "acces", "test"),
]


@pytest.mark.parametrize(
    ("text", "intent", "place", "kinds"),
    [
        ("ou lire les mails de la boite", "acces", "training", ["duplicate"]),
        ("ou lire les mails de la boite", "capacite", "training", ["conflict"]),
        ("où lire les mails de ma boite", "acces", "training", ["near"]),
        ("où lire les mails de ma boite", "capacite", "training", ["near_conflict"]),
        ("où lire les mails de ma boite", "acces", "test", ["other_set"]),
        ("la boite de l'école est pleine depuis mardi", "capacite", "training", ["other_set"]),
        ("La boite de l'école est pleine, depuis hier !", "capacite", "test", ["duplicate"]),
        ("mot de passe oublié", "mot_de_passe", "test", ["other_set"]),
        ("mot de passe oubliés", "mot_de_passe", "test", []),
        ("bloqué !", "acces", "training", ["other_set"]),
        ("autre chose", "acces", "training", []),
        ("", "acces", "training", []),
    ],
)
def test_each_kind(text: str, intent: str, place: Place, kinds: list[str]) -> None:
    found = overlaps(Addition(text, intent), place, [Corpus(KNOWN)])
    assert [overlap.kind for overlap in found] == kinds
    assert [overlap.forbids for overlap in found] == [kind in ("duplicate", "conflict", "other_set") for kind in kinds]


def test_what_was_confirmed_in_the_console_counts_too() -> None:
    known = Corpus(confirmed([Addition("quand change-t-on de serveur ?", "migration")], "test"))
    found = overlaps(Addition("quand change t on de serveurs", "migration"), "training", [Corpus(()), known])
    assert [(overlap.kind, overlap.known.text) for overlap in found] == [("other_set", "quand change-t-on de serveur ?")]


def test_the_shipped_project_is_compared_with_at_once_and_its_sets_are_apart() -> None:
    shipped = project()
    corpus = corpus_of(shipped)
    test = [known for known in corpus.known if known.place == "test"]
    assert len(corpus.known) - len(test) == len(shipped.nlu.examples) > 10_000
    slowest = 0.0
    for known in test[::10]:
        start = time.process_time()
        found = overlaps(Addition(known.text, known.intent), "training", [corpus])
        slowest = max(slowest, time.process_time() - start)
        assert found[0].kind == "other_set"
    assert slowest < 0.1
