"""Passwords of local accounts: argon2id (RFC 9106), checked beside the turns and few at a time."""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from base64 import b64encode

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

LEAST_CHARS = 12
"""Characters of a password at least (NIST SP 800-63B asks for 8, and for 15 where it is the only factor)."""
MOST_CHARS = 256
LEAST_DIFFERENT = 5
"""Different characters of a password at least."""
AT_ONCE = asyncio.Semaphore(2)
"""A check takes 64 MiB for some 50 ms."""
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of passwords that we make: nothing that is read as something else."""
_hasher = PasswordHasher()


def problem(password: str, name: str) -> str | None:
    """What is wrong with a new password: a key of `mots_de_passe` in texts.yml; None when it will do.

    Args:
        password: what was typed.
        name: of the account.
    """
    if not LEAST_CHARS <= len(password) <= MOST_CHARS:
        return "longueur"
    if len(set(password)) < LEAST_DIFFERENT or name.casefold() == password.casefold():
        return "facile"
    return None


def new_password() -> str:
    """A random password, 99 bits, easy to read aloud."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(4))


def hash_password(password: str) -> str:
    """The hash to store, with its parameters and salt."""
    return _hasher.hash(_composed(password))


async def make_hash(password: str) -> str:
    """The hash to store, made beside the turns."""
    async with AT_ONCE:
        return await asyncio.to_thread(hash_password, password)


async def is_right(stored: str | None, password: str) -> bool:
    """Whether a password is the one that was stored; of no account, the same time and no.

    Args:
        stored: the hash; None when there is no such account.
        password: what was typed.
    """
    async with AT_ONCE:
        return await asyncio.to_thread(_check, stored or _NOBODYS, password) and stored is not None


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def _check(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, _composed(password)[: MOST_CHARS + 1])
    except (VerificationError, InvalidHashError):
        return False


def _composed(password: str) -> str:
    """The same characters whatever keyboard typed them: some send é as one, some as two."""
    return unicodedata.normalize("NFKC", password)


def hash_of_nobody() -> str:
    """What a password is compared with when there is no account: as costly as a stored hash, of no password, and made at once."""
    cost = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    salt, tag = (b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (_hasher.salt_len, _hasher.hash_len))
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${tag}"


_NOBODYS = hash_of_nobody()
