"""The pages' forms and the REST bodies: whatever comes, no error of the server."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.servers import TOKEN, assistant, errors_in

pytestmark = pytest.mark.slow
SETTINGS = settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
WEBHOOK = "/webhooks/rest/webhook"
KINDS = ("application/json", "text/plain", "application/x-www-form-urlencoded", "application/vnd.x+json", "", "\u00e9", "a" * 300)
texts = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=8,
)
fields = st.sampled_from(["jeton", "message", "choix", "message_id", "effacer", "csrf", "login", "mot_de_passe", "x", ""])


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder: Path = tmp_path_factory.mktemp("forms")
    with assistant(folder) as url, httpx.Client(base_url=url, trust_env=False, timeout=20) as client:
        yield client
        log = (folder / "server.log").read_text()
        assert errors_in(log) == []


def answered(response: httpx.Response) -> None:
    """An answer that is meant, in the shape that it should have."""
    assert response.status_code < 500, response.text[:500]
    if response.status_code >= 400 and "json" in response.headers.get("content-type", ""):
        assert set(response.json()) == {"version", "status", "message", "reason", "code"}


@SETTINGS
@given(
    st.dictionaries(st.sampled_from(["sender", "message", "metadata", "text", "message_id", "helpful", "reason"]), json_values)
)
def test_rest_values(client: httpx.Client, body: dict[str, object]) -> None:
    raw = json.dumps(body, ensure_ascii=True).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"}
    for path in (WEBHOOK, "/w/feedback", "/model/parse"):
        answered(client.post(path, content=raw, headers=headers))


@SETTINGS
@given(texts, texts, st.one_of(texts, st.none()))
def test_rest_messages(client: httpx.Client, sender: str, message: str, message_id: str | None) -> None:
    body = {"sender": sender, "message": message, "metadata": {"message_id": message_id}}
    raw = json.dumps(body).encode()
    answered(client.post(WEBHOOK, content=raw, headers={"Content-Type": "application/json"}))
    answered(client.post(f"{WEBHOOK}?stream=true", content=raw, headers={"Content-Type": "application/json"}))


@pytest.mark.parametrize("seed", range(3))
def test_rest_bytes(client: httpx.Client, seed: int) -> None:
    """Bytes of a good body changed, cut out and doubled, under any content type."""
    rng = random.Random(seed)
    good = json.dumps({"sender": "octets", "message": "mot de passe perdu ?", "metadata": {"message_id": "m"}}).encode()
    for _ in range(120):
        raw = bytearray(good)
        for _ in range(rng.randint(1, 5)):
            place = rng.randrange(len(raw))
            raw[place : place + rng.randint(0, 4)] = rng.randbytes(rng.randint(0, 4)) or b"["
        headers = {"Content-Type": rng.choice(KINDS).encode()}
        answered(client.post(rng.choice((WEBHOOK, "/w/feedback", "/model/parse")), content=bytes(raw), headers=headers))


def form_token(client: httpx.Client) -> str:
    found = re.search(r'name="jeton" value="([^"]+)"', client.get("/assistant").text)
    assert found is not None
    return found[1]


@SETTINGS
@given(st.lists(st.tuples(fields, texts), max_size=14), st.booleans())
def test_forms(client: httpx.Client, pairs: list[tuple[str, str]], is_ours: bool) -> None:
    if is_ours:
        pairs = [("jeton", form_token(client)), *[pair for pair in pairs if pair[0] != "jeton"]]
    raw = urlencode(pairs, errors="surrogatepass").encode()
    for path in ("/assistant", "/console/connexion"):
        answered(client.post(path, content=raw, headers={"Content-Type": "application/x-www-form-urlencoded"}))


@pytest.mark.parametrize(
    "raw", [b"&" * 60_000, b"a=" * 20_000, b"%" * 60_000, b"\xff\0" * 1000, b"jeton=%00&message=%ED%A0%80", b""]
)
def test_hostile_forms(client: httpx.Client, raw: bytes) -> None:
    for path in ("/assistant", "/console/connexion"):
        for kind in (
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "multipart/form-data",
            "application/json",
        ):
            answered(client.post(path, content=raw, headers={"Content-Type": kind}))
