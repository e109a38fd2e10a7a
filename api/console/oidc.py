"""Login by OpenID Connect: authorization code with PKCE, by Authlib. Imported only when it is switched on.

Authlib checks signature, expiry and nonce. What it leaves to its caller is here: that the metadata is the issuer's own, that
the token was made for us and by the issuer, which signatures count, and the state, in a signed cookie of ten minutes.
"""

from __future__ import annotations

import hmac
import logging
import time
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

import httpx2
from authlib.integrations.starlette_client import OAuth, OAuthError, StarletteOAuth2App
from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer
from joserfc.errors import JoseError

from api.console.access import set_cookie
from api.console.identity import Identity, mapped
from api.console.names import MAX_NAME
from api.console.oidc_settings import is_safe, read_settings
from api.console.refusals import Refusal
from api.settings import Settings

COOKIE = "bma_console_oidc"
LIFE = 600
"""Seconds to log in at the provider."""
PATIENCE = 10.0
"""Seconds to wait for the provider."""
METADATA_LIFE = 3600.0
"""Seconds after which the provider's metadata and keys are read again."""
LEEWAY = 60
"""Seconds that the provider's clock may differ from ours."""
SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Asymmetric ones: the console could forge the others itself, or anybody could."""
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
log = logging.getLogger("bma.console")
logging.getLogger("authlib").setLevel(logging.INFO)  # its debug lines hold the secrets of a login


class OpenIdConnect:
    """The provider of the settings.

    Args:
        settings: what the operator set.

    Raises:
        SettingsError: a setting is missing or cannot work.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = read_settings(settings)
        self._console_url = (settings.console_url or "").rstrip("/") + "/"
        self._redirect = f"{self._console_url}retour"
        self._cookies = URLSafeTimedSerializer(settings.secret().hash("signing key", "console oidc"), salt="login")
        self._made_at = 0.0
        self._client: StarletteOAuth2App | None = None

    async def begin(self, request: Request) -> Response:
        """See `IdentityProvider`."""
        try:
            client = await self._ready()
            flow = await client.create_authorization_url(self._redirect)
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            self._unreachable(error)
        kept = {name: flow[name] for name in ("state", "nonce", "code_verifier")}
        response = RedirectResponse(flow["url"], 303, headers={"Cache-Control": "no-store"})
        self._set(request, response, str(self._cookies.dumps(kept)), LIFE)
        return response

    async def finish(self, request: Request) -> Identity:
        """See `IdentityProvider`."""
        flow = self._kept(request)
        query = request.query_params
        if not hmac.compare_digest(str(flow["state"]).encode(), query.get("state", "").encode("utf-8", "replace")):
            raise Refusal(400, "oidc_etat")
        if query.get("iss", self._settings.issuer) != self._settings.issuer:  # RFC 9207
            self._wrong("another issuer answers")
        if "error" in query:
            log.warning("login at the identity provider failed: %.64s", "".join(filter(str.isidentifier, query["error"])))
            raise Refusal(403, "oidc_refus")
        try:
            return self._identity(await self._claims(query.get("code", ""), flow))
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            self._unreachable(error)
        except (OAuthError, JoseError, ValueError, KeyError, TypeError) as error:
            self._wrong(type(error).__name__)

    def forget(self, request: Request, response: Response) -> None:
        """See `IdentityProvider`."""
        self._set(request, response, "", 0)

    async def _ready(self) -> StarletteOAuth2App:
        """The client, with the provider's metadata read and checked."""
        if self._client is not None and time.monotonic() - self._made_at < METADATA_LIFE:
            return self._client
        ours = self._settings
        client: StarletteOAuth2App = OAuth().register(
            "oidc",
            client_id=ours.client_id,
            client_secret=ours.client_secret,
            server_metadata_url=ours.metadata_url,
            client_kwargs={"scope": "openid profile", "code_challenge_method": "S256", "timeout": PATIENCE},
        )
        metadata = await client.load_server_metadata()
        if metadata.get("issuer") != ours.issuer:
            raise ValueError("the metadata is another issuer's")
        if not all(is_safe(str(metadata.get(name, "")).partition("?")[0]) for name in ENDPOINTS):
            raise ValueError("an endpoint is missing, or no https:// address")
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [name for name in offered if name in SIGNATURES]
        self._client, self._made_at = client, time.monotonic()
        return client

    async def _claims(self, code: str, flow: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the provider's ID token says, checked."""
        client = await self._ready()
        token = await client.fetch_access_token(self._redirect, code=code, code_verifier=flow["code_verifier"])
        wanted = {
            "iss": {"essential": True, "value": self._settings.issuer},
            "aud": {"essential": True, "value": self._settings.client_id},
        }
        if not token.get("id_token"):
            raise ValueError("no ID token")
        claims: Mapping[str, Any] = await client.parse_id_token(token, flow["nonce"], claims_options=wanted, leeway=LEEWAY)
        return claims

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        subject = claims["sub"]
        if not isinstance(subject, str) or not subject or not subject.isprintable():
            raise TypeError("sub")
        names = (claims.get("name"), claims.get("preferred_username"), subject)
        name = next(found for found in names if isinstance(found, str) and found.strip() and found.isprintable())
        return Identity(
            subject, name.strip()[:MAX_NAME], mapped(values_of(claims, self._settings.roles_claim), self._settings.roles)
        )

    def _kept(self, request: Request) -> Mapping[str, Any]:
        try:
            kept = self._cookies.loads(request.cookies.get(COOKIE, ""), max_age=LIFE)
        except BadSignature as error:
            raise Refusal(400, "oidc_etat") from error
        return dict(kept)

    def _set(self, request: Request, response: Response, value: str, max_age: int) -> None:
        is_https = self._console_url.startswith("https://")
        set_cookie(request, response, COOKIE, value, is_https=is_https, max_age=max_age)

    def _unreachable(self, error: Exception) -> NoReturn:
        log.error("the identity provider cannot be used: %s", type(error).__name__)
        raise Refusal(503, "oidc_panne") from error

    def _wrong(self, why: str) -> NoReturn:
        self._client = None  # its keys may be others now
        log.error("the identity provider's answer is not accepted: %s", why)
        raise Refusal(403, "oidc_jeton")


def values_of(claims: Mapping[str, Any], name: str) -> Iterable[str]:
    """The values of a claim, such as `roles`, or below others, such as `realm_access.roles`.

    Args:
        claims: of an ID token.
        name: as it is written in the token; dots lead into objects.
    """
    found: Any = claims
    for part in [name] if name in claims else name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return [found]
    return [value for value in found if isinstance(value, str)] if isinstance(found, list) else []
