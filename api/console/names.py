"""Names of accounts."""

from __future__ import annotations

from collections.abc import Iterable

MAX_NAME = 255
RESERVED = ("cli", "api", "user", "server", "oidc")
"""What the audit calls those who are no account."""


def is_reserved(name: str) -> bool:
    """Whether the audit would take an account of this name for something else."""
    return name.casefold() in RESERVED


def problem(name: str, taken: Iterable[str] = ()) -> str | None:
    """What is wrong with the name of a new account: a key of `noms` in texts.yml; None when it will do.

    Args:
        name: what was typed.
        taken: names of the other accounts. Two that differ in capitals only would be taken for one another.
    """
    if not 0 < len(name) <= MAX_NAME or not name.isprintable() or name != name.strip():
        return "forme"
    if is_reserved(name):
        return "reserve"
    return "pris" if name.casefold() in {other.casefold() for other in taken} else None
