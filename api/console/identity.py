"""Who somebody is, as an identity provider says. One adapter is OpenID Connect (`oidc.py`); others have the same two methods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy.engine import Connection

from api.console.names import MAX_NAME, is_reserved
from api.console.refusals import Refusal
from api.console.rights import Role
from api.settings import Settings, SettingsError
from bot.agent import Agent
from bot.storage import accounts, audit
from bot.storage.accounts import Account


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody whom the provider knows: all that is kept."""

    subject: str
    """What the provider calls them, for ever."""
    name: str
    """What people call them."""
    roles: frozenset[Role]
    """What they may do here; nothing when it is empty."""


class IdentityProvider(Protocol):
    """Sends browsers to a login page elsewhere, and reads what they bring back."""

    async def begin(self, request: Request) -> Response:
        """Send the browser to the login page.

        Raises:
            Refusal: 503, the provider does not answer.
        """

    async def finish(self, request: Request) -> Identity:
        """Who came back.

        Raises:
            Refusal: nobody, for a reason that its page tells.
        """

    def forget(self, request: Request, response: Response) -> None:
        """Take away what `begin` gave the browser."""


def provider_of(settings: Settings) -> IdentityProvider | None:
    """The provider that the settings name; without one, nothing of it is imported.

    Raises:
        SettingsError: it is not installed, or one of its settings cannot work.
    """
    if settings.oidc_issuer is None:
        return None
    try:
        from api.console.oidc import OpenIdConnect
    except ModuleNotFoundError as error:
        raise SettingsError(f"BMA_OIDC_ISSUER is set, and {error.name} is not installed; run: pip install .[oidc]") from error
    return OpenIdConnect(settings)


def mapped(values: Iterable[str], mapping: Mapping[str, Role]) -> frozenset[Role]:
    """Our roles of somebody who has the provider's."""
    return frozenset(mapping[value] for value in values if value in mapping)


async def admit(agent: Agent, identity: Identity) -> Account:
    """Somebody's account; made at their first login, and brought up to date at each.

    Args:
        agent: knows the database and the time.
        identity: who it is. Somebody who has no role any more loses their sessions.

    Raises:
        Refusal: 403, they may not use the console.
    """
    now = agent.clock()
    role = max(identity.roles, key=list(Role).index, default=None)
    if not 0 < len(identity.subject) <= MAX_NAME or is_reserved(identity.subject):
        raise Refusal(403, "oidc_jeton")

    def work(connection: Connection) -> Account | str:
        found = accounts.by_name(connection, identity.subject)
        if found is not None and found.source != "oidc":
            return "oidc_nom"
        if role is None:
            if found is not None:
                accounts.cut(connection, found.id)
                audit.add(connection, audit.Entry(now, found.name, "login_refused", details={"role": ""}))
            return "oidc_role"
        if found is not None and found.disabled:
            return "oidc_desactive"
        if found is None:
            accounts.add(connection, identity.subject, identity.name, "oidc", role.value, None, "oidc", now)
            audit.add(connection, audit.Entry(now, identity.subject, "create_account", identity.subject, {"role": role.value}))
            found = accounts.by_name(connection, identity.subject)
            assert found is not None
        elif found.role != role.value:
            details = {"role": role.value, "before": found.role}
            audit.add(connection, audit.Entry(now, "oidc", "change_role", found.name, details))
        values = {"display_name": identity.name, "role": role.value, "last_login_at": now}
        accounts.change(connection, found.id, values)
        audit.add(connection, audit.Entry(now, found.name, "login", details={"source": "oidc"}))
        return accounts.by_id(connection, found.id) or found

    outcome = await agent.store.run(work)
    if isinstance(outcome, str):
        raise Refusal(403, outcome)
    return outcome
