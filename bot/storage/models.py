"""Models: candidates and published ones; one is active, and every process serves it. Functions for `Store.run`.

A candidate is a model that was never active. What was active, in which order and why, is told by the audit.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.storage import audit
from bot.storage.schema import active_model, models
from bot.storage.schema import audit as audit_table
from bot.storage.upsert import insertion, is_inserted

DELIVERY = "livraison"
"""Author of the model that was served before anything was published: one can always go back to it."""
KEPT_ACTIVATIONS = 5
"""The models of so many last activations are kept."""
KEPT_CANDIDATES = 10
ACTIVATE = "activate"
"""The audit's word."""


@dataclass(frozen=True, slots=True)
class Published:
    """A model in the database."""

    model_id: str
    fingerprint: str
    """Of the project files that it was trained on."""
    author: str
    reason: str
    created_at: float
    """Seconds since 1970."""
    additions: tuple[int, ...] = ()
    """Ids of the corrections that it was trained with."""
    sentences: int = 0
    """Training sentences in all; 0 when nobody said."""


@dataclass(frozen=True, slots=True)
class Activation:
    """Somebody made a model the active one."""

    model_id: str
    author: str
    reason: str
    at: float
    """Seconds since 1970."""


def publish(connection: Connection, model: Published, archive: bytes) -> bool:
    """Store a model's archive; False when it is there already."""
    row = {
        "model_id": model.model_id,
        "fingerprint": model.fingerprint,
        "archive": archive,
        "author": model.author,
        "reason": model.reason,
        "created_at": model.created_at,
        "details": json.dumps({"additions": list(model.additions), "sentences": model.sentences}),
    }
    return is_inserted(connection, models, row)


def activate(connection: Connection, model_id: str, author: str, reason: str, at: float) -> bool:
    """Make a stored model the one that every process serves; False when there is no such model.

    Args:
        connection: in a transaction.
        model_id: which one; an older one is a rollback.
        author: who decides.
        reason: why, for those who come after.
        at: seconds since 1970.
    """
    if find(connection, model_id) is None:
        return False
    row = {"model_id": model_id, "author": author, "reason": reason, "activated_at": at}
    statement = insertion(connection, active_model)
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=row), {"id": 1, **row})
    audit.add(connection, audit.Entry(at, author, ACTIVATE, model_id, {"reason": reason}))
    return True


def replace_active(connection: Connection, instead_of: str | None, activation: Activation) -> bool:
    """Make a stored model the active one if nobody published another meanwhile.

    Args:
        connection: in a transaction.
        instead_of: the one that is active as far as the caller knows; None: none was published.
        activation: what is to be done, by whom and why.

    Returns:
        False when there is no such model, or another one is active: nothing changes.
    """
    if find(connection, activation.model_id) is None:
        return False
    row = {
        "model_id": activation.model_id,
        "author": activation.author,
        "reason": activation.reason,
        "activated_at": activation.at,
    }
    if instead_of is None:
        done = is_inserted(connection, active_model, {"id": 1, **row})
    else:
        mine = sa.update(active_model).where(active_model.c.model_id == instead_of)
        done = bool(connection.execute(mine.values(row)).rowcount)
    if done:
        entry = audit.Entry(activation.at, activation.author, ACTIVATE, activation.model_id, {"reason": activation.reason})
        audit.add(connection, entry)
    return done


def put_in_service(connection: Connection, activation: Activation, archives: Iterable[tuple[Published, bytes]] = ()) -> bool:
    """Make a model the active one, as each publication does: the archives that come with it are stored, and those that nobody
    goes back to are deleted.

    Args:
        connection: in a transaction.
        activation: what is to be done, by whom and why.
        archives: what may not be stored yet: the model itself; at the first publication, the delivered one.

    Returns:
        False when there is no such model, or somebody publishes another at this moment: nothing is activated nor deleted.
    """
    instead_of = active(connection)
    for model, archive in archives:
        publish(connection, model, archive)
    if not replace_active(connection, instead_of, activation):
        return False
    prune(connection)
    return True


def active(connection: Connection) -> str | None:
    """Id of the active model; None when none was published."""
    found = connection.execute(sa.select(active_model.c.model_id)).scalar()
    return str(found) if found is not None else None


def active_archive(connection: Connection) -> bytes | None:
    """The active model's archive; None when none was published."""
    query = sa.select(models.c.archive).join(active_model, active_model.c.model_id == models.c.model_id)
    found = connection.execute(query).scalar()
    return bytes(found) if found is not None else None


def archive_of(connection: Connection, model_id: str) -> bytes | None:
    """A model's archive; None when there is no such model."""
    found = connection.execute(sa.select(models.c.archive).where(models.c.model_id == model_id)).scalar()
    return bytes(found) if found is not None else None


def find(connection: Connection, model_id: str) -> Published | None:
    """A model; None when there is no such one."""
    row = connection.execute(sa.select(*_COLUMNS).where(models.c.model_id == model_id)).mappings().first()
    return _published(row) if row is not None else None


def published(connection: Connection) -> list[Published]:
    """All models that are stored, newest first."""
    query = sa.select(*_COLUMNS).order_by(models.c.created_at.desc(), models.c.model_id)
    return [_published(row) for row in connection.execute(query).mappings()]


def candidates(connection: Connection) -> list[Published]:
    """Models that were never active, newest first; the delivered one is none."""
    known = _ever_active(connection)
    return [item for item in published(connection) if item.model_id not in known and item.author != DELIVERY]


def former(connection: Connection) -> list[Published]:
    """Stored models that one can go back to: those that were active once, and the delivered one; newest first."""
    known, present = _ever_active(connection), active(connection)
    return [
        item for item in published(connection) if (item.model_id in known or item.author == DELIVERY) and item.model_id != present
    ]


def activations(connection: Connection, count: int) -> list[Activation]:
    """The latest activations, newest first, rollbacks too."""
    query = sa.select(audit_table).where(audit_table.c.action == ACTIVATE).order_by(audit_table.c.id.desc()).limit(count)
    rows = connection.execute(query).all()
    return [Activation(row.subject, row.actor, str(json.loads(row.details).get("reason", "")), row.at) for row in rows]


def prune(connection: Connection) -> int:
    """Delete the models that nobody goes back to; returns how many.

    Kept: the active one, the delivered one, those of the last KEPT_ACTIVATIONS activations, and the newest KEPT_CANDIDATES of
    the candidates.
    """
    kept = {item.model_id for item in activations(connection, KEPT_ACTIVATIONS)}
    kept |= {item.model_id for item in candidates(connection)[:KEPT_CANDIDATES]}
    gone = models.c.model_id.not_in(kept) & (models.c.author != DELIVERY) & models.c.model_id.not_in(_active_id())
    return int(connection.execute(sa.delete(models).where(gone)).rowcount)


_COLUMNS = [column for column in models.c if column.name != "archive"]


def _published(row: Mapping[Any, Any]) -> Published:
    values = dict(row)
    details = json.loads(values.pop("details"))
    return Published(**values, additions=tuple(details.get("additions", ())), sentences=int(details.get("sentences", 0)))


def _ever_active(connection: Connection) -> frozenset[str]:
    subjects = sa.select(audit_table.c.subject).where(audit_table.c.action == ACTIVATE).distinct()
    present = active(connection)
    return frozenset(connection.execute(subjects).scalars()) | ({present} if present is not None else frozenset())


def _active_id() -> sa.Select[tuple[str]]:
    return sa.select(active_model.c.model_id)
