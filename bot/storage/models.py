"""Published models: one is active, and every process serves it. Functions for `Store.run`."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.storage import audit
from bot.storage.schema import active_model, models
from bot.storage.upsert import insertion, is_inserted


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


def publish(connection: Connection, model: Published, archive: bytes) -> bool:
    """Store a model's archive; False when it is there already."""
    row = {
        "model_id": model.model_id,
        "fingerprint": model.fingerprint,
        "archive": archive,
        "author": model.author,
        "reason": model.reason,
        "created_at": model.created_at,
    }
    return is_inserted(connection, models, row)


def activate(connection: Connection, model_id: str, author: str, reason: str, at: float) -> bool:
    """Make a published model the one that every process serves; False when there is no such model.

    Args:
        connection: in a transaction.
        model_id: which one; an older one is a rollback.
        author: who decides.
        reason: why, for those who come after.
        at: seconds since 1970.
    """
    if connection.execute(sa.select(models.c.model_id).where(models.c.model_id == model_id)).first() is None:
        return False
    row = {"model_id": model_id, "author": author, "reason": reason, "activated_at": at}
    statement = insertion(connection, active_model)
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=row), {"id": 1, **row})
    audit.add(connection, audit.Entry(at, author, "activate", model_id, {"reason": reason}))
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


def published(connection: Connection) -> list[Published]:
    """All published models, newest first."""
    columns = [models.c[name] for name in Published.__dataclass_fields__]
    query = sa.select(*columns).order_by(models.c.created_at.desc(), models.c.model_id)
    return [Published(**row) for row in connection.execute(query).mappings()]


def withdraw(connection: Connection, model_id: str) -> bool:
    """Delete a published model that is not active; tells whether there was one."""
    mine = (models.c.model_id == model_id) & models.c.model_id.not_in(sa.select(active_model.c.model_id))
    return bool(connection.execute(sa.delete(models).where(mine)).rowcount)
