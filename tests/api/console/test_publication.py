"""Train, prove, publish, go back: through the routes of a real server on the small project, on both databases."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from bot.storage import models
from bot.storage.database import connect
from tests.api.console.people import add_people, csrf_of, log_in
from tests.api.console.small import LEARNT, add_sentence, small_settings
from tests.databases import KINDS, migrated
from tests.servers import assistant

pytestmark = pytest.mark.slow


class Site:
    """A server on the small project, and its database."""

    def __init__(self, url: str, database_url: str, settings: Any) -> None:
        self.url = url
        self.settings = settings
        self.engine = connect(database_url)

    @contextmanager
    def person(self, name: str) -> Iterator["Person"]:
        with httpx.Client(base_url=self.url, trust_env=False, timeout=30) as client:
            assert log_in(client, name).status_code == 303
            yield Person(client)

    def says(self, text: str) -> str:
        body = {"sender": f"s{time.monotonic_ns()}", "message": text}
        said = httpx.post(f"{self.url}/webhooks/rest/webhook", json=body, trust_env=False).json()
        return str(said[0]["text"])

    def add(self, text: str, intent: str, destination: str = "training") -> int:
        with self.engine.begin() as connection:
            return add_sentence(connection, text, intent, destination)

    def read(self, work: Callable[[sa.Connection], Any]) -> Any:
        with self.engine.begin() as connection:
            return work(connection)

    def candidate(self) -> str:
        return str(self.read(models.candidates)[0].model_id)

    def active(self) -> str:
        return str(self.read(models.active))


class Person:
    """Somebody with the console open."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def get(self, path: str) -> str:
        found = self.client.get(f"/console/{path}")
        assert found.status_code == 200, found.text
        return found.text

    def post(self, path: str, **fields: str) -> httpx.Response:
        return self.client.post(f"/console/{path}", data={"csrf": csrf_of(self.get("compte")), **fields})

    def done(self, path: str, **fields: str) -> None:
        """Ask for something and wait until no job runs any more."""
        asked = self.post(path, **fields)
        assert asked.status_code == 303, asked.text
        self.wait()

    def wait(self) -> None:
        limit = time.monotonic() + 60
        while (answer := self.client.get("/console/travail", headers={"HX-Request": "true"})).headers.get("HX-Refresh") != "true":
            assert "<progress" in answer.text
            assert time.monotonic() < limit
            time.sleep(0.2)


@contextmanager
def site(kind: str, folder: Path, **env: str) -> Iterator[Site]:
    with migrated(kind, folder) as database_url:
        settings = small_settings(folder, database_url, secret_key="s" * 32)
        own = {
            "BMA_PROJECT_DIR": str(settings.project_dir),
            "BMA_MODEL_DIR": str(settings.model_dir),
            "BMA_DATABASE_URL": database_url,
            "BMA_SECRET_KEY": "s" * 32,
            **env,
        }
        with assistant(folder, own) as url:
            add_people(database_url)
            found = Site(url, database_url, settings)
            yield found
            found.engine.dispose()


@pytest.fixture(params=KINDS)
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    with site(request.param, tmp_path) as found:
        yield found


def test_from_a_draft_to_users_and_back(here: Site) -> None:
    assert here.says(LEARNT[0]) == "Je n'ai pas compris"
    here.add(LEARNT[1], "salutation")
    with here.person("publicateur") as person:
        assert "dont 1 que le modèle publié" in person.get("publier")
        person.done("publier/brouillon", raison="des saluts")
        candidate = here.candidate()
        page = person.get("publier")
        assert "réussie" in page
        assert "des saluts" in page
        assert here.says(LEARNT[0]) == "Je n'ai pas compris"
        proof = person.get("prouver")
        assert "Le candidat peut être publié." in proof
        assert "Réparées (1)" in proof
        published = person.post("publier/candidat", candidat=candidate, raison="les gens disent yo")
        assert published.status_code == 303
        assert here.says(LEARNT[0]) == "Bonjour"
        assert here.active() == candidate
        page = person.get("publier?fait=publication")
        assert page.count("les gens disent yo") == 2
        assert "modèle livré" in page
        assert "C&#39;est publié" in page or "C'est publié" in page
        (delivered,) = here.read(models.former)
        back = person.post("publier/retour", modele=delivered.model_id, publie=candidate, raison="retour au modèle livré")
        assert back.status_code == 303
        assert here.says(LEARNT[0]) == "Je n'ai pas compris"
        page = person.get("publier")
        assert "retour au modèle livré" in page
        assert person.post("publier/retour", modele=candidate, publie=delivered.model_id, raison="si").status_code == 303
        assert here.says(LEARNT[0]) == "Bonjour"
    reasons = [item.reason for item in here.read(lambda connection: models.activations(connection, 9))]
    assert reasons == ["si", "retour au modèle livré", "les gens disent yo"]


def refused(response: httpx.Response, sentence: str) -> None:
    assert response.status_code == 409
    assert sentence in response.text.replace("&#39;", "'")


def test_nothing_is_published_without_a_proof_that_holds(here: Site) -> None:
    here.add(LEARNT[1], "salutation")
    with here.person("publicateur") as person:
        person.done("publier/brouillon")
        candidate = here.candidate()
        refused(person.post("publier/candidat", candidat=candidate, raison="  "), "Écrivez pourquoi vous publiez")
        refused(person.post("publier/candidat", candidat="aucun", raison="si"), "n'est plus enregistré")
        here.add("salut collègue", "salutation", "test")
        refused(person.post("publier/candidat", candidat=candidate, raison="si"), "La preuve ne vaut plus")
        assert "Cette preuve ne vaut plus" in person.get("prouver")
        assert "périmée" in person.get("publier")
        person.done("prouver/candidat", candidat=candidate)
        assert person.post("publier/candidat", candidat=candidate, raison="si").status_code == 303
        refused(person.post("publier/candidat", candidat=candidate, raison="si"), "déjà publié")
        (delivered,) = here.read(models.former)
        refused(
            person.post("publier/retour", modele=delivered.model_id, publie="autre", raison="si"),
            "Quelqu'un d'autre vient de publier",
        )
        refused(person.post("publier/retour", modele="aucun", publie=candidate, raison="si"), "n'est plus enregistré")
        person.done("publier/brouillon", raison="encore")
        second = here.candidate()
        refused(person.post("publier/retour", modele=second, publie=candidate, raison="si"), "n'a jamais été publié")
        assert here.active() == candidate


def test_a_candidate_that_breaks_a_protected_sentence_is_shown_and_refused(here: Site) -> None:
    for number in range(12):
        here.add(f"bonjour {number}", "horaire")
    with here.person("publicateur") as person:
        person.done("publier/brouillon")
        page = person.get("prouver").replace("&#39;", "'")
        assert "Le candidat ne peut pas être publié." in page
        assert "Phrases protégées cassées : bonjour" in page
        assert "échouée" in person.get("publier")
        refused(person.post("publier/candidat", candidat=here.candidate(), raison="si"), "La preuve a échoué")
        cell = person.get("phrases?modele=candidate&attendu=salutation&trouve=horaire")
        assert "protégée" in cell
        assert "tests/nlu/frozen.yml, ligne 7" in cell


def test_who_may_what_and_one_job_at_a_time(here: Site) -> None:
    with here.person("testeur") as tester, here.person("lecteur") as reader:
        for path in ("publier/brouillon", "publier/candidat", "publier/retour"):
            assert tester.post(path).status_code == 403
        for path in ("prouver/brouillon", "prouver/candidat"):
            assert reader.post(path).status_code == 403
        assert tester.post("prouver/brouillon").status_code == 303
        assert "Demandé par testeur" in reader.get("prouver")
        again = tester.post("prouver/brouillon")
        assert again.status_code == 409
        assert "déjà en cours" in again.text
        tester.wait()
        assert "Publier" in reader.get("publier")
        assert '<form class="row" method="post" action="publier' not in reader.get("publier")
        for query in ("preuve=x", "preuve=99999", "preuve=1"):
            assert reader.client.get(f"/console/prouver?{query}").status_code == 404
        assert reader.client.get("/console/phrases?modele=autre").status_code == 404


def test_four_eyes_and_a_bound_that_changes(tmp_path: Path) -> None:
    with site("sqlite", tmp_path, BMA_CONSOLE_FOUR_EYES="true") as here:
        here.add(LEARNT[1], "salutation")
        with here.person("publicateur") as person, here.person("admin") as other:
            person.done("publier/brouillon")
            candidate = here.candidate()
            assert "demandez à un autre publicateur" in person.get("publier")
            refused(person.post("publier/candidat", candidat=candidate, raison="si"), "demandez à un autre publicateur")
            assert other.post("publier/candidat", candidat=candidate, raison="si").status_code == 303
            assert here.says(LEARNT[0]) == "Bonjour"


def test_a_job_that_fails_is_told_in_french(tmp_path: Path) -> None:
    with site("sqlite", tmp_path) as here, here.person("editeur") as person:
        (here.settings.project_dir / "data/rules.yml").write_text("version: '3.1'\nrules: {")
        person.done("prouver/brouillon")
        page = person.get("prouver").replace("&#39;", "'")
        assert "Le dernier entrainement n'a rien donné" in page
        assert "data/rules.yml" in page
        assert "Traceback" not in page
    assert "Traceback" not in (tmp_path / "server.log").read_text()
