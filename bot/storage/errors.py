"""What went wrong with the database: its cause, in one word for everybody, and details for operators."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Literal

import sqlalchemy as sa

Cause = Literal["unreachable", "slow", "full", "read_only", "schema", "busy", "in_use", "conflict", "disk", "error"]


class StorageError(Exception):
    """The database could not do it; nothing of it was stored.

    Args:
        detail: what happened, for operators.
        cause: what kind of thing; tells everybody.
    """

    cause: Cause = "error"
    noted = False
    """Whether somebody has counted it."""

    def __init__(self, detail: str, cause: Cause | None = None) -> None:
        super().__init__(detail)
        if cause is not None:
            self.cause = cause


class Busy(StorageError):
    """Too much waits already; nothing was done."""

    cause: Cause = "busy"


class SchemaError(StorageError):
    """The database has another schema than this code needs.

    Args:
        found: its version; None when it has no table.
        needed: the version that this code needs.
    """

    cause: Cause = "schema"

    def __init__(self, found: str | None, needed: str) -> None:
        self.found = found
        super().__init__(f"schema {found or 'none'}, needed {needed}")


class DatabaseInUse(StorageError):
    """Another process serves this SQLite file."""

    cause: Cause = "in_use"


def failure(error: BaseException) -> StorageError:
    """An error of the database as ours: its cause, and a few words for operators; never a statement or its values."""
    if isinstance(error, StorageError):
        return error
    original = getattr(error, "orig", None) or error
    first_line = str(original).strip().partition("\n")[0]
    kind = type(original).__name__
    says_why = isinstance(error, sa.exc.OperationalError | sa.exc.TimeoutError | OSError)
    cause = _cause(original, first_line)
    kind_of = Busy if cause == "busy" else StorageError
    return kind_of(f"{kind}: {first_line[:200]}" if says_why else kind, cause)


_SQLSTATES: Mapping[str, Cause] = {
    "08": "unreachable",
    "25006": "read_only",
    "3D": "unreachable",
    "42": "schema",
    "53100": "full",
    "53": "busy",
    "55P03": "busy",
    "57014": "slow",
    "57P": "unreachable",
}
"""Error codes of PostgreSQL (its manual, appendix A), or how they begin."""
_MESSAGES: Mapping[str, Cause] = {
    "disk is full": "full",
    "readonly": "read_only",
    "unable to open": "disk",
    "disk I/O": "disk",
    "malformed": "disk",
    "not a database": "disk",
    "locked": "busy",
    "no such": "schema",
}
"""Parts of SQLite's messages."""


def _cause(original: BaseException, message: str) -> Cause:
    if isinstance(original, sa.exc.TimeoutError):
        return "busy"
    if isinstance(original, sqlite3.Error):
        return next((cause for part, cause in _MESSAGES.items() if part in message), "error")
    code = getattr(original, "sqlstate", None)
    if code is not None:
        return next((_SQLSTATES[code[:size]] for size in (5, 3, 2) if code[:size] in _SQLSTATES), "error")
    lost = isinstance(original, OSError) or type(original).__name__ in ("OperationalError", "ConnectionTimeout")
    return "unreachable" if lost else "error"
