"""The screen « Essayer » on a real server: what its forms do, who may, and that nothing is stored."""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from bot.project.model import IntentStep
from bot.project.story_reader import read_stories
from bot.rehearsal import MAX_MESSAGES
from bot.storage import models
from bot.storage.database import connect
from bot.storage.schema import answers, conversations, events, review_queue
from bot.training import archive
from tests.api.cli.test_commands import bma
from tests.api.console.people import add_people, csrf_of, log_in, staffed
from tests.databases import KINDS, migrated
from tests.servers import assistant
from tests.trained import model_path

pytestmark = pytest.mark.slow

DRAFT = "20991231-235959-brouillon"


def add_draft(database_url: str, folder: Path) -> None:
    """A candidate in the database of a running server: the project's model, which honours no button of the capacity."""
    model = archive.read(model_path())
    path = folder / "draft.tar.gz"
    archive.write(path, replace(model, info=replace(model.info, model_id=DRAFT), payloads=model.payloads - {"/capacite"}))
    engine = connect(database_url)
    with engine.begin() as connection:
        models.publish(connection, models.Published(DRAFT, "f" * 64, "test", "essai", time.time()), path.read_bytes())
    engine.dispose()


def add_item(database_url: str, text: str) -> int:
    """Put a message of a conversation into the review queue; its id there."""
    engine = connect(database_url)
    with engine.begin() as connection:
        rows = connection.execute(sa.select(events.c.sender_id, events.c.data).where(events.c.type_name == "user")).all()
        sender, body = next((row.sender_id, body) for row in rows if (body := json.loads(row.data))["text"] == text)
        values = {"sender_id": sender, "message_id": body["message_id"], "kind": "doubt", "text": text, "created_at": 1.0}
        item = connection.execute(sa.insert(review_queue).returning(review_queue.c.id), values).scalar_one()
    engine.dispose()
    return int(item)


@pytest.fixture(scope="module", params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Addresses of a server and of its database."""
    folder = tmp_path_factory.mktemp("trying")
    with (
        migrated(request.param, folder) as url,
        assistant(folder, {"BMA_DATABASE_URL": url, "BMA_SECRET_KEY": "s" * 64}) as server,
    ):
        add_people(url)
        yield server, url


@pytest.fixture
def client(place: tuple[str, str]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=place[0], trust_env=False, timeout=60) as found:
        log_in(found, "testeur")
        yield found


class Screen:
    """The screen as a browser without JavaScript has it: its hidden fields travel with every form."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self.response = client.get("/console/")

    @property
    def page(self) -> str:
        return self.response.text

    def messages(self) -> list[str]:
        return [unescape(text) for text in re.findall(r'name="message" value="([^"]*)"', self.page)]

    def send(self, path: str = "", **fields: str | list[str]) -> httpx.Response:
        data = {"csrf": csrf_of(self.page), "message": self.messages(), **fields}
        self.response = self._client.post(f"/console/{path}", data=data)
        return self.response

    def models(self) -> list[str]:
        return re.findall(r'data-modele="(\w+)"', self.page)


@pytest.fixture
def screen(client: httpx.Client) -> Screen:
    return Screen(client)


def test_a_question_and_why_it_is_answered_so(screen: Screen) -> None:
    page = screen.send(texte="Bonjour, quelle est l'adresse BMA de l'ecole FASE 5464 ? Merci d'avance").text
    assert screen.response.status_code == 200
    assert "ec005464@adm.cfwb.be" in page
    assert re.search(r"<code>format_adresse</code></td>.*<meter .*> \d+,\d\s%", page)
    assert re.search(r"<mark>5464 <span[^>]*>numero_fase", page)
    assert '<span class="courtesy">Bonjour, </span>' in page
    assert "Sûr : la confiance atteint 40" in page
    assert re.search(r"data/rules/\w+\.yml:\d+", page)
    assert "AdaptiveCard" in page
    assert "FallbackClassifier" not in page
    assert "Seuils de doute" in page
    assert "&#34;event&#34;: &#34;user&#34;" in page


def test_a_conversation_travels_in_the_form_and_only_there(place: tuple[str, str], screen: Screen) -> None:
    screen.send(texte="mon mot de passe est Soleil2024!, il ne marche plus")
    assert "Soleil2024" not in screen.page
    screen.send(choix="/mot_de_passe_mode")
    screen.send(texte="quelle est la capacité\nde la boite ?")
    assert len(screen.messages()) == 3
    assert screen.messages()[1:] == ["/mot_de_passe_mode", "quelle est la capacité\nde la boite ?"]
    screen.send()
    assert len(screen.messages()) == 3
    engine = connect(place[1])
    with engine.connect() as connection:
        for table in (conversations, answers, review_queue):
            assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 0
    engine.dispose()


def test_going_back_and_changing_a_message(screen: Screen) -> None:
    for text in ("bonjour", "c'est quoi MODE ?", "merci"):
        screen.send(texte=text)
    screen.send(jusque="2")
    assert screen.messages() == ["bonjour", "c'est quoi MODE ?"]
    screen.send(modifier="2")
    assert screen.messages() == ["bonjour"]
    assert re.search(r">c&#39;est quoi MODE \?</textarea>", screen.page)
    assert screen.send(modifier="9").status_code == 200
    assert screen.send(jusque="-1").status_code == 400


def test_what_cannot_be_played_is_said_and_kept(screen: Screen) -> None:
    assert screen.send(texte="  ").status_code == 400
    assert "Écrivez d&#39;abord une question" in screen.page
    assert screen.send(texte="é" * 5001).status_code == 400
    assert "le maximum est 5000 caractères" in screen.page
    assert "é" * 4000 in screen.page
    screen.send(message=["bonjour"] * MAX_MESSAGES)
    assert screen.send(texte="encore").status_code == 400
    assert ">encore</textarea>" in screen.page
    assert len(screen.messages()) == MAX_MESSAGES
    assert screen.send(message=["bonjour"] * (MAX_MESSAGES + 1)).status_code == 400


def test_a_conversation_becomes_a_test_file(place: tuple[str, str], screen: Screen, client: httpx.Client, tmp_path: Path) -> None:
    screen.send(texte="mon mot de passe est Soleil2024!, il ne marche plus # [x](y)")
    screen.send(choix="/mot_de_passe_mode")
    assert "Relisez d&#39;abord ses textes" in screen.page
    page = screen.page
    fields = {"csrf": csrf_of(page), "message": screen.messages(), "texte": "pas envoyé", "scenario": "publie"}
    done = client.post("/console/scenario", data=fields)
    assert done.status_code == 200
    assert done.headers["cache-control"] == "no-store"
    name = re.fullmatch(r'attachment; filename="(test_essai_\d{8}_\d{6}\.yml)"', done.headers["content-disposition"])
    assert name
    assert "Soleil2024" not in done.text
    assert "pas envoyé" not in done.text
    file = tmp_path / name[1]
    file.write_bytes(done.content)
    (story,), _, warnings = read_stories(file, tmp_path)
    assert not warnings
    assert [step.text for step in story.steps if isinstance(step, IntentStep)] == screen.messages()
    played = bma("test", "dialogues", str(file), "--model", str(model_path()))
    assert played.returncode == 0, played.stdout + played.stderr
    assert client.post("/console/scenario", data={"csrf": csrf_of(page)}).status_code == 400
    long = client.post("/console/scenario", data={**fields, "message": "mot " * 600})
    assert "le maximum est 2000 caractères" in long.text
    absent = client.post("/console/scenario", data={**fields, "scenario": "brouillon"})
    assert absent.status_code == 400
    assert "Le candidat n&#39;est plus là" in absent.text
    engine = connect(place[1])
    with engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(answers)).scalar_one() == 0
    engine.dispose()


def test_the_nearest_training_sentences(client: httpx.Client, screen: Screen) -> None:
    fields = {"csrf": csrf_of(screen.page), "modele": "publie", "texte": "mot de passe perdu"}
    until = time.monotonic() + 120
    while "hx-post" in (part := client.post("/console/proches", data=fields, headers={"HX-Request": "true"})).text:
        assert "se préparent" in part.text
        assert part.elapsed.total_seconds() < 10
        assert time.monotonic() < until
    place = r"<code[^>]*>data/nlu/mot_de_passe\.yml:\d+</code>"
    assert re.search(rf"<td>mot de passe perdu<br>{place}</td><td><code>mot_de_passe</code></td><td[^>]*>100\s%", part.text)
    assert "<html" not in part.text
    screen.send(texte="mot de passe perdu")
    assert "data/nlu/" not in screen.page
    screen.send(proches="1")
    assert "data/nlu/mot_de_passe.yml" in screen.page


def test_a_users_conversation_is_played_again_up_to_an_item_of_the_inbox(place: tuple[str, str], screen: Screen) -> None:
    talk = ["/redirection", "pourquoi ?", "merci"]
    for text in talk:
        httpx.post(f"{place[0]}/webhooks/rest/webhook", json={"sender": "quelqu'un", "message": text}, trust_env=False)
    item = add_item(place[1], talk[1])
    assert screen.send("rejouer", item=str(item)).status_code == 200
    assert screen.messages() == talk[:2]
    assert "suite_pourquoi" in screen.page
    gone = screen.send("rejouer", item="999999")
    assert gone.status_code == 404
    assert "n&#39;existe plus" in gone.text


def test_a_server_stops_while_it_makes_the_sentences_ready(tmp_path: Path) -> None:
    with staffed(tmp_path) as url, httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        log_in(client, "testeur")
        screen = Screen(client)
        screen.send(texte="bonjour")
        screen.send(proches="1")
        assert "se préparent" in screen.page
        stopping = time.monotonic()
    assert time.monotonic() - stopping < 5


def test_a_reader_is_led_to_the_inbox_and_may_try_nothing(place: tuple[str, str]) -> None:
    with httpx.Client(base_url=place[0], trust_env=False) as reader:
        log_in(reader, "lecteur")
        token = csrf_of(reader.get("/console/compte").text)
        led = reader.get("/console/")
        assert (led.status_code, led.headers["location"]) == (303, "boite")
        for path in ("", "rejouer", "proches", "scenario"):
            assert reader.post(f"/console/{path}", data={"csrf": token, "texte": "bonjour"}).status_code == 403


def test_the_published_model_and_the_draft_side_by_side(place: tuple[str, str], client: httpx.Client, tmp_path: Path) -> None:
    assert "Il n&#39;y a pas de candidat à comparer" in client.get("/console/").text
    add_draft(place[1], tmp_path)
    screen = Screen(client)
    assert 'value="deux" checked' in screen.page
    screen.send(texte="bonjour", modeles="deux")
    assert screen.models() == ["publie", "brouillon"]
    assert "répondent différemment" not in screen.page
    screen.send(choix="/capacite", modeles="deux")
    assert "répondent différemment" in screen.page
    told = {"csrf": csrf_of(screen.page), "message": screen.messages()}
    assert "/capacite" in client.post("/console/scenario", data={**told, "scenario": "publie"}).text
    refused = client.post("/console/scenario", data={**told, "scenario": "brouillon"})
    assert refused.status_code == 400
    assert "Le message 2 commence par « / »" in refused.text
    drafted = client.post("/console/scenario", data={**told, "message": "bonjour", "scenario": "brouillon"})
    assert f"avec le modèle {DRAFT}." in drafted.text
    screen.send(modeles="brouillon")
    assert set(screen.models()) == {"brouillon"}
    engine = connect(place[1])
    with engine.begin() as connection:
        connection.execute(sa.update(models.models).where(models.models.c.model_id == DRAFT).values(model_id=f"{DRAFT}-abime"))
        connection.execute(sa.update(models.models).values(archive=b"x"))
    engine.dispose()
    screen.send(modeles="deux")
    assert set(screen.models()) == {"publie"}
    assert "ne peut pas être lu" in screen.page
