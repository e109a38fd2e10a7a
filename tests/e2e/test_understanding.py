"""How well the assistant understands, whole turns included: least figures, a little below what is measured (docs/nlu.md).

The questions are judged as `../shared/eval/judge.py` does: right, hedged (the right answer is one click away), missed, wrong.
"""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.agent import Agent
from bot.project.nlu_reader import MAX_EXAMPLE
from bot.training.prediction import read_sentences
from tests.conversing import Clock, Conversation, assistant, project_model
from tests.shared import shared
from tests.trained import model_path

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
LEAST = {
    "validation": {"right": 90.0, "right or hedged": 96.0, "wrong": 4.0, "right outside": 87.0, "wrong outside": 5.0},
    "frozen": {"right": 80.0, "right or hedged": 92.0, "wrong": 6.0, "right outside": 90.0, "wrong outside": 5.0},
}
"""Shares in per cent, at least; of `wrong`, at most."""


def validation() -> list[dict[str, Any]]:
    return [json.loads(line) for line in shared("eval/questions.jsonl").read_text(encoding="utf-8").splitlines()]


def frozen() -> list[dict[str, Any]]:
    sentences = read_sentences(ROOT / "tests/nlu/frozen.yml", ROOT, project_model().domain.intents)
    return [{"text": sentence.text, "expect": sentence.expected, "accept": list(sentence.accept)} for sentence in sentences]


async def outcomes(rows: list[dict[str, Any]], agent: Agent, clock: Clock) -> dict[str, Counter[str]]:
    """How many questions have each outcome, in scope (`in`) and out of scope (`out`)."""
    sys.path.insert(0, str(shared("eval")))
    import judge

    counts: dict[str, Counter[str]] = {"in": Counter(), "out": Counter()}
    for number, row in enumerate(rows):
        conversation = Conversation(agent, agent.secret.conversation("rest", f"question {number}"), clock)
        outcome = judge.outcome(row, await conversation.say(row["text"]))
        counts["out" if row["expect"] == "hors_sujet" else "in"][outcome] += 1
    return counts


@pytest.mark.parametrize(("name", "rows"), [("validation", validation), ("frozen", frozen)])
async def test_the_least_that_is_right(name: str, rows: Any, tmp_path: Path) -> None:
    async with assistant(tmp_path) as (agent, clock):
        counts = await outcomes(rows(), agent, clock)

    def share(where: str, *found: str) -> float:
        return 100 * sum(counts[where][one] for one in found) / counts[where].total()

    figures = {
        "right": share("in", "right"),
        "right or hedged": share("in", "right", "hedged"),
        "wrong": share("in", "wrong"),
        "right outside": share("out", "right"),
        "wrong outside": share("out", "wrong"),
    }
    print(name, {what: round(figure, 1) for what, figure in figures.items()})
    for what, bound in LEAST[name].items():
        assert figures[what] <= bound if what.startswith("wrong") else figures[what] >= bound, (what, figures)


def bma(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "api.cli.main", "test", *arguments, "--model", str(model_path())]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)


def test_the_protected_sentences_are_right() -> None:
    result = bma("nlu", "tests/nlu/frozen.yml", "--least-right", "78", "--most-wrong", "6")
    assert result.returncode == 0, result.stdout[-1500:] + result.stderr[-500:]


def test_what_writers_vary_changes_few_answers(tmp_path: Path) -> None:
    """The bounds are the command's own (accents, case 1 %, letter 3 %, a slip 4 %, many 8 %), but for punctuation.

    Measured there: 3 of 194 (1.5 %), long letters that lose all of theirs.
    """
    blocks = [
        {"intent": row["expect"], "metadata": {"accept": row["accept"]}, "examples": [{"text": row["text"]}]}
        for row in validation()
        if len(row["text"]) <= MAX_EXAMPLE
    ]
    with (tmp_path / "questions.yml").open("w", encoding="utf-8") as stream:
        YAML().dump({"version": "3.1", "nlu": blocks}, stream)
    result = bma("robustness", str(tmp_path / "questions.yml"), "--punctuation", "2")
    assert result.returncode == 0, result.stdout[-2500:] + result.stderr[-500:]
