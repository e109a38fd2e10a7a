"""Switch an answer off at once: through the routes of a real server, on both databases, by two processes, across restarts."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api import serving
from api.console.suspending import NotSwitched, Switchboard
from bot.storage import models, suspensions
from bot.storage.outcomes import FILE
from bot.storage.sqlite import SqliteStore
from bot.storage.suspensions import Switch
from tests.api.console.people import add_people, log_in
from tests.api.console.small import LEARNT, small_agent, small_settings
from tests.api.console.test_publication import Person, Site, refused, site
from tests.databases import KINDS, migrated
from tests.e2e.processes import URL, Server
from tests.servers import errors_in
from tests.stored import latest_entries

NAME = "utter_horaire"
QUESTION = "horaire du bureau"
ANSWER = "De 9 h à 17 h"
NOTICE = "Cette réponse n’est pas disponible pour le moment."
POLL = 0.5
"""Seconds between two looks of the processes that follow."""


@pytest.fixture(params=KINDS)
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    with site(request.param, tmp_path) as found:
        yield found


def switch_off(person: Person, name: str = NAME, reason: str = "la page change") -> httpx.Response:
    return person.post("suspendre", reponse=name, raison=reason)


def switch_on(person: Person, name: str = NAME, reason: str = "la page est à jour") -> httpx.Response:
    return person.post("suspendre/retablir", reponse=name, raison=reason)


@pytest.mark.slow
def test_off_at_once_whatever_model_is_published_and_on_again(here: Site) -> None:
    here.add(LEARNT[1], "salutation")
    with here.person("publicateur") as person:
        assert here.says(QUESTION) == ANSWER
        assert "Rien n&#39;a encore été suspendu" in person.get("suspendre")
        assert switch_off(person).status_code == 303
        assert here.says(QUESTION) == NOTICE
        page = person.get("suspendre?fait=suspension")
        assert page.count("la page change") == 2
        assert "par publicateur" in page
        assert "Ce serveur ne donne plus cette réponse" in page
        person.done("publier/brouillon")
        candidate = here.candidate()
        assert person.post("publier/candidat", candidat=candidate, raison="si").status_code == 303
        assert (here.says(LEARNT[0]), here.says(QUESTION)) == ("Bonjour", NOTICE)
        (delivered,) = here.read(models.former)
        assert person.post("publier/retour", modele=delivered.model_id, publie=candidate, raison="si").status_code == 303
        assert here.says(QUESTION) == NOTICE
        assert switch_on(person).status_code == 303
        assert here.says(QUESTION) == ANSWER
        page = person.get("suspendre")
        assert "la page est à jour" in page
        assert "Rétablir maintenant" not in page
    entries = here.read(lambda connection: latest_entries(connection, 99))
    noted = [(entry.actor, entry.action, entry.subject, entry.details) for entry in entries if entry.subject == NAME]
    assert noted == [
        ("publicateur", "response_resume", NAME, {"reason": "la page est à jour"}),
        ("publicateur", "response_suspend", NAME, {"reason": "la page change"}),
    ]


@pytest.mark.slow
def test_what_is_not_switched_says_why(here: Site) -> None:
    with here.person("publicateur") as person:
        refused(switch_off(person, reason=" \n "), "Écrivez pourquoi")
        for name in ("utter_default", "utter_inconnue", "", "x" * 5_000, "utter_\0"):
            refused(switch_off(person, name), "ne peut pas être suspendue")
            refused(switch_on(person, name), "n'est pas ou plus suspendue")
        assert switch_off(person).status_code == 303
        refused(switch_off(person), "vient de suspendre cette réponse")
        refused(switch_on(person, reason=""), "Écrivez pourquoi")
        assert here.says(QUESTION) == NOTICE


@pytest.mark.slow
def test_the_reason_is_masked_and_shown_as_text(here: Site) -> None:
    with here.person("publicateur") as person:
        assert switch_off(person, reason="<b>appelez le 0470 12 34 56</b>").status_code == 303
        page = person.get("suspendre")
        assert "0470" not in page
        assert "<b>appelez" not in page
        assert "&lt;b&gt;appelez" in page


@pytest.mark.slow
def test_a_response_that_no_model_has_is_shown_so_and_can_be_switched_on(here: Site) -> None:
    gone = Switch("utter_partie", "anne", "vieille", 1.0)
    here.read(lambda connection: suspensions.suspend(connection, gone))
    with here.person("publicateur") as person:
        page = person.get("suspendre")
        assert "utter_partie" in page
        assert "absente du modèle publié" in page
        assert here.says(QUESTION) == ANSWER
        assert switch_on(person, "utter_partie").status_code == 303
        assert "absente du modèle publié" not in person.get("suspendre")


@pytest.mark.slow
def test_readers_see_and_do_not_switch(here: Site) -> None:
    with here.person("editeur") as editor, here.person("lecteur") as reader:
        for person in (editor, reader):
            assert switch_off(person).status_code == 403
            assert switch_on(person).status_code == 403
            page = person.get("suspendre")
            assert NAME in page
            assert "Suspendre maintenant" not in page
    assert here.says(QUESTION) == ANSWER


@pytest.mark.slow
def test_trying_shows_what_users_get_and_what_is_suspended(here: Site) -> None:
    with here.person("publicateur") as person:
        assert switch_off(person).status_code == 303
        page = person.post("", texte=QUESTION).text
        assert NOTICE in page
        assert f"Réponse suspendue : {NAME}" in page
        test = person.post("scenario", message=QUESTION, scenario="publie")
        assert (test.status_code, NAME in test.text) == (200, True)
        assert switch_on(person).status_code == 303
        assert "Réponse suspendue" not in person.post("", texte=QUESTION).text


def said_by(server: Server, text: str) -> list[dict[str, Any]]:
    body = {"sender": f"s{time.monotonic_ns()}", "message": text}
    answer = httpx.post(server.url + URL, json=body, trust_env=False, timeout=30)
    found: list[dict[str, Any]] = answer.json()
    return found


def responses_of(server: Server, text: str) -> set[str]:
    return {item["metadata"]["utter_action"] for item in said_by(server, text)}


def until(server: Server, text: str, response: str) -> float:
    """Seconds until a server answers so."""
    start = time.monotonic()
    while responses_of(server, text) != {response}:
        assert time.monotonic() - start < 20
        time.sleep(0.02)
    return time.monotonic() - start


@pytest.mark.slow
def test_one_process_switches_the_other_follows_and_both_remember(tmp_path: Path) -> None:
    question, name = "quelle est la capacité de la boite", "utter_capacite"
    with migrated("postgresql", tmp_path) as url:
        servers = [Server(url, tmp_path, {"BMA_MODEL_POLL": str(POLL)}) for _ in range(2)]
        here, there = servers
        try:
            for server in servers:
                server.start()
            for server in servers:
                server.wait()
            add_people(url)
            with httpx.Client(base_url=here.url, trust_env=False, timeout=30) as client:
                log_in(client, "publicateur")
                person = Person(client)
                for switch, response in (
                    (switch_off, "utter_reponse_suspendue"),
                    (switch_on, name),
                    (switch_off, "utter_reponse_suspendue"),
                ):
                    assert switch(person, name).status_code == 303
                    assert responses_of(here, question) == {response}
                    assert until(there, question, response) < POLL + 1.0
                    assert responses_of(here, question) == {response}
            there.kill()
            there.start()
            there.wait()
            assert responses_of(there, question) == {"utter_reponse_suspendue"}
        finally:
            for server in servers:
                server.stop()
        assert [errors_in(server.log.read_text()) for server in servers] == [[], []]


class Slow(SqliteStore):
    """A store whose reads of suspensions come back late, when it is told to."""

    gate: asyncio.Event | None = None

    async def run(self, work: Any) -> Any:
        found = await super().run(work)
        if self.gate is not None and isinstance(found, tuple) and len(found) == 2 and found[1] == frozenset():
            await self.gate.wait()
        return found


async def test_an_older_look_does_not_undo_what_was_just_switched(tmp_path: Path) -> None:
    settings = small_settings(tmp_path, f"sqlite:///{tmp_path}/bma.sqlite3")
    store = Slow(settings.database_url)
    try:
        agent = small_agent(settings, store)
        store.gate = asyncio.Event()
        following = asyncio.create_task(serving.follow(agent, 0.01))
        await asyncio.sleep(0.2)  # it has looked, and has not heard yet
        await Switchboard(settings.project_dir / FILE).switch(agent, Switch(NAME, "anne", "x", 1.0))
        store.gate.set()
        await asyncio.sleep(0.2)
        assert agent.suspended == {NAME}
        following.cancel()
    finally:
        await store.close()


async def test_many_who_switch_at_once_leave_the_process_as_the_database_is(tmp_path: Path) -> None:
    settings = small_settings(tmp_path, f"sqlite:///{tmp_path}/bma.sqlite3")
    store = SqliteStore(settings.database_url)
    try:
        agent, board = small_agent(settings, store), Switchboard(settings.project_dir / FILE)
        wishes = [Switch(name, "anne", "x", 1.0, is_on) for is_on in (False, True) for name in (NAME, "utter_bonjour")] * 5
        done = await asyncio.gather(*(board.switch(agent, wish) for wish in wishes), return_exceptions=True)
        assert all(item is None or isinstance(item, NotSwitched) for item in done)
        assert agent.suspended == await store.look(suspensions.names)
    finally:
        await store.close()


async def test_without_a_database_a_process_begins_all_the_same(tmp_path: Path) -> None:
    store = SqliteStore(f"sqlite:///{tmp_path}/bma.sqlite3")
    await store.run(lambda connection: connection.exec_driver_sql("DROP TABLE suspensions"))
    assert await serving.first_suspensions(store) == frozenset()
    await store.close()
