"""Settings of OpenID Connect, from the environment (prefix `BMA_OIDC_`) or `.env`; documented in docs/settings.md."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode

from api.console.rights import Role
from api.settings import Settings, SettingsError, read_from

PREFIX = "BMA_OIDC_"
DISCOVERY = "/.well-known/openid-configuration"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class OidcSettings(BaseSettings):
    """What an operator can set of the identity provider."""

    model_config = read_from(PREFIX)

    issuer: str = Field("", description="Issuer of the OpenID Connect provider; its metadata is below it.")
    client_id: str = Field("", description="What the provider calls the console.")
    client_secret: str = Field("", repr=False, description="Proves to the provider that it is the console.")
    roles_claim: str = Field("roles", min_length=1, description="Claim of the ID token that holds somebody's roles.")
    roles: Annotated[dict[str, Role], NoDecode] = Field(
        default_factory=dict, description="Which value of the claim is which role here: `value=role`, separated by commas."
    )

    @field_validator("roles", mode="before")
    @classmethod
    def _pairs(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = [item.rpartition("=") for item in value.split(",") if item.strip()]
        return {name.strip(): role.strip() for name, _, role in pairs}

    @property
    def metadata_url(self) -> str:
        """Where the provider describes itself."""
        return self.issuer.rstrip("/") + DISCOVERY


def read_settings(settings: Settings) -> OidcSettings:
    """The settings, complete.

    Raises:
        SettingsError: one is missing or cannot work.
    """
    issuer = (settings.oidc_issuer or "").removesuffix(DISCOVERY)
    try:
        found = OidcSettings().model_copy(update={"issuer": issuer})
    except ValidationError as error:
        detail = error.errors()[0]
        raise SettingsError(f"{PREFIX}{str(detail['loc'][0]).upper()}: {detail['msg']}") from error
    if not is_safe(found.issuer):
        raise SettingsError("BMA_OIDC_ISSUER is no https:// address (http:// only on this machine)")
    if not is_safe(settings.console_url or ""):
        raise SettingsError("BMA_CONSOLE_URL is required with BMA_OIDC_ISSUER: write https://…/console/")
    for name in ("client_id", "client_secret"):
        if not getattr(found, name):
            raise SettingsError(f"{PREFIX}{name.upper()} is required with BMA_OIDC_ISSUER")
    if not found.roles or "" in found.roles:
        roles = ", ".join(Role)
        raise SettingsError(f"BMA_OIDC_ROLES says which role of the provider is which here: write value=role,… (roles: {roles})")
    return found


def is_safe(url: str) -> bool:
    """Whether nobody on the way can read what is sent to an address: HTTPS, or this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    if not host or parts.username is not None or parts.query or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
