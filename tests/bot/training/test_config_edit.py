"""Writing two numbers into a configuration: nothing else changes."""

import difflib
from pathlib import Path

import pytest

from bot.project.problems import ProjectError
from bot.training.config_edit import write_thresholds

ROOT = Path(__file__).parents[3]

BLOCK = """# Ma configuration
recipe: default.v1
assistant_id: essai   # un nom
language: fr

pipeline:
  - name: WhitespaceTokenizer
  # En doute
  - name: FallbackClassifier   # threshold: ancien
    threshold: 0.45  # mesuré en mai
    # L'écart
    ambiguity_threshold:   0.1

  - name: AutreComposant
    threshold: 0.45
policies:
  - name: RulePolicy
    core_fallback_threshold: 0.3
"""


def changed(path: Path, before: str) -> list[str]:
    after = path.read_bytes().decode()
    lines = difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True))
    return [line for line in lines if line[0] in "+-"]


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.yml"
    path.write_bytes(text.encode())
    write_thresholds(path, tmp_path, 0.62, 0.04)
    assert list(tmp_path.iterdir()) == [path]
    return path


def test_only_the_two_numbers_change(tmp_path: Path) -> None:
    path = write(tmp_path, BLOCK)
    expected = BLOCK.replace("0.45  # mesuré", "0.62  # mesuré").replace(
        "ambiguity_threshold:   0.1", "ambiguity_threshold:   0.04"
    )
    assert path.read_text(encoding="utf-8") == expected


def test_the_projects_own_configuration_keeps_its_layout(tmp_path: Path) -> None:
    text = (ROOT / "config.yml").read_text(encoding="utf-8")
    lines = changed(write(tmp_path, text), text)
    assert sorted(line.split()[1] for line in lines) == [
        "ambiguity_threshold:",
        "ambiguity_threshold:",
        "threshold:",
        "threshold:",
    ]


@pytest.mark.parametrize(
    ("entry", "added"),
    [
        ("  - name: FallbackClassifier\n", ["+     threshold: 0.62\n", "+     ambiguity_threshold: 0.04\n"]),
        ("- name: FallbackClassifier # doute\n", ["+   threshold: 0.62\n", "+   ambiguity_threshold: 0.04\n"]),
        (
            "  - name: FallbackClassifier\n    ambiguity_threshold: 0.2\n",
            ["+     threshold: 0.62\n", "-     ambiguity_threshold: 0.2\n", "+     ambiguity_threshold: 0.04\n"],
        ),
        (
            "  - {name: FallbackClassifier, threshold: 0.3}  # doute\n",
            [
                "-   - {name: FallbackClassifier, threshold: 0.3}  # doute\n",
                "+   - {name: FallbackClassifier, threshold: 0.62, ambiguity_threshold: 0.04}  # doute\n",
            ],
        ),
    ],
)
def test_options_that_were_not_written_are_added(tmp_path: Path, entry: str, added: list[str]) -> None:
    text = f"recipe: default.v1\nassistant_id: essai\npipeline:\n{entry}policies: []\n"
    assert changed(write(tmp_path, text), text) == added


def test_line_ends_are_kept(tmp_path: Path) -> None:
    text = BLOCK.replace("\n", "\r\n")
    path = write(tmp_path, text)
    assert path.read_bytes().count(b"\r\n") == BLOCK.count("\n")
    assert b"threshold: 0.62" in path.read_bytes()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("assistant_id: x\npipeline:\n  - name: WhitespaceTokenizer\n", "threshold_not_found"),
        (
            "assistant_id: x\npipeline:\n  - name: FallbackClassifier\n    threshold:\n      0.3\n",
            "threshold_not_written",
        ),
    ],
)
def test_what_cannot_be_written_is_said_and_the_file_stays(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "config.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProjectError) as caught:
        write_thresholds(path, tmp_path, 0.62, 0.04)
    assert caught.value.problems[0].code == code
    assert path.read_text(encoding="utf-8") == text
    assert list(tmp_path.iterdir()) == [path]
