"""docs/cli.md says what the verbs that measure can do, and its example is one that they read."""

import re
from pathlib import Path

import pytest
import typer

from api.cli.main import app
from bot.training.prediction import read_sentences
from tests.project import project

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
COMMON = {"--project", "--config", "--help", "--model"}


@pytest.mark.parametrize("verb", ["test nlu", "test thresholds", "test robustness", "data report"])
def test_every_option_is_documented(verb: str) -> None:
    group, name = verb.split()
    command = typer.main.get_command(app).commands[group].commands[name]  # type: ignore[attr-defined]
    options = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
    (section,) = [part for part in TEXT.split("\n## ") if re.search(rf"^`bma {verb}[ `]", part, re.M)]
    documented = set(re.findall(r"--[a-z][a-z-]*", section))
    assert options - COMMON - documented == set()
    assert documented <= options


def test_the_example_of_test_sentences(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(version.*?)```", TEXT, re.S)
    (tmp_path / "essai.yml").write_text(example, encoding="utf-8")
    protected, accepting = read_sentences(tmp_path / "essai.yml", tmp_path, project().domain.intents)
    assert (protected.text, protected.protected) == ("La boite est-elle plus grande qu'avant ?", True)
    assert (accepting.protected, accepting.wanted) == (False, {"redirection", "capacite"})
