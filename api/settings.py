"""Settings, from the environment (prefix `BMA_`) or a `.env` file; documented in docs/settings.md."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Annotated, Literal

import sqlalchemy as sa
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.identity import Secret


class SettingsError(Exception):
    """A setting that is missing or wrong; the message says what to set."""


def secrets_folder() -> Path | None:
    """Where files hold settings that are secret, one a file, named as the variable: `BMA_SECRETS_DIR`, or `/run/secrets`."""
    folder = Path(os.environ.get("BMA_SECRETS_DIR") or "/run/secrets")
    return folder if folder.is_dir() else None


def read_from(prefix: str) -> SettingsConfigDict:
    """Where settings of a prefix come from: the environment, `.env`, files of secrets. Errors repeat no value."""
    return SettingsConfigDict(
        env_prefix=prefix, env_file=".env", extra="ignore", secrets_dir=secrets_folder(), hide_input_in_errors=True
    )


class Settings(BaseSettings):
    """What an operator can set."""

    model_config = read_from("BMA_")

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    project_dir: Path = Field(Path("."), description="Folder of the Rasa project (config.yml, domain.yml, data/).")
    config: Path | None = Field(None, description="Another configuration than the project's config.yml.")
    frozen_tests: Path = Field(
        Path("tests/nlu/frozen.yml"),
        description="Sentences on which the console proves a model; relative to the project's folder.",
    )
    model_dir: Path = Field(Path("models"), description="Folder of the model archives.")
    database_url: str = Field("sqlite:///var/bma.sqlite3", repr=False, description="SQLAlchemy URL of the database.")
    database_pool: int = Field(10, ge=1, le=200, description="Connections to PostgreSQL of one process, at most.")
    database_wait: float = Field(3.0, gt=0, description="Seconds to wait for the database or for a busy conversation.")
    retention_days: float = Field(30.0, gt=0, description="Days that texts are kept; then only daily figures.")
    purge_every: float = Field(3600.0, gt=0, description="Seconds between two looks for texts whose time is over.")
    model_poll: float = Field(
        5.0, gt=0, description="Seconds between two looks for a newly published model or a suspended answer."
    )
    secret_key: str | None = Field(
        None, repr=False, description="Key of all hashes, at least 32 characters; required with PostgreSQL."
    )
    api_token: str | None = Field(None, repr=False, description="Token of the management routes; without one they answer 403.")
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Origins of the sites that may embed the assistant, separated by commas."
    )
    max_body_bytes: int = Field(65_536, ge=1_024, description="Largest request body, in bytes.")
    max_message_chars: int = Field(5_000, ge=100, description="Longest message, in characters.")
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Addresses or networks of the proxies whose X-Forwarded-For is believed, separated by commas."
    )
    rate_limit: str = Field(
        "20,600",
        pattern=r"^(off|[1-9]\d{0,6},[1-9]\d{0,6})$",
        description="Messages a minute: a conversation, an address; or off.",
    )
    assistant_off: bool = Field(False, description="Switches the public assistant off; its script and page answer 503.")
    console: Literal["auto", "on", "off"] = Field(
        "auto", description="The helpdesk console: auto answers on a loopback address, elsewhere once somebody can log in."
    )
    console_writes_files: bool = Field(
        False, description="For development: the console writes confirmed sentences into the project's files."
    )
    console_url: str | None = Field(None, description="Public address of the console, to come back to from an identity provider.")
    console_break_glass: str | None = Field(
        None, description="The one local account that may log in while an identity provider is set up."
    )
    oidc_issuer: str | None = Field(None, description="Issuer of the OpenID Connect provider; without one, local accounts only.")
    actions_timeout: float = Field(3.0, gt=0, description="Seconds to wait for the action server.")
    teams_app_id: str | None = Field(None, description="Application id of the Teams bot; without one the channel is off.")
    console_most_regression: float = Field(
        1.0, ge=0, le=100, description="Percentage points that a published model may be worse than the one before it."
    )
    console_four_eyes: bool = Field(False, description="Who had a model trained may not publish it.")
    log_level: str = Field("info", description="debug, info, warning or error.")
    log_format: Literal["auto", "text", "json"] = Field(
        "auto", description="Lines of the log: text for people, json for programs; auto is text on a terminal, else json."
    )
    metrics_token: str | None = Field(
        None, repr=False, description="Token of /metrics; without one only this machine may read them."
    )

    @field_validator("allowed_origins", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(item.strip().rstrip("/") for item in value.split(",") if item.strip())
        return value

    @field_validator("database_url", mode="after")
    @classmethod
    def _known_database(cls, value: str) -> str:
        try:
            backend = sa.make_url(value).get_backend_name()
        except sa.exc.ArgumentError as error:
            raise ValueError("no URL of a database; write sqlite:///var/bma.sqlite3 or postgresql+psycopg://…") from error
        if backend not in ("sqlite", "postgresql"):
            raise ValueError(f"{backend} is not supported; write sqlite:///var/bma.sqlite3 or postgresql+psycopg://…")
        return value

    @field_validator(
        "api_token",
        "metrics_token",
        "secret_key",
        "teams_app_id",
        "console_url",
        "console_break_glass",
        "oidc_issuer",
        mode="after",
    )
    @classmethod
    def _empty_is_unset(cls, value: str | None) -> str | None:
        return value or None

    def messages_a_minute(self) -> tuple[int, int] | None:
        """How many messages a minute of one conversation, and from one address; None when they are not counted."""
        if self.rate_limit == "off":
            return None
        conversation, address = self.rate_limit.split(",")
        return int(conversation), int(address)

    def secret(self) -> Secret:
        """The key of all hashes: `secret_key`, or for SQLite a file beside the database, made when missing.

        Raises:
            SettingsError: no key, and none can be made.
        """
        if self.secret_key is not None:
            if len(self.secret_key) < 32:
                raise SettingsError("BMA_SECRET_KEY has less than 32 characters; make one with: openssl rand -hex 32")
            return Secret(self.secret_key.encode())
        url = sa.make_url(self.database_url)
        if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
            raise SettingsError("BMA_SECRET_KEY is required with this database; make one with: openssl rand -hex 32")
        return Secret(kept_secret(Path(str(url.database)).with_suffix(".key")).encode())

    def to_environment(self) -> dict[str, str]:
        """These settings as environment variables, for the processes that this one starts."""
        values = self.model_dump(mode="json", exclude_none=True)
        texts = {name: ",".join(value) if isinstance(value, list) else str(value) for name, value in values.items()}
        return {f"BMA_{name.upper()}": value for name, value in texts.items()}

    def with_kept_token(self) -> Settings:
        """These settings with an API token kept beside the database, made when missing."""
        url = sa.make_url(self.database_url)
        folder = Path(str(url.database)).parent if url.get_backend_name() == "sqlite" and url.database else Path("var")
        return self.model_copy(update={"api_token": kept_secret(folder / "api.token")})


def kept_secret(path: Path) -> str:
    """The random secret in a file that only its owner reads; made when the file is missing.

    Args:
        path: the file.

    Returns:
        64 hexadecimal characters.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    value = secrets.token_hex(32)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(value + "\n")
    return value
