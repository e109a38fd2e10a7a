"""The README's commands do what it says."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.servers import assistant
from tests.trained import ROOT, model_path

pytestmark = pytest.mark.slow
COMMANDS = [
    line
    for block in re.findall(r"```\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
    for line in block.splitlines()
]


def run(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(shlex.split(command), cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def test_every_kind_of_command_is_tested_here() -> None:
    assert {command.split()[0] for command in COMMANDS} == {"make", "curl", ".venv/bin/bma"}


@pytest.mark.parametrize("command", [item for item in COMMANDS if item.startswith("make")])
def test_make_knows_its_targets(command: str) -> None:
    done = run(command.replace("make", "make --dry-run", 1))
    assert done.returncode == 0, done.stderr
    assert "bma run" in done.stdout or "pytest" in done.stdout


@pytest.mark.parametrize("command", [item for item in COMMANDS if item.startswith(".venv")])
def test_bma(command: str) -> None:
    model_path()
    done = run(command)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_curl_gets_an_answer(tmp_path: Path) -> None:
    (command,) = [item for item in COMMANDS if item.startswith("curl")]
    with assistant(tmp_path) as url:
        said = json.loads(run(command.replace("http://127.0.0.1:8000", url)).stdout)
    assert said[0]["metadata"]["utter_action"] == "utter_ask_connu_mode"
