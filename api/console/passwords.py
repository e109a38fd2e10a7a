"""Passwords of local accounts: argon2id (RFC 9106), checked beside the turns and few at a time."""

from __future__ import annotations

import asyncio
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST_CHARS = 12
"""Characters of a password at least (NIST SP 800-63B asks for 8, and for 15 where it is the only factor)."""
MOST_CHARS = 256
AT_ONCE = asyncio.Semaphore(2)
"""A check takes 64 MiB for some 50 ms."""
_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """The hash to store, with its parameters and salt."""
    return _hasher.hash(password)


async def is_right(stored: str | None, password: str) -> bool:
    """Whether a password is the one that was stored; of no account, the same time and no.

    Args:
        stored: the hash; None when there is no such account.
        password: what was typed.
    """
    async with AT_ONCE:
        return await asyncio.to_thread(_check, stored or _of_nobody(), password) and stored is not None


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def _check(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password[:MOST_CHARS])
    except (VerificationError, InvalidHashError):
        return False


@cache
def _of_nobody() -> str:
    return hash_password("of nobody")
