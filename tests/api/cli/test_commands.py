"""The `bma` command as people run it: a process of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from bench.rasa import shorten
from tests.servers import free_port, running
from tests.trained import ROOT, model_path

pytestmark = pytest.mark.slow


def bma(
    *arguments: str, cwd: Path = ROOT, stdin: str = "", env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BMA_")}
    command = [sys.executable, "-m", "api.cli.main", *arguments]
    environment = {**clean, "PYTHONPATH": str(ROOT), **(env or {})}
    return subprocess.run(
        command, cwd=cwd, env=environment, input=stdin, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with few sentences, quick to train."""
    folder = tmp_path_factory.mktemp("small")
    for name in ("config.yml", "config.rasa.yml", "domain.yml", "endpoints.yml", "credentials.yml"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "data", folder / "data")
    kept = [shorten(path, 1) for path in (folder / "data/nlu").glob("*.yml")]
    assert sum(kept) < 1500
    return folder


@pytest.fixture
def project(small: Path, tmp_path: Path) -> Path:
    """A copy of the small project."""
    return Path(shutil.copytree(small, tmp_path / "project"))


def test_the_project_has_no_error() -> None:
    done = bma("check")
    assert done.returncode == 0, done.stderr
    assert "Aucun problème" in done.stdout
    assert "formulaire_mode" in done.stderr


def test_parse_shows_topics_and_entities() -> None:
    model_path()
    done = bma("parse", "l'internat a perdu le mdp de la bma, appelez le 0470 12 34 56")
    assert done.returncode == 0, done.stderr
    assert "mot_de_passe_hors_mode" in done.stdout
    assert "internat" in done.stdout
    assert "0470" not in done.stdout
    result = json.loads(bma("parse", "--json", "Bonjour").stdout)
    assert result["intent"]["name"] == "salutation"


def test_shell_numbers_buttons_and_forgets_nothing_within_the_conversation() -> None:
    model_path()
    done = bma("shell", stdin="mot de passe BMA perdu\n2\n/stop\n")
    assert done.returncode == 0, done.stderr
    assert "1. Oui, connu dans MODE" in done.stdout
    assert "pas connu dans MODE (ESAHR" in done.stdout


def test_shell_shows_links_without_numbering_them() -> None:
    model_path()
    done = bma("shell", stdin="/preparer_demande\n5464\n1\n2\n/stop\n")
    assert done.returncode == 0, done.stderr
    assert "Ouvrir dans ma messagerie : mailto:support@etnic.be?subject=BMA%20ec005464%40adm.cfwb.be" in done.stdout


def test_train_skips_when_nothing_changed(project: Path) -> None:
    first = bma("train", cwd=project)
    assert first.returncode == 0, first.stderr
    assert "Modèle entrainé" in first.stdout
    assert "Rien n'a changé" in bma("train", cwd=project).stdout
    domain = project / "domain.yml"
    domain.write_text(domain.read_text(encoding="utf-8").replace("Au revoir, et à bientôt !", "Au revoir !"), encoding="utf-8")
    assert "Modèle entrainé" in bma("train", cwd=project).stdout
    assert len(list((project / "models").glob("*.tar.gz"))) == 2


def test_rasas_configuration_trains_here_too(project: Path) -> None:
    done = bma("train", "--config", "config.rasa.yml", cwd=project)
    assert done.returncode == 0, done.stderr
    result = json.loads(bma("parse", "--json", "Quelle est la capacité de la boite ?", cwd=project).stdout)
    assert result["intent_ranking"][0]["name"] in ("capacite", "nlu_fallback")


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "words"),
    [
        ("config.yml", "- name: EntitySynonymMapper", "- name: EntitySynonymMaper", "config.yml:", "EntitySynonymMapper"),
        ("config.yml", "- name: EntitySynonymMapper", "- name: DIETClassifier", "config.yml:", "LogisticRegressionClassifier"),
        ("domain.yml", "responses:\n", "reponses:\n", "domain.yml:", "responses"),
        ("data/rules/sujets.yml", "- intent: redirection", "- intent: redirecton", "data/rules/sujets.yml:", "redirection"),
        (
            "data/rules/sujets.yml",
            "- action: utter_capacite",
            "- action: utter_capacité",
            "data/rules/sujets.yml:",
            "utter_capacite",
        ),
        ("data/links.yml", "url: null\n    section", "url: javascript:alert(1)\n    section", "data/links.yml", "http"),
        ("data/links.yml", "page=28724", "page=1", "domain.yml:", "page_bma"),
        (
            "data/suites.yml",
            "suite_mail: migration_adresse",
            "suite_mail: migration_adrese",
            "data/suites.yml",
            "migration_adrese",
        ),
        ("data/suites.yml", "    capacite:\n", "    place:\n", "data/suites.yml", "place"),
        ("data/suites.yml", "suite_combien: capacite", "suite_cb: capacite", "data/suites.yml", "suite_cb"),
        ("data/demande.yml", "Problème : {probleme}", "Problème : {problem}", "data/demande.yml", "{probleme}"),
        ("data/bilan.yml", "- utter_langue", "- utter_lange", "data/bilan.yml", "utter_lange"),
        ("data/bilan.yml", "  refus:", "  refuse:", "data/bilan.yml", "refus"),
    ],
)
def test_errors_name_the_place_and_what_to_write(project: Path, file: str, old: str, new: str, place: str, words: str) -> None:
    path = project / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    done = bma("check", cwd=project)
    assert done.returncode == 1
    assert place in done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_run_says_what_is_missing(project: Path) -> None:
    done = bma("run", cwd=project)
    assert done.returncode == 2
    assert "bma train" in done.stderr
    other = bma("run", env={"BMA_DATABASE_URL": "postgresql+psycopg://localhost/x"})
    assert other.returncode == 2
    assert "BMA_SECRET_KEY" in other.stderr
    wrong = bma("run", env={"BMA_PORT": "abc"})
    assert wrong.returncode == 2
    assert "BMA_PORT" in wrong.stderr


def test_actions_over_http_give_the_same_answers(project: Path, tmp_path: Path) -> None:
    import httpx

    actions_port, port = free_port(), free_port()
    (project / "endpoints.yml").write_text(f"action_endpoint:\n  url: http://127.0.0.1:{actions_port}/webhook\n")
    assert bma("train", cwd=project).returncode == 0
    env = {
        "BMA_PROJECT_DIR": str(project),
        "BMA_MODEL_DIR": str(project / "models"),
        "BMA_DATABASE_URL": f"sqlite:///{tmp_path}/x.sqlite3",
        "BMA_PORT": str(port),
        "BMA_ACTIONS_PORT": str(actions_port),
    }
    with running(["run"], port, "/health/ready", tmp_path / "run.log", env) as url:
        body = {"sender": "a", "message": "/cerbere"}
        alone = httpx.post(f"{url}/webhooks/rest/webhook", json=body, trust_env=False).json()
        assert [item["metadata"]["utter_action"] for item in alone] == ["utter_erreur"]
        with running(["actions"], actions_port, "/health", tmp_path / "actions.log", env):
            for _ in range(2):
                said = httpx.post(f"{url}/webhooks/rest/webhook", json=body, trust_env=False).json()
                assert [item["metadata"]["utter_action"] for item in said] == ["utter_cerbere"]
