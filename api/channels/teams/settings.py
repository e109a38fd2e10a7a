"""Settings of the channel, from the environment (prefix `BMA_TEAMS_`) or `.env`; documented in docs/settings.md."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode

from api.settings import Settings, SettingsError, read_from

PREFIX = "BMA_TEAMS_"
Credential = Literal["secret", "certificate", "managed_identity"]
Mode = Literal["production", "test"]
METADATA_URL = "https://login.botframework.com/v1/.well-known/openidconfiguration"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)


class TeamsSettings(BaseSettings):
    """What an operator can set of the channel."""

    model_config = read_from(PREFIX)

    app_id: str = Field("", description="Application (client) id of the bot's registration; empty: the channel is off.")
    tenant_id: str = Field("", description="Directory (tenant) id of the bot's registration.")
    credential: Credential = Field("secret", description="How the bot proves who it is.")
    client_secret: str = Field("", repr=False, description="Client secret, with `secret`.")
    certificate: Path | None = Field(None, description="PFX file, with `certificate`.")
    tenants: Annotated[tuple[str, ...], NoDecode] = Field((), description="Tenants that are answered.")
    service_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        ("smba.trafficmanager.net",), description="Hosts that our answers, with our token, may be sent to."
    )
    workers: int = Field(8, ge=1, le=64, description="Answers that are worked on at the same time, at most.")
    mode: Mode = Field("production", description="`test` allows the next settings, and plain HTTP on this machine.")
    anonymous: bool = Field(False, description="Accept requests without a token.")
    metadata_url: str = Field(METADATA_URL, description="OpenID metadata of the Bot Framework's keys.")
    authority: str = Field("", description="Who issues our token.")

    @field_validator("tenants", "service_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(item.strip().lower() for item in value.split(",") if item.strip())
        return value

    @property
    def is_test(self) -> bool:
        """Whether this is no production."""
        return self.mode == "test"

    @property
    def answered_tenants(self) -> frozenset[str]:
        """Whose users are answered: by default those of the bot's own tenant."""
        return frozenset(self.tenants or (self.tenant_id.lower(),))

    def allows_service(self, url: str) -> bool:
        """Whether an answer, and with it our token, may go to a service URL."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            return False
        if not host or parts.username is not None or parts.query or parts.fragment or host not in self.service_hosts:
            return False
        if self.is_test and host in LOOPBACK:
            return parts.scheme in ("http", "https")
        return parts.scheme == "https" and port in (None, 443)


def read_settings(settings: Settings) -> TeamsSettings:
    """The channel's settings, checked.

    Args:
        settings: the server's; they switch the channel on.

    Raises:
        SettingsError: one cannot work; the message says what to set.
    """
    try:
        found = TeamsSettings(app_id=settings.teams_app_id or "")
    except ValidationError as error:
        raise SettingsError("; ".join(_said(problem) for problem in error.errors())) from error
    problem = _problem(found, settings)
    if problem:
        raise SettingsError(problem)
    return found


def _said(problem: object) -> str:
    assert isinstance(problem, dict)
    name = PREFIX + "_".join(str(part) for part in problem["loc"]).upper()
    return f"{name}: {problem['msg']}"


def _problem(found: TeamsSettings, settings: Settings) -> str | None:
    """What is wrong first, and what to set instead."""
    if found.is_test:
        if found.anonymous and settings.host not in LOOPBACK:
            return f"{PREFIX}ANONYMOUS=true needs BMA_HOST=127.0.0.1: anybody who reaches the server could speak for anybody"
        if found.anonymous:
            return None
    else:
        for name in ("anonymous", "authority", "metadata_url"):
            if getattr(found, name) != TeamsSettings.model_fields[name].default:
                return f"{PREFIX}{name.upper()} may be set with {PREFIX}MODE=test only; remove it"
    for name, what in (("app_id", "application (client) id"), ("tenant_id", "directory (tenant) id")):
        if not _GUID.fullmatch(getattr(found, name)):
            return f"{PREFIX}{name.upper()} must be the {what} of the bot's registration, such as 00000000-0000-…"
    return _problem_of_credential(found)


def _problem_of_credential(found: TeamsSettings) -> str | None:
    assert found.credential in get_args(Credential)
    if found.credential == "secret" and not found.client_secret:
        return f"{PREFIX}CLIENT_SECRET is missing; make one in the registration, or set {PREFIX}CREDENTIAL=managed_identity"
    if found.credential == "certificate":
        if found.certificate is None:
            return f"{PREFIX}CERTIFICATE is missing: the PFX file of {PREFIX}CREDENTIAL=certificate"
        if not found.certificate.is_file():
            return f"{PREFIX}CERTIFICATE: there is no file {found.certificate}"
    return None
