"""Logging in with a local account: one answer for every failure, and a delay that grows after several."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from api.console import passwords
from bot.agent import Agent
from bot.storage import accounts, audit
from bot.storage.accounts import Account

FREE_TRIES = 5
"""Wrong passwords before an account is locked."""
FIRST_LOCK = 60.0
"""Seconds of the first lock; each further failure doubles it."""
LONGEST_LOCK = 3600.0


async def check_password(agent: Agent, name: str, password: str) -> Account | None:
    """The account of a name and its password; None when they are wrong, or the account is locked or disabled.

    Args:
        agent: knows the database and the time.
        name: what was typed as a name.
        password: what was typed as a password.
    """
    now = agent.clock()
    found = await agent.store.run(lambda connection: accounts.by_name(connection, name))
    is_local = found is not None and found.source == "local"
    right = await passwords.is_right(found.password_hash if found and is_local else None, password)
    if found is None or not is_local:
        return None
    if found.locked_until > now or found.disabled:
        return None
    if not right:
        failures = found.failures + 1
        until = now + _lock(failures)
        await _note(agent, found, {"failures": failures, "locked_until": until}, "login_failed", now)
        return None
    changes: dict[str, object] = {"failures": 0, "locked_until": 0.0, "last_login_at": now}
    if found.password_hash and passwords.is_outdated(found.password_hash):
        changes["password_hash"] = passwords.hash_password(password)
    await _note(agent, found, changes, "login", now)
    return found


def _lock(failures: int) -> float:
    """Seconds that an account is locked after so many failures."""
    beyond = failures - FREE_TRIES
    return min(FIRST_LOCK * 2.0**beyond, LONGEST_LOCK) if beyond >= 0 else 0.0


async def _note(agent: Agent, account: Account, changes: dict[str, object], action: str, now: float) -> None:
    def note(connection: Connection) -> None:
        accounts.change(connection, account.id, changes)
        audit.add(connection, audit.Entry(now, account.name, action))

    await agent.store.run(note)
