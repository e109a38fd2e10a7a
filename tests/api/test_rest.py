"""The REST channel of a real server: Rasa's shape, and clean answers to bad input."""

import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.servers import TOKEN, assistant

pytestmark = pytest.mark.slow
URL = "/webhooks/rest/webhook"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, Path]]:
    folder = tmp_path_factory.mktemp("rest")
    with (
        assistant(folder, {"BMA_ALLOWED_ORIGINS": "https://ecole.example"}) as url,
        httpx.Client(base_url=url, trust_env=False) as client,
    ):
        yield client, folder


@pytest.fixture
def client(server: tuple[httpx.Client, Path]) -> httpx.Client:
    return server[0]


def ask(client: httpx.Client, message: str, sender: str | None = None, **more: object) -> list[dict]:
    response = client.post(URL, json={"sender": sender or str(uuid.uuid4()), "message": message, **more})
    assert response.status_code == 200, response.text
    return response.json()


def answers(said: list[dict]) -> list[str]:
    return [item["metadata"]["utter_action"] for item in said]


def test_the_channel_is_there(client: httpx.Client) -> None:
    assert client.get("/webhooks/rest/").json() == {"status": "ok"}


def test_a_question_gets_the_answer_of_the_page(client: httpx.Client) -> None:
    said = ask(client, "Quelle est la capacité de stockage de la nouvelle boite mail administrative ?", "ecole-1")
    assert answers(said) == ["utter_capacite"]
    assert said[0]["recipient_id"] == "ecole-1"
    assert "25 fois supérieure" in said[0]["text"]
    assert "enseignement.be" in said[0]["text"]


def test_without_sender_a_random_one_is_given(client: httpx.Client) -> None:
    first, second = (client.post(URL, json={"message": "Bonjour"}).json()[0]["recipient_id"] for _ in range(2))
    assert first != second
    assert len(first) >= 32
    assert client.get(f"/conversations/{first}/tracker", params={"token": TOKEN}).status_code == 200


def test_password_question_and_its_buttons(client: httpx.Client) -> None:
    said = ask(client, "J'ai perdu le mot de passe de la boite mail administrative", "ecole-2")
    assert answers(said) == ["utter_ask_connu_mode"]
    buttons = {button["title"]: button["payload"] for button in said[0]["buttons"]}
    assert list(buttons) == ["Oui, connu dans MODE", "Non, pas connu dans MODE", "Je ne sais pas"]
    assert answers(ask(client, buttons["Je ne sais pas"], "ecole-2")) == ["utter_mode_inconnu", "utter_ask_connu_mode"]
    form = ask(client, buttons["Non, pas connu dans MODE"], "ecole-2")
    assert answers(form) == ["utter_mot_de_passe_hors_mode"]
    assert "formulaire" in form[0]["text"].lower()
    assert answers(ask(client, "oui")) == ["utter_affirmation"]


def test_oui_and_non_answer_the_question_that_was_asked(client: httpx.Client) -> None:
    for word, expected in (("oui", "utter_mot_de_passe_mode"), ("non", "utter_mot_de_passe_hors_mode")):
        sender = str(uuid.uuid4())
        ask(client, "mot de passe de la BMA oublié", sender)
        assert answers(ask(client, word, sender)) == [expected]


def test_the_type_decides_when_the_page_lists_it(client: httpx.Client) -> None:
    said = ask(client, "Nous sommes un internat et nous avons perdu le mot de passe de la BMA")
    assert answers(said) == ["utter_mot_de_passe_hors_mode"]
    said = ask(client, "Nous sommes une école primaire et nous avons perdu le mot de passe de la BMA")
    assert answers(said) == ["utter_ask_connu_mode"]


def test_address_from_a_fase_number(client: httpx.Client) -> None:
    said = ask(client, "quelle est l'adresse mail administrative de l'école avec le numéro FASE 5464 ?")
    assert answers(said) == ["utter_adresse_fase"]
    assert "ec005464@adm.cfwb.be" in said[0]["text"]


def test_the_webmail_is_shown_as_the_page_prints_it(client: httpx.Client) -> None:
    said = ask(client, "/acces_webmail")
    assert "https://www.webmail@adm.cfwb.be" in said[0]["text"]


def test_one_json_object_a_line_when_streaming(client: httpx.Client) -> None:
    response = client.post(URL, params={"stream": "true"}, json={"sender": "s", "message": "Bonjour"})
    assert [json.loads(line)["recipient_id"] for line in response.text.splitlines()] == ["s"]


def test_a_message_id_that_comes_again_gets_the_stored_answer(client: httpx.Client) -> None:
    body = {"sender": "ecole-3", "message": "Bonjour", "metadata": {"message_id": "m-1"}}
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: client.post(URL, json=body).json(), range(8)))
    assert all(reply == replies[0] for reply in replies)
    tracker = client.get("/conversations/ecole-3/tracker", params={"token": TOKEN}).json()
    assert sum(event["event"] == "user" for event in tracker["events"]) == 1
    other = client.post(URL, json={**body, "message": "Au revoir"})
    assert other.status_code == 409
    assert "identifiant" in other.json()["message"]


BAD_BODIES = {
    "no JSON": (b"bonjour", 400),
    "half JSON": (b'{"message": "x"', 400),
    "a list": (b"[]", 400),
    "a number": (b"3", 400),
    "null": (b"null", 400),
    "deep": (b"[" * 30_000, 400),
    "not UTF-8": (b'{"message": "\xff\xfe"}', 400),
    "no message": (b'{"sender": "a"}', 400),
    "message a number": (b'{"message": 3}', 400),
    "message a list": (b'{"message": ["a"]}', 400),
    "message null": (b'{"message": null}', 400),
    "sender a number": (b'{"sender": 3, "message": "a"}', 400),
    "sender empty": (b'{"sender": "", "message": "a"}', 400),
    "sender too long": (json.dumps({"sender": "a" * 256, "message": "a"}).encode(), 400),
    "sender with NUL": (b'{"sender": "a\\u0000", "message": "a"}', 400),
    "sender a lone surrogate": (b'{"sender": "\\ud800", "message": "a"}', 400),
    "metadata a list": (b'{"message": "a", "metadata": []}', 400),
    "message id a number": (b'{"message": "a", "metadata": {"message_id": 1}}', 400),
    "message id too long": (json.dumps({"message": "a", "metadata": {"message_id": "x" * 65}}).encode(), 400),
    "1 MB": (json.dumps({"message": "a" * 1_000_000}).encode(), 413),
    "too long": (json.dumps({"message": "a" * 5_001}).encode(), 413),
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_bad_request_gets_a_status_and_a_french_sentence(client: httpx.Client, name: str) -> None:
    body, status = BAD_BODIES[name]
    response = client.post(URL, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == status
    error = response.json()
    assert error["status"] == "failure"
    assert len(error["message"]) > 20
    assert "Traceback" not in response.text


ODD_TEXTS = {
    "empty": "",
    "spaces": "   ",
    "emoji": "🍕🦄🚌",
    "zero-width": "\u200b\u200c\u200d\ufeff",
    "right to left": "\u202eBonjour",
    "arabic": "مرحبا كيف حالك",
    "NUL": "bon\0jour",
    "lone surrogate": "\ud83d boite",
    "restart": "/restart",
    "unknown payload": '/unknown{"a":1}',
    "payload with confidence": "/redirection@0.1",
    "payload with entity": '/redirection{"a": "b"}',
    "back": "/back",
    "session start": "/session_start",
    "slash": "/",
    "control": "\x01\x02\x03",
    "html": "<script>alert(1)</script>",
    "braces": "{lien_page} {{x}} {0}",
    "one letter": "a",
    "long word": "a" * 5_000,
    "many lines": "\n" * 4_000 + "bonjour",
    "punctuation": "?!?!",
}


@pytest.mark.parametrize("name", ODD_TEXTS)
def test_an_odd_text_gets_a_french_answer(client: httpx.Client, name: str) -> None:
    body = json.dumps({"sender": str(uuid.uuid4()), "message": ODD_TEXTS[name]})
    response = client.post(URL, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 200
    said = response.json()
    assert said
    assert all(item["text"].strip() for item in said)
    assert "utter_back" not in answers(said)


def test_the_token_makes_any_payload_honoured(client: httpx.Client) -> None:
    body = {"sender": "t", "message": '/redirection@0.9{"type_etablissement": "po"}'}
    trusted = client.post(URL, json=body, headers={"Authorization": f"Bearer {TOKEN}"}).json()
    assert answers(trusted) == ["utter_redirection"]


def test_text_plain_needs_an_allowed_origin(client: httpx.Client) -> None:
    body = json.dumps({"message": "Bonjour"})

    def post(origin: str | None) -> int:
        headers = {"Content-Type": "text/plain", **({"Origin": origin} if origin else {})}
        return client.post(URL, content=body, headers=headers).status_code

    assert post(None) == 200
    assert post("https://ecole.example") == 200
    assert post(str(client.base_url).rstrip("/")) == 200
    assert post("https://autre.example") == 403
    assert post("null") == 403
    assert client.post(URL, content="message=a", headers={"Content-Type": "application/x-www-form-urlencoded"}).status_code == 415


def test_nothing_typed_is_in_the_logs_and_no_secret_is_stored(server: tuple[httpx.Client, Path]) -> None:
    client, folder = server
    secret = "Girafe#4471"
    said = ask(client, f"mon mot de passe c'est {secret} et la boite le refuse, merci de m'aider zygomatique")
    assert secret not in json.dumps(said, ensure_ascii=False)
    client.get("/status", params={"token": TOKEN})
    log = ""
    for _ in range(100):  # a request's line is written once its answer has left
        client.get("/webhooks/rest/")
        if "/status" in (log := (folder / "server.log").read_text()):
            break
    stored = b"".join(path.read_bytes() for path in folder.glob("bma.sqlite3*"))
    assert b"zygomatique" in stored
    assert secret.encode() not in stored
    assert "zygomatique" not in log
    assert secret not in log
    assert TOKEN not in log
    assert "/status" in log
