"""What is done to accounts, with its line in the audit: all or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import Connection

from api.console import names
from api.console.refusals import Refusal
from api.console.rights import Role
from bot.agent import Agent
from bot.storage import accounts, audit
from bot.storage.accounts import Account


async def find(agent: Agent, account_id: int) -> Account:
    """An account.

    Raises:
        Refusal: 404.
    """
    found = await agent.store.run(lambda connection: accounts.by_id(connection, account_id))
    if found is None:
        raise Refusal(404, "introuvable")
    return found


def add_local(
    connection: Connection, actor: str, name: str, display_name: str, role: Role, password_hash: str, at: float
) -> str | None:
    """Make a local account.

    Args:
        connection: in a transaction.
        actor: who makes it.
        name: what one logs in with.
        display_name: how the screens call its owner; the name when it is empty.
        role: what it may do.
        password_hash: of its password.
        at: seconds since 1970.

    Returns:
        What is wrong with the name, as `names.problem`; None when the account is made.
    """
    wrong = names.problem(name, (account.name for account in accounts.everyone(connection)))
    if wrong is not None:
        return wrong
    if not accounts.add(connection, name, display_name or name, "local", role.value, password_hash, actor, at):
        return "pris"
    audit.add(connection, audit.Entry(at, actor, "create_account", name, {"role": role.value}))
    return None


async def change(
    agent: Agent,
    actor: str,
    account_id: int,
    action: str,
    values: Mapping[str, Any],
    *,
    details: Mapping[str, Any] | None = None,
    cut: bool = False,
) -> None:
    """Change an account.

    Args:
        agent: knows the database and the time.
        actor: who changes it.
        account_id: which.
        action: what the audit says.
        values: columns and what they become.
        details: what the audit adds.
        cut: whether its sessions end.

    Raises:
        Refusal: 404 no such account, 409 nobody could manage accounts any more.
    """
    now = agent.clock()
    loses_admin = values.get("disabled") is True or values.get("role", Role.ADMIN) != Role.ADMIN

    def work(connection: Connection) -> Refusal | None:
        admins = accounts.admins(connection)
        found = accounts.by_id(connection, account_id)
        if found is None:
            return Refusal(404, "introuvable")
        if loses_admin and admins == {account_id}:
            return Refusal(409, "dernier_admin")
        if values:
            accounts.change(connection, account_id, values)
        if cut:
            accounts.cut(connection, account_id)
        audit.add(connection, audit.Entry(now, actor, action, found.name, details or {}))
        return None

    refused = await agent.store.run(work)
    if refused is not None:
        raise refused
