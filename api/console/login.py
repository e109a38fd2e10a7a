"""Logging in with a local account: one answer for every failure, and a delay that grows after several."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from api.console import passwords
from bot.agent import Agent
from bot.storage import accounts, audit
from bot.storage.accounts import Account
from bot.storage.database import check_writing

FREE_TRIES = 5
"""Wrong passwords before an account is locked."""
FIRST_LOCK = 60.0
"""Seconds of the first lock; each further failure doubles it."""
LONGEST_LOCK = 3600.0


async def check_password(agent: Agent, name: str, password: str, purpose: str = "login") -> Account | None:
    """The account of a name and its password; None when they are wrong, or the account is locked or disabled.

    Args:
        agent: knows the database and the time.
        name: what was typed as a name.
        password: what was typed as a password.
        purpose: what the audit says, with `_failed`, when the password is wrong; of `login`, also when it is right.
    """
    now = agent.clock()
    found = await agent.store.run(lambda connection: accounts.count_try(connection, name, now, lock))
    right = await passwords.is_right(found.password_hash if found else None, password)

    def note(connection: Connection) -> bool:
        if found is None:
            check_writing(connection)  # as long as noting a failure
            return False
        accepted = right and accounts.accept_try(connection, found, now)
        if not accepted:
            audit.add(connection, audit.Entry(now, found.name, f"{purpose}_failed"))
        elif purpose == "login":
            audit.add(connection, audit.Entry(now, found.name, "login"))
        return accepted

    if not await agent.store.run(note) or found is None:
        return None
    if found.password_hash and passwords.is_outdated(found.password_hash):
        renewed = await passwords.make_hash(password)
        await agent.store.run(lambda connection: accounts.change(connection, found.id, {"password_hash": renewed}))
    return found


def lock(failures: int) -> float:
    """Seconds that an account is locked after so many failures."""
    beyond = min(failures - FREE_TRIES, 10)
    return min(FIRST_LOCK * 2.0**beyond, LONGEST_LOCK) if beyond >= 0 else 0.0
