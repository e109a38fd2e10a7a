"""Who may do what: each role may do all that those before it may."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """Roles of accounts, the one that may least first; a check of the table `accounts` has the same names."""

    READER = "lecteur"
    TESTER = "testeur"
    EDITOR = "editeur"
    PUBLISHER = "publicateur"
    ADMIN = "admin"


class Right(StrEnum):
    """What a route asks of an account."""

    READ = "read"
    TRY = "try"
    CORRECT = "correct"
    PROVE = "prove"
    EDIT = "edit"
    PUBLISH = "publish"
    ADMIN = "admin"


LEAST_ROLE = {
    Right.READ: Role.READER,
    Right.TRY: Role.TESTER,
    Right.CORRECT: Role.TESTER,
    Right.PROVE: Role.TESTER,
    Right.EDIT: Role.EDITOR,
    Right.PUBLISH: Role.PUBLISHER,
    Right.ADMIN: Role.ADMIN,
}
_ORDER = list(Role)


def may(role: Role, right: Right) -> bool:
    """Whether a role has a right."""
    return _ORDER.index(role) >= _ORDER.index(LEAST_ROLE[right])
