"""What is trained on, what is measured on: no sentence is in both, nor a light rewording of one."""

import json
import re
from pathlib import Path

import pytest
from rapidfuzz.distance import Levenshtein
from ruamel.yaml import YAML

from bot.nlu.folding import fold
from tests.project import project
from tests.shared import shared

ROOT = Path(__file__).parent.parent
ANSWERS = frozenset(name.removeprefix("utter_") for name in project().domain.responses) - {"hors_sujet"}
SHORT = 4
"""Texts of so few words belong to everyone (« mot de passe oublié »)."""


def folded(text: str) -> str:
    """Words only; a command's slash is part of it (« /stop » is not « stop »)."""
    return "/" * text.startswith("/") + re.sub(r"\W+", " ", fold(text)).strip() or text


TRAINED = {folded(example.text): example for example in project().nlu.examples}
TOKENS = {text: frozenset(text.split()) for text in TRAINED}


def twin(text: str, short: int = SHORT) -> str | None:
    """A training sentence that says the same: same words (Jaccard 0.8), or a few letters apart (15 %)."""
    text = folded(text)
    words = frozenset(text.split())
    if len(text.split()) <= short:
        return None
    for other, others in TOKENS.items():
        shared_words = len(words & others)
        if shared_words >= 0.8 * (len(words) + len(others) - shared_words):
            return other
        longest = max(len(text), len(other))
        if abs(len(text) - len(other)) <= 0.15 * longest:
            limit = int(0.15 * longest)
            if shared_words and Levenshtein.distance(text, other, score_cutoff=limit) <= limit:
                return other
    return None


def measured_on(name: str) -> list[str]:
    blocks = YAML(typ="safe", pure=True).load((ROOT / "tests/nlu" / name).read_text(encoding="utf-8"))["nlu"]
    return [line[2:] for block in blocks for line in block["examples"].splitlines()]


@pytest.mark.parametrize(("name", "least"), [("development.yml", 1_000), ("frozen.yml", 700), ("hard.yml", 600)])
def test_what_is_measured_on_is_not_trained_on(name: str, least: int) -> None:
    texts = measured_on(name)
    assert len(texts) >= least
    assert {text: found for text in texts if (found := twin(text))} == {}


def test_no_sentence_is_in_two_sets() -> None:
    development, frozen, hard = (
        {folded(text) for text in measured_on(f"{name}.yml")} for name in ("development", "frozen", "hard")
    )
    assert not development & frozen
    assert not frozen & hard
    assert not {text for text in development | frozen | hard if len(text.split()) > SHORT} & set(TRAINED)


def test_the_conversations_of_measure_are_not_trained_on() -> None:
    folder = ROOT / "tests/dialogues"
    texts = []
    for path in folder.glob("*.yml"):
        cases = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        texts += [message for case in cases for message in case["says"] if not message.startswith("/")]
    for path in folder.glob("*.jsonl"):
        dialogues = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        texts += [turn["user"] for dialogue in dialogues for turn in dialogue["turns"] if "user" in turn]
    assert len(texts) >= 150
    assert {text: found for text in texts if (found := twin(text, short=SHORT + 1))} == {}  # « mot de passe BMA perdu »


@pytest.mark.slow
def test_the_validation_set_is_not_trained_on() -> None:
    rows = [json.loads(line) for line in shared("eval/questions.jsonl").read_text(encoding="utf-8").splitlines()]
    dialogues = [json.loads(line) for line in shared("eval/dialogues.jsonl").read_text(encoding="utf-8").splitlines()]
    texts = [row["text"] for row in rows] + [turn["user"] for item in dialogues for turn in item["turns"] if "user" in turn]
    assert {text: found for text in texts if (found := twin(text))} == {}


def test_no_sentence_twice() -> None:
    assert len(TRAINED) == len(project().nlu.examples)


def test_the_training_set_is_large_and_holds_what_users_type() -> None:
    examples = list(TRAINED.values())
    assert sum(example.intent == "hors_sujet" for example in examples) >= 5_000
    assert sum(example.intent in ANSWERS for example in examples) >= 8_000
    text = "\n".join(example.text for example in examples)
    for placeholder in ("[mot de passe]", "[téléphone]", "[mail]"):
        assert placeholder in text
