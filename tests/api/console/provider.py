"""An OpenID Connect provider for tests, over HTTP: discovery, authorize, token, keys. Strict where a real one is."""

import base64
import contextlib
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.servers import free_port

CLIENT = "bma-console"
SECRET = "secret-du-client"


@dataclass
class Provider:
    """What the next logins are like; each test sets it."""

    url: str
    claims: dict[str, Any] = field(default_factory=dict)
    """Of the ID token; they replace the right ones, None takes one away."""
    error: str | None = None
    """Instead of a code."""
    alters: dict[str, str] = field(default_factory=dict)
    """Of what the browser brings back."""
    metadata: dict[str, Any] = field(default_factory=dict)
    is_down: bool = False
    tokens_fail: bool = False
    no_id_token: bool = False
    is_forged: bool = False
    """Signed by a key that is not the provider's, under the name of one that is."""
    algorithm: str = "RS256"
    key: RSAKey = field(default_factory=lambda: new_key())
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)

        @app.middleware("http")
        async def down(request: Request, call_next: Any) -> Response:
            self.asked.append(request.url.path)
            if self.is_down:
                return Response(status_code=503)
            answer: Response = await call_next(request)
            return answer

        @app.get("/.well-known/openid-configuration")
        async def discovery() -> dict[str, Any]:
            right = {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
                "code_challenge_methods_supported": ["S256"],
            }
            return right | self.metadata

        @app.get("/authorize")
        async def authorize(request: Request) -> Response:
            """Somebody who is logged in here already."""
            query = dict(request.query_params)
            assert query["response_type"] == "code"
            assert query["client_id"] == CLIENT
            assert query["code_challenge_method"] == "S256"
            assert len(query["code_challenge"]) == 43
            assert "openid" in query["scope"].split()
            assert len(query["state"]) >= 20
            assert len(query["nonce"]) >= 20
            back = {"state": query["state"]}
            if self.error:
                back |= {"error": self.error, "error_description": "<b>phrase du fournisseur</b>"}
            else:
                code = secrets.token_urlsafe(16)
                self.codes[code] = query
                back |= {"code": code}
            return RedirectResponse(f"{query['redirect_uri']}?{urlencode(back | self.alters)}", 302)

        @app.post("/token")
        async def token(request: Request) -> Response:
            if self.tokens_fail:
                return Response(status_code=502)
            form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
            basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
            if request.headers.get("authorization") != f"Basic {basic}":
                return JSONResponse({"error": "invalid_client"}, 401)
            asked = self.codes.pop(form.get("code", ""), None)
            challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=")
            if (
                asked is None
                or form["grant_type"] != "authorization_code"
                or form["redirect_uri"] != asked["redirect_uri"]
                or challenge.decode() != asked["code_challenge"]
            ):
                return JSONResponse({"error": "invalid_grant"}, 400)
            answer = {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "expires_in": 300}
            if not self.no_id_token:
                answer["id_token"] = self.id_token(asked["nonce"])
            return JSONResponse(answer)

        @app.get("/keys")
        async def keys() -> dict[str, Any]:
            return {"keys": [self.key.as_dict(private=False) | {"use": "sig", "alg": "RS256"}]}

        return app

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        right = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": "7f3a",
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "name": "Ada Lambert",
        }
        claims = {name: value for name, value in (right | {"roles": ["bma-edit"]} | self.claims).items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.key.kid}
        if self.algorithm == "none":
            parts = [base64.urlsafe_b64encode(jsonable).rstrip(b"=").decode() for jsonable in _json(header, claims)]
            return f"{parts[0]}.{parts[1]}."
        key = new_key() if self.is_forged else self.key
        return jwt.encode(header, claims, key, algorithms=[self.algorithm])

    def be_good(self) -> None:
        """Forget what the last test wanted; the key stays."""
        fresh = Provider(self.url, key=self.key, asked=[])
        self.__dict__.update(fresh.__dict__)


def new_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": secrets.token_hex(4)}, private=True)


def _json(*values: dict[str, Any]) -> list[bytes]:
    return [json.dumps(value).encode() for value in values]


@contextlib.contextmanager
def provider() -> Iterator[Provider]:
    """A provider that runs until the block ends."""
    port = free_port()
    found = Provider(f"http://127.0.0.1:{port}")
    server = uvicorn.Server(uvicorn.Config(found.app(), host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    limit = time.monotonic() + 10
    while not server.started and time.monotonic() < limit:
        time.sleep(0.01)
    assert server.started
    yield found
    server.should_exit = True
    thread.join(timeout=10)
