"""`bma test nlu`, `test thresholds`, `test robustness` and `data report` as people run them, on a project of known results."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.api.cli.test_commands import bma
from tests.bot.project.projects import write_project

pytestmark = pytest.mark.slow

CONFIG = """# Un essai
recipe: default.v1
assistant_id: essai
language: fr
pipeline:
  - name: WhitespaceTokenizer
  - name: CountVectorsFeaturizer
  - name: LogisticRegressionClassifier
    C: 100
  - name: FallbackClassifier
    threshold: 0.5  # à régler
    ambiguity_threshold: 0.1
policies:
  - name: RulePolicy
"""
NLU = """version: "3.1"
nlu:
  - intent: place
    examples: |
      - combien de place
      - quelle place
  - intent: place
    examples: |
      - encore de la place
      - quelle place reste
  - intent: suivre
    examples: |
      - faire suivre
      - suivre ailleurs
  - intent: suivre
    examples: |
      - suivre les courriers
      - suivre partout
      - encore de la place libre
  - intent: out_of_scope
    examples: |
      - la pluie
      - pluie demain
  - intent: out_of_scope
    examples: |
      - pluie et vent
      - encore la pluie
"""
TESTS = """version: "3.1"
nlu:
  - intent: place
    metadata:
      protected: true
    examples: |
      - ma place
      - notre place
  - intent: suivre
    examples: |
      - suivre mes messages
      - la pluie suivre place
  - intent: out_of_scope
    examples: |
      - pluie fine
"""
DOMAIN = """version: "3.1"
intents: [place, suivre, out_of_scope]
responses:
  utter_bonjour:
    - text: Bonjour
"""
FILES = {
    "config.yml": CONFIG,
    "data/nlu.yml": NLU,
    "domain.yml": DOMAIN,
    "data/rules.yml": None,
    "tests/nlu/frozen.yml": TESTS,
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_project(tmp_path_factory.mktemp("mesure"), FILES)
    done = bma("train", cwd=root)
    assert done.returncode == 0, done.stderr
    return root


@pytest.fixture
def project(trained: Path, tmp_path: Path) -> Path:
    """A copy of the trained project."""
    return shutil.copytree(trained, tmp_path / "projet")


def test_the_projects_own_sentences(project: Path) -> None:
    done = bma("test", "nlu", "--json", "out/r.json", "--html", "out/r.html", cwd=project, env={"COLUMNS": "100"})
    assert done.returncode == 0, done.stdout + done.stderr
    assert max(len(line) for line in done.stdout.splitlines() if line[0] in "│┃┏└") <= 100
    assert done.stdout.startswith("5 phrases de tests/nlu/frozen.yml, comprises par le modèle ")
    assert re.search(r"│ Juste +│ +3 +75,0\s% │ +30,1\s–\s95,4\s% │ █+ +│ +1 +100,0\s% │", done.stdout)
    assert re.search(r"│ place +│ +2 │ +1,00 │ +1,00 │ +1,00 │ █{20} │", done.stdout)
    assert re.search(r"│ 2 suivre +│ +1│ +1│ +·│", done.stdout)
    assert "Phrases protégées : 2, dont 0 qui ne sont pas justes." in done.stdout
    assert re.search(r"✗ tests/nlu/frozen\.yml:12: « la pluie suivre place » : \w+ ; attendu : suivre ; compris : ", done.stdout)
    assert re.search(r"^    0,\d\d \w+ « [^»]+ » data/nlu\.yml:\d+$", done.stdout, re.M)
    body = json.loads((project / "out/r.json").read_text(encoding="utf-8"))
    assert (body["sentences"], body["right"]["count"], body["source"]) == (5, 4, "tests/nlu/frozen.yml")
    assert len(body["errors"][0]["nearest"]) == 3
    assert "<title>Compréhension de l&#39;assistant</title>" in (project / "out/r.html").read_text(encoding="utf-8")


def test_a_protected_sentence_that_is_not_right(project: Path) -> None:
    tests = project / "autre.yml"
    tests.write_text(TESTS.replace("- notre place", "- notre pluie"), encoding="utf-8")
    done = bma("test", "nlu", "autre.yml", cwd=project)
    assert done.returncode == 1
    assert "autre.yml:8: la phrase protégée « notre pluie » n'est pas juste." in done.stderr


@pytest.mark.parametrize(
    ("bounds", "status", "words"),
    [
        (["--least-right", "75", "--most-wrong", "25", "--least-right-outside", "100", "--most-wrong-outside", "0"], 0, ""),
        (["--least-right", "75.1"], 1, "Dans le domaine : 75,0\u00a0% de justes, moins que les 75,1 % exigés."),
    ],
)
def test_bounds(project: Path, bounds: list[str], status: int, words: str) -> None:
    done = bma("test", "nlu", *bounds, cwd=project)
    assert done.returncode == status, done.stderr
    assert words in done.stderr


def test_cross_validation(project: Path) -> None:
    done = bma("test", "nlu", "--cross-validation", "2", "--json", "r.json", "--errors", "1", cwd=project)
    assert done.returncode == 0, done.stderr
    assert "13 phrases de data/, validation croisée en 2 parts" in done.stdout
    assert "data/nlu.yml:19: « encore de la place libre » : fausse ; attendu : suivre ; compris : place" in done.stdout
    body = json.loads((project / "r.json").read_text(encoding="utf-8"))
    assert (body["folds"], body["model"], body["sentences"]) == (2, None, 13)
    both = bma("test", "nlu", "tests/nlu/frozen.yml", "--cross-validation", "2", cwd=project)
    assert both.returncode == 2
    assert "--cross-validation" in both.stderr


def test_thresholds_are_proposed_and_written(project: Path) -> None:
    before = (project / "config.yml").read_text(encoding="utf-8")
    proposed = bma("test", "thresholds", "tests/nlu/frozen.yml", "--json", "t.json", "--html", "t.html", cwd=project)
    assert proposed.returncode == 0, proposed.stderr
    assert (project / "config.yml").read_text(encoding="utf-8") == before
    assert "Seuils de confiance" in (project / "t.html").read_text(encoding="utf-8")
    choice = json.loads((project / "t.json").read_text(encoding="utf-8"))
    assert choice["present"]["threshold"] == 0.5
    assert choice["proposed"]["cost"] <= choice["present"]["cost"]
    written = bma("test", "thresholds", "--cross-validation", "2", "--write", "--json", "t.json", cwd=project)
    assert written.returncode == 0, written.stderr
    assert "bma train" in written.stdout
    found = json.loads((project / "t.json").read_text(encoding="utf-8"))["proposed"]
    assert found["threshold"] != 0.5 or found["ambiguity_threshold"] != 0.1
    expected = before.replace("threshold: 0.5 ", f"threshold: {found['threshold']:g} ", 1)
    expected = expected.replace("ambiguity_threshold: 0.1", f"ambiguity_threshold: {found['ambiguity_threshold']:g}")
    assert (project / "config.yml").read_text(encoding="utf-8") == expected


def test_thresholds_need_a_fallback_classifier(project: Path) -> None:
    config = CONFIG.partition("  - name: FallbackClassifier")[0] + "policies: []\n"
    (project / "config.yml").write_text(config, encoding="utf-8")
    done = bma("test", "thresholds", "--cross-validation", "2", cwd=project)
    assert done.returncode == 2
    assert "config.yml: Cette configuration n'a pas de FallbackClassifier" in done.stderr


def test_robustness(project: Path) -> None:
    done = bma("test", "robustness", "--json", "r.json", cwd=project)
    body = json.loads((project / "r.json").read_text(encoding="utf-8"))
    lost = {item["noise"]: item["lost"] for item in body["noises"]}
    assert list(lost) == ["accents", "case", "punctuation", "letter", "typo", "typos"]
    assert {item["total"] for item in lost.values()} == {4}
    assert lost["accents"]["count"] == lost["case"]["count"] == 0
    assert lost["typo"]["count"] > 0
    assert done.returncode == 1
    assert re.search(r"│ sans accents +│ +0 +0,0\s% │[^│]+│ +1,0 % │ ✓ │", done.stdout)
    assert re.search(r"│ avec une faute de frappe +│ +\d +\d+,\d\s% │[^│]+│ +4,0 % │ ✗ │", done.stdout)
    assert "4 phrases justes, politesses à part, des 5 de tests/nlu/frozen.yml" in done.stdout
    anything = [part for name in lost for part in (f"--{name}", "100")]
    allowed = bma("test", "robustness", *anything, "--without", "suivre", cwd=project)
    assert allowed.returncode == 0, allowed.stderr
    assert "3 phrases justes" in allowed.stdout


def test_data_report(project: Path) -> None:
    done = bma("data", "report", "--cross-validation", "2", "--json", "d.json", cwd=project)
    assert done.returncode == 0, done.stderr
    assert "13 phrases, 3 sujets" in done.stdout
    pair = "data/nlu.yml:19: « encore de la place libre » suivre"
    twins = "« encore de la place » place ~ « encore de la place libre » suivre data/nlu.yml:19"
    assert f"data/nlu.yml:9: {twins}" in done.stdout
    assert f"{pair} → place (" in done.stdout
    assert "« pluie » : out_of_scope, 4 phrases" in done.stdout
    body = json.loads((project / "d.json").read_text(encoding="utf-8"))
    assert [(item["intent"], item["sentences"], item["blocks"]) for item in body["topics"]] == [
        ("suivre", 5, 2),
        ("out_of_scope", 4, 2),
        ("place", 4, 2),
    ]


@pytest.mark.parametrize("verb", ["nlu", "robustness"])
def test_what_is_missing_or_wrong_is_said(project: Path, verb: str) -> None:
    tests = project / "tests/nlu/frozen.yml"
    tests.write_text(TESTS.replace("intent: suivre", "intent: suivres"), encoding="utf-8")
    wrong = bma("test", verb, cwd=project)
    assert wrong.returncode == 2
    assert "tests/nlu/frozen.yml:12: Le sujet « suivres » est inconnu du modèle. Vouliez-vous dire « suivre » ?" in wrong.stderr
    tests.unlink()
    none = bma("test", verb, cwd=project)
    assert none.returncode == 2
    assert "tests/nlu/frozen.yml" in none.stderr
    model = bma("test", verb, "--model", "rien.tar.gz", cwd=project)
    assert model.returncode == 2
    absent = bma("test", verb, "rien.yml", cwd=project)
    assert absent.returncode == 2
    assert "rien.yml: Ce fichier ne peut pas être lu" in absent.stderr
    tests.write_text(TESTS, encoding="utf-8")
    (project / "plein").write_text("")
    unwritable = bma("test", verb, "--json", "plein/r.json", cwd=project)
    assert unwritable.returncode == 2
    assert "plein/r.json" in unwritable.stderr
    for done in (wrong, none, model, absent, unwritable):
        assert "Traceback" not in done.stderr
