"""Microsoft on loopback: keys, tokens, and a connector that records what it gets and answers as told.

The wire forms are those that were recorded from Microsoft's own tools (channel msteams).
"""

import json
import ssl
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

APP = "11111111-2222-4333-8444-555555555555"
TENANT = "99999999-8888-4777-8666-555555555555"
ISSUER = "https://api.botframework.com"
SECRET = "secret-du-robot"
OUR_TOKEN = "jeton-du-robot"
BOT = "28:bot"


@dataclass(frozen=True)
class Sent:
    """A request that the connector got."""

    path: str
    authorization: str | None
    body: dict[str, Any]
    at: float
    id: str

    @property
    def kind(self) -> str:
        return str(self.body["type"])

    @property
    def conversation(self) -> str:
        return self.path.split("/v3/conversations/")[1].split("/")[0]

    @property
    def card(self) -> dict[str, Any]:
        (attachment,) = self.body["attachments"]
        assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
        return dict(attachment["content"])

    @property
    def words(self) -> str:
        return str(self.card["fallbackText"])

    @property
    def buttons(self) -> list[dict[str, Any]]:
        return [action for item in self.card["body"] if item["type"] == "ActionSet" for action in item["actions"]]


@dataclass
class Microsoft:
    """One local Microsoft."""

    key: rsa.RSAPrivateKey
    port: int = 0
    token_port: int = 0
    certificate: Path = Path()
    sent: list[Sent] = field(default_factory=list)
    replies: deque[tuple[int, Mapping[str, str]]] = field(default_factory=deque)
    """Statuses and headers of the next answers; 201 when empty."""
    changed: threading.Condition = field(default_factory=threading.Condition)
    requests: int = 0
    """How many requests of any kind it got."""
    fetches: int = 0
    """How often the keys were fetched."""

    @property
    def service_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/emea/{TENANT}/"

    @property
    def env(self) -> dict[str, str]:
        """Settings of an assistant that talks to this Microsoft."""
        return {
            "BMA_TEAMS_APP_ID": APP,
            "BMA_TEAMS_TENANT_ID": TENANT,
            "BMA_TEAMS_CLIENT_SECRET": SECRET,
            "BMA_TEAMS_MODE": "test",
            "BMA_TEAMS_SERVICE_HOSTS": "127.0.0.1",
            "BMA_TEAMS_METADATA_URL": f"http://127.0.0.1:{self.port}/v1/.well-known/openidconfiguration",
            "BMA_TEAMS_AUTHORITY": f"https://localhost:{self.token_port}/adfs",
            "REQUESTS_CA_BUNDLE": str(self.certificate),
            "NO_PROXY": "127.0.0.1,localhost",
        }

    def token(self, kid: str | None = "k1", key: Any = None, algorithm: str = "RS256", **changes: Any) -> str:
        """A token as the connector makes them; a claim that is changed to None is left out."""
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": APP, "exp": now + 600, "nbf": now - 10, "serviceurl": self.service_url} | changes
        claims = {name: value for name, value in claims.items() if value is not None}
        headers = {"kid": kid} if kid is not None else {}
        return jwt.encode(claims, self.key if key is None else key, algorithm=algorithm, headers=headers)

    def taken(self, conversation: str, kind: str = "message") -> list[Sent]:
        """What the connector took for a conversation."""
        return [item for item in self.sent if item.conversation == conversation and item.kind == kind]

    def wait(self, conversation: str, count: int, timeout: float = 15.0) -> list[Sent]:
        """A conversation's messages, once there are so many."""
        with self.changed:
            enough = self.changed.wait_for(lambda: len(self.taken(conversation)) >= count, timeout)
            assert enough, (count, self.taken(conversation))
            return self.taken(conversation)

    def public_keys(self) -> list[dict[str, Any]]:
        jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        public = {**jwk, "use": "sig", "alg": "RS256"}
        return [{**public, "kid": "k1", "endorsements": ["msteams"]}, {**public, "kid": "k2", "endorsements": ["webchat"]}]


class _Http(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    microsoft: Microsoft

    def log_message(self, *_arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        self.microsoft.requests += 1
        if self.path == "/v1/.well-known/openidconfiguration":
            self.microsoft.fetches += 1
            self._answer(200, {"issuer": ISSUER, "jwks_uri": f"http://127.0.0.1:{self.microsoft.port}/v1/.well-known/keys"})
        elif self.path == "/v1/.well-known/keys":
            self._answer(200, {"keys": self.microsoft.public_keys()})
        elif self.path == "/adfs/.well-known/openid-configuration":
            base = f"https://localhost:{self.microsoft.token_port}/adfs"
            names = {"authorization_endpoint": f"{base}/authorize", "token_endpoint": f"{base}/token", "issuer": base}
            self._answer(200, names)
        else:
            self._answer(404, {})

    def do_POST(self) -> None:
        self.microsoft.requests += 1
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.path == "/adfs/token":
            if f"client_secret={SECRET}".encode() not in raw:
                error = {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided."}
                self._answer(401, error)
                return
            self._answer(200, {"access_token": OUR_TOKEN, "token_type": "Bearer", "expires_in": 3600})
            return
        microsoft, body = self.microsoft, json.loads(raw)
        status, headers = 201, {}
        with microsoft.changed:
            if body["type"] == "message" and microsoft.replies:
                status, headers = microsoft.replies.popleft()
            name = f"envoi-{microsoft.requests}"
            if status < 300:
                authorization = self.headers.get("Authorization")
                microsoft.sent.append(Sent(unquote(self.path), authorization, body, time.monotonic(), name))
            microsoft.changed.notify_all()
        self._answer(status, {"id": name}, headers)

    def _answer(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def local_microsoft(folder: Path, host: str = "127.0.0.1") -> Iterator[Microsoft]:
    """Microsoft, until the block ends."""
    microsoft = Microsoft(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    handler = type("Handler", (_Http,), {"microsoft": microsoft})
    plain, secure = ThreadingHTTPServer((host, 0), handler), ThreadingHTTPServer((host, 0), handler)
    microsoft.certificate, private = _certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(microsoft.certificate, private)
    secure.socket = context.wrap_socket(secure.socket, server_side=True)
    microsoft.port, microsoft.token_port = plain.server_port, secure.server_port
    threads = [threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True) for server in (plain, secure)]
    for thread in threads:
        thread.start()
    try:
        yield microsoft
    finally:
        for server in (plain, secure):
            server.shutdown()
            server.server_close()


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost, and its key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "microsoft.pem", folder / "microsoft.key"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    private.write_bytes(key.private_bytes(*form))
    return public, private
