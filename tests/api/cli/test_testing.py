"""`bma test dialogues` as people run it."""

import re
from pathlib import Path

import pytest

from bot.project.story_reader import read_stories
from tests.api.cli.test_commands import bma
from tests.bot.project.projects import write_project
from tests.bot.training.test_dialogue_test import FILES
from tests.servers import free_port
from tests.trained import ROOT, model_path

pytestmark = pytest.mark.slow

RIGHT = """
stories:
  - story: Une politesse
    steps:
      - user: |
          bonjour madame
        intent: salutation
      - action: utter_bonjour
"""
WRONG = """
stories:
  - story: Une inscription
    steps:
      - user: |
          inscrire une école de [Mons](ville)
        intent: inscrire
      - action: inscription
      # la ville est connue
      - active_loop: inscription
      - action: utter_merci
      - user: bonjour
        intent: prix
      - slot_was_set:
          - ville: null

  - story: Un prix
    steps:
      - intent: prix
      - action: utter_prix
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_project(tmp_path_factory.mktemp("essai"), FILES)
    done = bma("train", cwd=root)
    assert done.returncode == 0, done.stderr
    return root


@pytest.fixture
def project(trained: Path) -> Path:
    """The small project with its model, and an empty folder of tests."""
    folder = trained / "tests"
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    return trained


def test_right_stories(project: Path) -> None:
    (project / "tests/test_politesse.yml").write_text(RIGHT, encoding="utf-8")
    done = bma("test", "dialogues", "--errors", "wrong.yml", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✓ Une politesse" in done.stdout
    assert re.search(r"│ tests/test_politesse\.yml +│ +1 │ +0 │ +2 │ +0 │", done.stdout)
    assert done.stderr == ""
    assert read_stories(project / "wrong.yml", project)[0] == ()


def test_wrong_stories_name_the_place_what_was_expected_and_what_came(project: Path) -> None:
    (project / "tests/test_politesse.yml").write_text(RIGHT, encoding="utf-8")
    (project / "tests/test_inscription.yml").write_text(WRONG, encoding="utf-8")
    done = bma("test", "dialogues", "--errors", "wrong.yml", cwd=project)
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    start = lines.index("✗ Une inscription")
    assert lines[start + 1] == (
        "  tests/test_inscription.yml:10: « inscrire une école de Mons » : "
        "formulaire actif attendu : inscription ; trouvé : aucun"
    )
    assert lines[start + 2].startswith(
        "  tests/test_inscription.yml:12: « bonjour » : sujet attendu : prix ; compris : salutation (0,"
    )
    assert lines[start + 3] == "✓ Un prix"
    assert re.search(r"│ Total +│ +2 │ +1 │ +10 │ +2 │", done.stdout)
    assert "\x1b" not in done.stdout
    text = (project / "wrong.yml").read_text(encoding="utf-8")
    assert "      # tests/test_inscription.yml:10: formulaire actif attendu : inscription ; trouvé : aucun\n" in text
    assert "# la ville est connue" in text
    assert "slot_was_set:\n          - ville: null\n" in text
    again = bma("test", "dialogues", "wrong.yml", cwd=project)
    assert again.returncode == 1
    assert "Un prix" not in again.stdout
    assert again.stdout.count("attendu :") == 2


def test_colours_in_a_terminal_unless_unwanted(project: Path) -> None:
    (project / "tests/test_inscription.yml").write_text(WRONG, encoding="utf-8")
    coloured = bma("test", "dialogues", cwd=project, env={"FORCE_COLOR": "1", "TERM": "xterm"}).stdout
    assert "\x1b[36mtests/test_inscription.yml:10: \x1b[0m" in coloured
    plain = bma("test", "dialogues", cwd=project, env={"FORCE_COLOR": "1", "TERM": "xterm", "NO_COLOR": "1"}).stdout
    assert re.search(r"\x1b\[[\d;]*3\d", plain) is None


@pytest.mark.parametrize(
    ("story", "place", "words"),
    [
        (RIGHT.replace("salutation", "salutatio"), "tests/test_a.yml:5: ", "salutation"),
        (RIGHT.replace("utter_bonjour", "utter_bonjours"), "tests/test_a.yml:8: ", "utter_bonjour"),
        (RIGHT.replace("action:", "acton:"), "tests/test_a.yml:8: ", "action"),
        (RIGHT + "rules:\n  - rule: a\n    steps:\n      - intent: prix\n", "tests/test_a.yml:10: ", "stories"),
        ("stories: []\n", "", "« - story: »"),
        (None, "", "tests/test_accueil.yml"),
    ],
)
def test_errors_name_the_place_and_what_to_write(project: Path, story: str | None, place: str, words: str) -> None:
    if story is not None:
        (project / "tests/test_a.yml").write_text(story, encoding="utf-8")
    done = bma("test", "dialogues", cwd=project)
    assert done.returncode == 2
    assert place in done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_files_and_models_that_are_missing(project: Path, tmp_path: Path) -> None:
    (project / "tests/test_a.yml").write_text(RIGHT, encoding="utf-8")
    assert "test_b.yml: " in bma("test", "dialogues", "tests/test_a.yml", "test_b.yml", cwd=project).stderr
    other = bma("test", "dialogues", "--model", "rien.tar.gz", cwd=project)
    assert other.returncode == 2
    assert "bma train" in other.stderr
    none = bma("test", "dialogues", cwd=project, env={"BMA_MODEL_DIR": str(tmp_path)})
    assert none.returncode == 2
    assert "bma train" in none.stderr


def test_a_model_older_than_the_files_is_said(project: Path) -> None:
    (project / "tests/test_a.yml").write_text(RIGHT, encoding="utf-8")
    domain = project / "domain.yml"
    before = domain.read_text(encoding="utf-8")
    domain.write_text(before.replace("Bonjour", "Bonsoir"), encoding="utf-8")
    done = bma("test", "dialogues", cwd=project)
    domain.write_text(before, encoding="utf-8")
    assert done.returncode == 0
    assert "bma train" in done.stderr


def test_actions_run_where_endpoints_say(project: Path) -> None:
    story = "stories:\n- story: Panne\n  steps:\n  - intent: panne\n  - action: action_panne\n"
    (project / "tests/test_a.yml").write_text(story, encoding="utf-8")
    endpoints = project / "endpoints.yml"
    endpoints.write_text(f"action_endpoint:\n  url: http://127.0.0.1:{free_port()}/webhook\n", encoding="utf-8")
    silent = bma("test", "dialogues", cwd=project)
    endpoints.write_text("action_endpoint: [\n", encoding="utf-8")
    broken = [bma(*command, cwd=project) for command in (("test", "dialogues"), ("shell",), ("run",))]
    endpoints.unlink()
    assert silent.returncode == 1
    assert "tests/test_a.yml:5: « /panne » : l'assistant s'est excusé : Désolé. (action : action_panne)" in silent.stdout
    assert "no answer from the action server" in silent.stderr
    for done in broken:
        assert done.returncode == 2
        assert "endpoints.yml:" in done.stderr
        assert "Traceback" not in done.stderr


def test_the_documented_story_is_right_with_the_projects_own_actions(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(stories:.*?)```", (ROOT / "docs/cli.md").read_text(encoding="utf-8"), re.S)
    (tmp_path / "test_a.yml").write_text(example, encoding="utf-8")
    done = bma("test", "dialogues", str(tmp_path), "--model", str(model_path()))
    assert done.returncode == 0, done.stdout + done.stderr
