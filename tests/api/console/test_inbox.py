"""The inbox and the queue of corrections, as forms send them: on a real server, with the project's own model."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path

import httpx
import pytest

from tests.api.console.people import csrf_of, log_in, staffed
from tests.trained import ROOT

pytestmark = pytest.mark.slow

STRANGE = "ma tondeuse fait un bruit étrange"
"""A question that the project's own model declines."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("projet")
    for name in ("config.yml", "domain.yml", "endpoints.yml"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "data", folder / "data")
    (folder / "tests").mkdir()
    shutil.copytree(ROOT / "tests/nlu", folder / "tests/nlu")
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("console")
    settings = {"BMA_PROJECT_DIR": str(project), "BMA_CONSOLE_WRITES_FILES": "true"}
    with staffed(folder, settings) as url:
        yield url


@contextmanager
def client(server: str, role: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server, trust_env=False, timeout=60) as found:
        log_in(found, role)
        yield found


@pytest.fixture(scope="module")
def editor(server: str) -> Iterator[httpx.Client]:
    with client(server, "editeur") as found:
        yield found


def ask(server: str, text: str, sender: str) -> None:
    body = {"sender": sender, "message": text}
    assert httpx.post(f"{server}/webhooks/rest/webhook", json=body, trust_env=False, timeout=60).status_code == 200


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, (name, page)
    return unescape(found[1])


def judge(editor: httpx.Client, text: str, **fields: str) -> httpx.Response:
    """Open the group of a question and say something of it."""
    page = editor.get("/console/boite").text
    link = next(part for part in re.findall(r'<a href="(boite\?[^"]*groupe[^"]*)".*?</a>', page, re.S) if part)
    for href, body in re.findall(r'<a href="(boite\?[^"]*groupe[^"]*)"(.*?)</a>', page, re.S):
        if text in unescape(body):
            link = unescape(href)
    group = editor.get(f"/console/{link}").text
    assert f"« {text} »" in unescape(group)
    form = {name: hidden(group, name) for name in ("csrf", "groupe", "jusque", "motif", "canal", "page", "rang")}
    return editor.post("/console/corriger", data=form | {"item": re.findall(r'name="item" value="(\d+)"', group)[:1]} | fields)


def newest(editor: httpx.Client, which: str = "a_examiner") -> str:
    """The address of the newest correction."""
    page = editor.get(f"/console/ameliorer?liste={which}").text
    found = re.search(r'"(ameliorer/\d+)', page)
    assert found is not None, page
    return f"/console/{found[1]}"


def confirm(editor: httpx.Client, address: str, **fields: str) -> httpx.Response:
    page = editor.get(address).text
    form = {"csrf": csrf_of(page), "destination": "training", "sans_donnees": "oui", "sujet": "hors_sujet"}
    return editor.post(f"{address}/confirmer", data=form | fields)


def test_a_declined_question_is_corrected_confirmed_and_written(server: str, editor: httpx.Client, project: Path) -> None:
    for number in range(3):
        ask(server, f"{STRANGE} {number}", f"personne-{number}")
    done = judge(editor, f"{STRANGE} 2", sorte="intent", sujet="support_etnic", commentaire="appelez le 02 690 00 00")
    assert done.status_code == 303
    assert "fait=corrige" in done.headers["location"]
    assert STRANGE not in unescape(editor.get("/console/boite").text)
    address = newest(editor)
    page = unescape(editor.get(address).text)
    assert "02 690" not in page  # comments are masked as messages are
    assert f">{STRANGE} 2</textarea>" in page
    assert "Rien de proche" in editor.get(f"{address}/recoupements").text
    sentence = 'ma tondeuse: fait "un" bruit # étrange'
    refused = confirm(editor, address, texte=sentence, sujet="support_etnic", sans_donnees="")
    assert (refused.status_code, "aucune donnée personnelle, ou" in unescape(refused.text)) == (400, True)
    assert confirm(editor, address, texte=sentence, sujet="support_etnic").status_code == 303
    assert confirm(editor, address, texte=sentence, sujet="support_etnic").status_code == 409
    shown = unescape(editor.get("/console/ameliorer/brouillon").text)
    assert f'<span class="add">+      - {sentence}' in shown
    patch = editor.get("/console/ameliorer/brouillon.patch")
    assert patch.headers["content-type"].startswith("text/x-diff")
    subprocess.run(
        ["git", "apply", "--check", "-"], cwd=project, input=patch.content, check=True, env={"GIT_CEILING_DIRECTORIES": "/"}
    )
    written = editor.post("/console/ameliorer/ecrire", data={"csrf": csrf_of(editor.get("/console/ameliorer").text)})
    assert written.status_code == 303
    assert f"- {sentence}\n" in (project / "data/nlu/support.yml").read_text(encoding="utf-8")
    assert "déjà dans les fichiers" in editor.get("/console/ameliorer/brouillon").text


def test_a_sentence_of_the_test_set_is_refused_for_training(server: str, editor: httpx.Client) -> None:
    frozen = "slt, lancienne secretaire est partie a la pension avec le mdp de la boite ec ds sa tete, on fait cmt"
    csrf = csrf_of(editor.get("/console/ameliorer").text)
    proposed = {"csrf": csrf, "sorte": "intent", "sujet": "mot_de_passe", "texte": frozen}
    assert editor.post("/console/corriger", data=proposed).status_code == 303
    address = newest(editor)
    assert "Interdit" in editor.get(f"{address}/recoupements").text
    refused = confirm(editor, address, texte=frozen, sujet="mot_de_passe")
    assert refused.status_code == 400
    assert "jamais dans les deux" in unescape(refused.text)
    twice = confirm(editor, address, texte=frozen, sujet="mot_de_passe", destination="test")
    assert (twice.status_code, "y est déjà" in unescape(twice.text)) == (400, True)
    trained = confirm(editor, address, texte="mot de passe oublié", sujet="mot_de_passe", destination="test")
    assert (trained.status_code, "soit dans le test" in unescape(trained.text)) == (400, True)
    markup = confirm(editor, address, texte="le [mot](de) passe", sujet="mot_de_passe")
    assert (markup.status_code, "marque toujours une entité" in unescape(markup.text)) == (400, True)
    page = editor.get(address).text
    assert editor.post(f"{address}/rejeter", data={"csrf": csrf_of(page)}).status_code == 303


def test_the_console_s_own_sets_are_kept_apart_too(editor: httpx.Client) -> None:
    csrf = csrf_of(editor.get("/console/ameliorer").text)
    for destination, status in (("test", 303), ("training", 400)):
        text = f"la photocopieuse du couloir imprime {destination} tout en double"
        editor.post("/console/corriger", data={"csrf": csrf, "sorte": "out_of_scope", "texte": text})
        text = "la photocopieuse du couloir imprime tout en double" + (" !" if destination == "training" else "")
        assert confirm(editor, newest(editor), texte=text, destination=destination).status_code == status


def test_a_group_is_ignored_and_that_is_taken_back(server: str, editor: httpx.Client) -> None:
    text = "combien de pattes a un mille-pattes"
    ask(server, text, "curieux")
    done = judge(editor, text, sorte="ignore")
    page = editor.get(f"/console/{done.headers['location']}").text
    assert text not in unescape(re.sub(r"<input[^>]*>", "", page))
    fields = {"csrf": csrf_of(page), "moment": hidden(page, "moment")}
    assert editor.post("/console/boite/annuler", data=fields).headers["location"] == "../boite?fait=annule"
    assert text in unescape(editor.get("/console/boite").text)
    assert "pas_annule" in editor.post("/console/boite/annuler", data=fields).headers["location"]


def test_notes_are_listed_saved_and_closed(server: str, editor: httpx.Client) -> None:
    ask(server, "=cmd qui paie la tondeuse rouge", "payeur")
    assert judge(editor, "=cmd qui paie la tondeuse rouge", sorte="new_topic", nom="").status_code == 400
    assert judge(editor, "=cmd qui paie la tondeuse rouge", sorte="new_topic", nom="factures").status_code == 303
    file = editor.get("/console/ameliorer/notes.csv")
    assert file.content.startswith("\ufeffProposée le;".encode())
    assert "'=cmd qui paie" in file.text
    page = editor.get("/console/ameliorer?liste=notes").text
    found = re.search(r'action="(ameliorer/\d+/rejeter)"', page)
    assert found is not None
    closed = editor.post(f"/console/{found[1]}", data={"csrf": csrf_of(page)})
    assert closed.headers["location"] == "../../ameliorer?liste=notes&fait=classe"
    assert editor.post(f"/console/{found[1]}", data={"csrf": csrf_of(page)}).status_code == 409


def test_a_tester_takes_back_only_what_is_their_own(server: str, editor: httpx.Client) -> None:
    with client(server, "testeur") as tester:
        numbers = []
        for who in (editor, tester):
            csrf = csrf_of(who.get("/console/ameliorer").text)
            who.post("/console/corriger", data={"csrf": csrf, "sorte": "out_of_scope", "texte": "le lait est tourné"})
            numbers.append(newest(editor))
        csrf = csrf_of(tester.get("/console/ameliorer").text)
        statuses = [tester.post(f"{address}/retirer", data={"csrf": csrf}).status_code for address in numbers]
        assert statuses == [403, 303]


@pytest.mark.parametrize(
    "fields",
    [
        {"sorte": "tout"},
        {"sorte": "intent", "sujet": "pas_un_sujet", "texte": "a"},
        {"sorte": "intent", "sujet": "hors_sujet", "texte": "a"},
        {"sorte": "new_topic", "nom": "", "texte": "a"},
        {"sorte": "wording", "texte": ""},
        {"sorte": "ignore", "texte": "a"},
        {"sorte": "wording", "texte": "a", "commentaire": "x" * 501},
        {"sorte": "wording", "groupe": "1,deux", "jusque": "1"},
        {"sorte": "wording", "groupe": "1", "jusque": "x"},
        {"sorte": "wording", "groupe": ",".join("1" * 61), "jusque": "1"},
        {"sorte": "wording", "groupe": "999999", "jusque": "999999"},
    ],
)
def test_forms_that_make_no_sense_change_nothing(editor: httpx.Client, fields: dict[str, str]) -> None:
    csrf = csrf_of(editor.get("/console/ameliorer").text)
    before = editor.get("/console/ameliorer").text
    assert editor.post("/console/corriger", data={"csrf": csrf} | fields).status_code in (400, 409)
    assert editor.get("/console/ameliorer").text == before


@pytest.mark.parametrize("query", ["?motif=x&canal=%2F%27&page=-1&rang=abc", "?groupe=1", "?page=99999999", "?liste=x&avant=x"])
def test_addresses_that_make_no_sense_show_something_all_the_same(editor: httpx.Client, query: str) -> None:
    for screen in ("boite", "ameliorer", "boite/groupe"):
        assert editor.get(f"/console/{screen}{query}").status_code == 200


def test_a_correction_that_is_gone_is_not_found(editor: httpx.Client) -> None:
    assert editor.get("/console/ameliorer/999999").status_code == 404


def test_readers_see_and_change_nothing(server: str) -> None:
    ask(server, "une question de lecture du journal télévisé", "lecteur")
    with client(server, "lecteur") as reader:
        page = unescape(reader.get("/console/boite").text)
        assert "journal télévisé" in page
        assert 'name="sorte"' not in page
        assert 'name="touches"' not in page
        csrf = csrf_of(page)
        for address in ("corriger", "boite/annuler", "ameliorer/ecrire", "ameliorer/1/confirmer", "ameliorer/1/rejeter"):
            assert reader.post(f"/console/{address}", data={"csrf": csrf}).status_code == 403
