"""Pages, files and limits of a real server, as a client without a browser sees them."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.assets import WIDGET, assets, snippet
from api.security import POLICY
from tests.servers import TOKEN, assistant

pytestmark = pytest.mark.slow
SITE = "https://ecole.example"
CONTACT = "support@etnic.be"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = {"BMA_ALLOWED_ORIGINS": SITE, "BMA_TRUSTED_PROXIES": "127.0.0.1", "BMA_RATE_LIMIT": "20,600"}
    with assistant(tmp_path_factory.mktemp("pages"), settings) as url:
        yield url


@pytest.fixture
def client(server: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server, trust_env=False) as found:
        yield found


def form(client: httpx.Client) -> dict[str, str]:
    """The hidden fields of the page's form."""
    return dict(re.findall(r'name="(jeton|message_id)" value="([^"]+)"', client.get("/assistant").text))


def post(client: httpx.Client, fields: dict[str, str], headers: dict[str, str] | None = None) -> httpx.Response:
    return client.post("/assistant", data=fields, headers=headers, follow_redirects=True)


# The page


def test_a_form_that_another_site_sends_is_not_answered(client: httpx.Client) -> None:
    fields = form(client) | {"message": "bonjour"}
    for headers in ({"Origin": "https://pirate.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        refused = post(client, fields, headers)
        assert refused.status_code == 403
        assert "Ce message ne vient pas de cette page." in refused.text
        assert "set-cookie" not in refused.headers


def test_a_form_needs_the_token_of_its_conversation(client: httpx.Client) -> None:
    assert post(client, form(client) | {"message": "bonjour"}).status_code == 200
    with httpx.Client(base_url=client.base_url, trust_env=False) as other:
        post(other, form(other) | {"message": "bonjour"})
        stolen = form(other)
    for token in ("", "x", stolen["jeton"], stolen["jeton"][:-1]):
        refused = post(client, {"message": "mon texte", "jeton": token})
        assert refused.status_code == 403
        assert "mon texte</textarea>" in refused.text


def questions(page: httpx.Response) -> list[str]:
    return re.findall(r'<p class="said" dir="auto">(.*?)</p>', page.text)


def test_a_form_sent_twice_is_answered_once(client: httpx.Client) -> None:
    post(client, form(client) | {"message": "bonjour"})
    fields = form(client)
    for _ in range(2):
        twice = post(client, fields | {"message": "merci"})
    assert questions(twice) == ["bonjour", "merci"]
    assert questions(post(client, fields | {"message": "au revoir"})) == ["bonjour", "merci", "au revoir"]


@pytest.mark.parametrize("message_id", ["\0", "a\0b", "x" * 65], ids=["NUL", "NUL inside", "long"])
def test_a_forged_message_id_is_refused(client: httpx.Client, message_id: str) -> None:
    refused = post(client, form(client) | {"message": "mon texte", "message_id": message_id})
    assert refused.status_code == 400
    assert "mon texte</textarea>" in refused.text
    assert post(client, form(client) | {"message": "bonjour", "message_id": ""}).status_code == 200


def test_the_page_is_read_beside_the_turns(tmp_path: Path) -> None:
    """While another process writes to the file, nothing can be asked, and what was said is shown."""
    with assistant(tmp_path) as url, httpx.Client(base_url=url, trust_env=False, timeout=20) as client:
        post(client, form(client) | {"message": "bonjour"})
        writer = sqlite3.connect(tmp_path / "bma.sqlite3", isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        refused = post(client, form(client) | {"message": "merci"})
        assert (refused.status_code, questions(refused)) == (503, ["bonjour"])
        assert "merci</textarea>" in refused.text
        writer.close()


def test_a_long_conversation_shows_its_latest_part_with_the_titles_of_its_buttons(tmp_path: Path) -> None:
    with assistant(tmp_path) as url, httpx.Client(base_url=url, trust_env=False) as client:
        post(client, form(client) | {"message": "mot de passe perdu"})
        for number in range(20):
            post(client, form(client) | {"message": f"bonjour {number}"})
        page = post(client, form(client) | {"choix": "/mot_de_passe_hors_mode"})
        assert questions(page) == [*(f"bonjour {number}" for number in range(1, 20)), "Non, pas connu dans MODE"]
        for number in range(19):
            page = post(client, form(client) | {"message": f"merci {number}"})
    assert questions(page) == ["Non, pas connu dans MODE", *(f"merci {number}" for number in range(19))]
    assert "Seuls les 20 derniers échanges sont montrés." in page.text


def test_looks_at_a_conversation_are_limited_and_those_at_nothing_are_not(tmp_path: Path) -> None:
    with assistant(tmp_path, {"BMA_RATE_LIMIT": "20,3"}) as url, httpx.Client(base_url=url, trust_env=False) as client:
        first = form(client)
        assert [client.get("/assistant").status_code for _ in range(5)] == [200] * 5
        client.post("/assistant", data=first | {"message": "bonjour"})
        looks = [client.get("/assistant") for _ in range(4)]
        assert [look.status_code for look in looks] == [200, 200, 200, 429]
        assert 1 <= int(looks[-1].headers["retry-after"]) <= 60
        assert "trop de messages" in looks[-1].text
        assert client.post("/assistant", data=first | {"message": "merci", "message_id": "2"}).status_code == 303
        assert httpx.get(f"{url}/assistant", trust_env=False).status_code == 200


def test_a_forged_cookie_shows_nothing(client: httpx.Client) -> None:
    assert "Vous</h3>" in post(client, form(client) | {"message": "bonjour"}).text
    cookie = client.cookies["bma_conversation"]
    forged = cookie[:-2] + ("aa" if not cookie.endswith("aa") else "bb")
    assert (
        "Vous</h3>" not in httpx.get(f"{client.base_url}/assistant", cookies={"bma_conversation": forged}, trust_env=False).text
    )


def test_the_cookie_holds_only_a_random_id_and_names_no_path(client: httpx.Client) -> None:
    answer = client.post("/assistant", data=form(client) | {"message": "bonjour"})
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"]
    assert re.fullmatch(r"bma_conversation=[\w.-]{60,90}; HttpOnly; SameSite=lax", cookie), cookie
    https = client.post("/assistant", data=form(client) | {"message": "bonjour"}, headers={"X-Forwarded-Proto": "https"})
    assert "Secure" in https.headers["set-cookie"]


def test_a_conversation_of_the_page_is_not_one_of_the_rest_channel(client: httpx.Client) -> None:
    post(client, form(client) | {"message": "bonjour"})
    page_cookie = client.cookies["bma_conversation"]
    for guess in (page_cookie, page_cookie.split(".")[0]):
        assert client.get(f"/conversations/{guess}/tracker", params={"token": TOKEN}).status_code == 404


def test_links_are_relative_so_that_a_proxy_may_serve_it_under_a_folder(client: httpx.Client) -> None:
    for path in ("/", "/assistant"):
        assert not re.findall(r'(?:href|src|action)="/[^"]*"', client.get(path).text)


# Headers, files, origins


@pytest.mark.parametrize("path", ["/", "/assistant"])
def test_pages_have_safe_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["content-security-policy"] == POLICY
    assert "require-trusted-types-for 'script'" in POLICY
    assert "unsafe" not in POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers


def test_the_script_may_be_loaded_by_any_site_and_has_the_hash_of_the_snippet(client: httpx.Client) -> None:
    code = snippet("https://assistant.example/bma", "Une question sur la BMA ?")
    assert f'integrity="{assets()[WIDGET].integrity}"' in code
    assert '<bma-chat><a href="https://assistant.example/bma/assistant">Une question sur la BMA ?</a></bma-chat>' in code
    path = re.search(r'src="https://assistant.example/bma(/w/[^"]+)"', code)
    assert path is not None
    answer = client.get(path[1], headers={"Origin": "https://autre.example"})
    assert answer.content == assets()[WIDGET].content
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize("name", ["rien.js", "..%2fpages.yml", "%2e%2e/pages.yml", "bma-chat-0.0.0.js"])
def test_no_other_file_is_served(client: httpx.Client, name: str) -> None:
    assert client.get(f"/w/{name}").status_code == 404


def test_only_listed_sites_may_call(client: httpx.Client) -> None:
    asking = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    allowed = client.options("/webhooks/rest/webhook", headers=asking | {"Origin": SITE})
    assert allowed.headers["access-control-allow-origin"] == SITE
    assert "access-control-allow-credentials" not in allowed.headers
    for origin in ("https://autre.example", "https://ecole.example.autre.example", "http://ecole.example", "null"):
        refused = client.options("/webhooks/rest/webhook", headers=asking | {"Origin": origin})
        assert "access-control-allow-origin" not in refused.headers


def test_errors_reach_the_listed_sites_too(client: httpx.Client) -> None:
    answer = client.post("/webhooks/rest/webhook", content=b"{", headers={"Origin": SITE, "Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.headers["access-control-allow-origin"] == SITE


# Limits


def ask(client: httpx.Client, sender: str, address: str) -> httpx.Response:
    body = {"sender": sender, "message": "bonjour"}
    return client.post("/webhooks/rest/webhook", json=body, headers={"X-Forwarded-For": address})


def test_twenty_messages_a_minute_of_one_conversation(client: httpx.Client) -> None:
    statuses = [ask(client, "bavard", "192.0.2.7").status_code for _ in range(21)]
    assert statuses == [200] * 20 + [429]
    refused = ask(client, "bavard", "192.0.2.7")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.json()["reason"] == "too_many"
    assert "Vous avez envoyé trop de messages" in refused.json()["message"]
    assert ask(client, "un autre", "192.0.2.7").status_code == 200


def test_addresses_are_those_that_the_trusted_proxy_gives(tmp_path: Path) -> None:
    limited = {"BMA_RATE_LIMIT": "20,2"}
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with assistant(tmp_path / "a", limited | {"BMA_TRUSTED_PROXIES": "127.0.0.0/8"}) as url:
        with httpx.Client(base_url=url, trust_env=False) as client:
            first = [ask(client, str(number), "192.0.2.1").status_code for number in range(3)]
            other = ask(client, "x", "192.0.2.2").status_code
            forged = ask(client, "y", "198.51.100.1, 192.0.2.1").status_code
        assert (first, other, forged) == ([200, 200, 429], 200, 429)
    with assistant(tmp_path / "b", limited) as url, httpx.Client(base_url=url, trust_env=False) as client:
        assert [ask(client, str(number), f"192.0.2.{number}").status_code for number in range(3)] == [200, 200, 429]


# Switched off


def test_switched_off(tmp_path: Path) -> None:
    with assistant(tmp_path, {"BMA_ASSISTANT_OFF": "true"}) as url, httpx.Client(base_url=url, trust_env=False) as client:
        script = client.get(f"/w/{WIDGET}")
        assert (script.status_code, script.headers["cache-control"]) == (503, "public, max-age=60")
        for answer in (client.get("/assistant"), client.post("/assistant", data={"message": "bonjour"})):
            assert answer.status_code == 503
            assert "L’assistant est arrêté pour le moment." in answer.text
            assert CONTACT in answer.text
            assert "set-cookie" not in answer.headers
        message = client.post("/webhooks/rest/webhook", json={"message": "bonjour"})
        assert (message.status_code, message.json()["reason"]) == (503, "assistant_off")
        assert CONTACT in message.json()["message"]
        assert client.get("/health/ready").status_code == 200
        assert "Une question sur la BMA ?" in client.get("/").text
        mine = client.post("/webhooks/rest/webhook", json={"message": "bonjour"}, headers={"Authorization": f"Bearer {TOKEN}"})
        assert mine.status_code == 200
