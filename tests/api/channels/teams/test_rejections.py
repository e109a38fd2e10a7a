"""A stranger's token gets nothing: every refusal over HTTP, with keys from a local key server."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.api.channels.teams import wire
from tests.api.channels.teams.microsoft import APP, TENANT, Microsoft, local_microsoft
from tests.api.channels.teams.users import Teams, User

pytestmark = pytest.mark.slow

OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_TENANT = "00000000-1111-4222-8333-444444444444"
NOW = int(time.time())


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def joined(header: Any, claims: Any) -> str:
    return ".".join(encoded(json.dumps(item).encode()) for item in (header, claims))


def unsigned(microsoft: Microsoft) -> str:
    claims = jwt.decode(microsoft.token(), options={"verify_signature": False})
    return joined({"alg": "none", "kid": "k1", "typ": "JWT"}, claims) + "."


def with_public_key_as_secret(microsoft: Microsoft) -> str:
    """HS256 over the public key, which everybody knows; made by hand, because PyJWT refuses to."""
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    claims = jwt.decode(microsoft.token(), options={"verify_signature": False})
    body = joined({"alg": "HS256", "kid": "k1", "typ": "JWT"}, claims)
    return f"{body}.{encoded(hmac.digest(microsoft.key.public_key().public_bytes(*form), body.encode(), 'sha256'))}"


TOKENS: dict[str, Callable[[Microsoft], str | None]] = {
    "none": lambda _: None,
    "garbage": lambda _: "abc",
    "garbage in three parts": lambda _: "a.b.c",
    "algorithm none": unsigned,
    "HS256 with the public key": with_public_key_as_secret,
    "another key": lambda microsoft: microsoft.token(key=OTHER_KEY),
    "an unknown key id": lambda microsoft: microsoft.token(kid="inconnu"),
    "no key id": lambda microsoft: microsoft.token(kid=None),
    "another application": lambda microsoft: microsoft.token(aud="66666666-0000-4000-8000-000000000000"),
    "several applications": lambda microsoft: microsoft.token(aud=[APP, "x"]),
    "our application in a list": lambda microsoft: microsoft.token(aud=[APP]),
    "no application": lambda microsoft: microsoft.token(aud=None),
    "expired": lambda microsoft: microsoft.token(exp=NOW - 400),
    "no expiry": lambda microsoft: microsoft.token(exp=None),
    "not yet": lambda microsoft: microsoft.token(nbf=NOW + 3600),
    "Entra, our tenant": lambda microsoft: microsoft.token(iss=f"https://login.microsoftonline.com/{TENANT}/v2.0"),
    "Entra v1, our tenant": lambda microsoft: microsoft.token(iss=f"https://sts.windows.net/{TENANT}/"),
    "another tenant": lambda microsoft: microsoft.token(iss=f"https://login.microsoftonline.com/{OTHER_TENANT}/v2.0"),
    "an issuer of its own": lambda microsoft: microsoft.token(iss="https://evil.example"),
    "no issuer": lambda microsoft: microsoft.token(iss=None),
    "another service URL": lambda microsoft: microsoft.token(serviceurl="https://smba.trafficmanager.net/emea/"),
    "no service URL": lambda microsoft: microsoft.token(serviceurl=None),
    "a key for another channel": lambda microsoft: microsoft.token(kid="k2"),
}


@pytest.mark.parametrize("name", TOKENS)
def test_a_token_that_is_not_teams_s(teams: Teams, name: str) -> None:
    response = teams.post(wire.message(teams.microsoft, "bonjour", "intrus"), TOKENS[name](teams.microsoft))
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json()["reason"] == "teams_refused"


def test_a_header_that_is_no_bearer_token(teams: Teams) -> None:
    for header in ("Basic abc", "Bearer", "Digest x", teams.microsoft.token()):
        response = teams.client.post("/api/messages", json={}, headers={"Authorization": header})
        assert response.status_code == 401, header


BODIES: dict[str, Any] = {
    "no JSON": b"{",
    "no UTF-8": b'{"type": "\xff"}',
    "a list": [],
    "an empty object": {},
    "null": None,
    "nested too deep": b"[" * 100_000,
    "a type that is a number": {"type": 1},
    "an empty locale": {"locale": ""},
    "replyToId null": {"replyToId": None},
    "no id": {"id": None},
    "an id of 300 characters": {"id": "1" * 300},
    "an id with NUL": {"id": "a\0b"},
    "a user's id with a space": {"from": {"id": "29:x", "aadObjectId": "a b"}},
    "no conversation": {"conversation": None},
    "a conversation without id": {"conversation": {}},
    "no sender": {"from": None},
    "no recipient": {"recipient": None},
    "no service URL": {"serviceUrl": None},
    "another channel": {"channelId": "webchat"},
    "a channel without name": {"channelId": ":"},
    "contradicting channels": {"channelId": "msteams:a", "entities": [{"type": "ProductInfo", "id": "b"}]},
    "text that is a list": {"text": []},
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_no_activity(teams: Teams, name: str) -> None:
    body = BODIES[name]
    if isinstance(body, dict) and body:
        changed = {**wire.message(teams.microsoft, "bonjour"), **body}
        body = {key: value for key, value in changed.items() if value is not None or key == "replyToId"}
    response = teams.post(b"null" if body is None else body)
    assert (response.status_code, response.json()["reason"]) == (400, "teams_activity")


def test_lone_surrogates_and_nul_in_a_text_are_answered(teams: Teams) -> None:
    body = json.dumps(wire.message(teams.microsoft, "mot de passe \udfff perdu \0 ?", "bizarre")).encode()
    assert teams.post(body).status_code in (202, 400)
    User(teams, "bizarre").says("bonjour")


def test_one_megabyte_is_too_much(teams: Teams) -> None:
    response = teams.post(wire.message(teams.microsoft, "x" * 1_000_000))
    assert (response.status_code, response.json()["reason"]) == (413, "teams_too_large")


def test_another_tenant_is_not_answered(teams: Teams) -> None:
    body = wire.message(teams.microsoft, "bonjour", "voisin")
    body["conversation"]["tenantId"] = OTHER_TENANT
    assert teams.post(body).status_code == 403
    del body["conversation"]["tenantId"], body["channelData"]
    assert teams.post(body).status_code == 403


def test_our_token_goes_to_no_other_host(teams: Teams, tmp_path: Path) -> None:
    with local_microsoft(tmp_path, "127.0.0.2") as evil:
        url = f"http://127.0.0.2:{evil.port}/emea/{TENANT}/"
        user_part = f"http://127.0.0.1@127.0.0.2:{evil.port}/"
        for service_url, claim in (
            (url, url),  # the connector's own token, for another host
            (url, teams.microsoft.service_url),  # another host than the token's
            (user_part, user_part),
            (f"http://127.0.0.2:{evil.port}/?127.0.0.1", f"http://127.0.0.2:{evil.port}/?127.0.0.1"),
            ("https://evil.example/", "https://evil.example/"),
            ("ftp://127.0.0.1/", "ftp://127.0.0.1/"),
            ("http://[::1", "http://[::1"),
        ):
            body = {**wire.message(teams.microsoft, "bonjour", "vol"), "serviceUrl": service_url}
            assert teams.post(body, teams.microsoft.token(serviceurl=claim)).status_code == 401, service_url
        User(teams, "temoin").says("bonjour")
        assert evil.requests == 0


def test_what_is_refused_leaves_nothing_and_is_logged_without_a_word_of_it(teams: Teams) -> None:
    names = "('29:intrus', 'a:intrus')"
    assert not teams.rows(f"SELECT 1 FROM inbox WHERE reference LIKE '%intrus%' OR activity_id IN {names}")
    log = (teams.folder / "server.log").read_text()
    assert "refused: key not endorsed for the channel" in log
    assert "eyJ" not in log
    assert "Traceback" not in log


def test_forged_key_ids_do_not_make_us_fetch_again_and_again(teams: Teams) -> None:
    for number in range(20):
        token = teams.microsoft.token(kid=f"k{number + 10}")
        assert teams.post(wire.message(teams.microsoft, "bonjour"), token).status_code == 401
    assert teams.microsoft.fetches <= 2
