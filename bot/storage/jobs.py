"""Long work that the console asks for: one job at a time on all hosts, its progress, its result. Functions for `Store.run`.

A running job holds the one slot. Whoever does it beats; a job that has not beaten for LEASE seconds is over, whatever became of
it, and the next one to start takes its slot.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.storage.schema import jobs
from bot.storage.upsert import insertion

Kind = Literal["train", "prove"]
Status = Literal["running", "done", "failed", "interrupted"]

LEASE = 30.0
"""Seconds without a beat after which a job counts as interrupted."""
KEPT = 50
"""Jobs that are kept."""
SLOT = 1
INTERRUPTED = "interrupted"
"""Reason of the jobs that nobody finished."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job, as far as it is."""

    id: int
    kind: Kind
    status: Status
    parameters: Mapping[str, Any]
    """What it is about, and once it is done a summary of its result."""
    step: str
    """What it is doing: a key of the console's texts."""
    done: int
    """Of `total`, in this step."""
    total: int
    """0 when nobody knows."""
    error: str | None
    """Why it failed: a key of the console's texts."""
    author: str
    created_at: float
    """Seconds since 1970, as the others."""
    heartbeat_at: float
    finished_at: float | None


_COLUMNS = [jobs.c[name] for name in Job.__dataclass_fields__]


def start(connection: Connection, kind: Kind, author: str, parameters: Mapping[str, Any], at: float) -> int | None:
    """Begin a job; None when one is running, on whatever host.

    Args:
        connection: in a transaction.
        kind: what is to be done.
        author: who asks for it.
        parameters: what it is about, such as a model's id; no text.
        at: now.

    Returns:
        The job's id.
    """
    _free(connection, at)
    row = {
        "kind": kind,
        "slot": SLOT,
        "parameters": _json(parameters),
        "author": author,
        "created_at": at,
        "heartbeat_at": at,
    }
    found = connection.execute(insertion(connection, jobs).on_conflict_do_nothing().returning(jobs.c.id), [row]).scalar()
    if found is None:
        return None
    newest = sa.select(jobs.c.id).order_by(jobs.c.id.desc()).limit(KEPT)
    connection.execute(sa.delete(jobs).where(jobs.c.id.not_in(newest.subquery().select())))
    return int(found)


def progress(connection: Connection, job_id: int, step: str, done: int, total: int, at: float) -> bool:
    """Beat and say how far the job is; False when it is over: whoever does it is to stop."""
    return _change(connection, job_id, {"step": step, "done": done, "total": total, "heartbeat_at": at})


def finish(
    connection: Connection, job_id: int, result: Mapping[str, Any], at: float, summary: Mapping[str, Any] | None = None
) -> bool:
    """Store a job's result.

    Args:
        connection: in a transaction.
        job_id: which one.
        result: what came of it; may be long.
        at: now.
        summary: joins the job's parameters: what lists show of the result without reading it.

    Returns:
        False when it was over before.
    """
    found = find(connection, job_id, at)
    known = {**(found.parameters if found is not None else {}), **(summary or {})}
    return _end(connection, job_id, "done", at, {"result": _json(result), "parameters": _json(known)})


def fail(connection: Connection, job_id: int, error: str, at: float, details: Mapping[str, Any] | None = None) -> bool:
    """End a job that cannot be done.

    Args:
        connection: in a transaction.
        job_id: which one.
        error: why: a key of the console's texts.
        at: now.
        details: what is wrong, and the reference under which the log knows more.

    Returns:
        False when it was over before.
    """
    return _end(connection, job_id, "failed", at, {"error": error, "result": _json(details) if details is not None else None})


def interrupt(connection: Connection, job_id: int, at: float) -> bool:
    """End a job whose server stops; False when it was over before."""
    return _end(connection, job_id, "interrupted", at, {"error": INTERRUPTED})


def running(connection: Connection, at: float) -> Job | None:
    """The job that is being done, on whatever host."""
    row = connection.execute(sa.select(*_COLUMNS).where(jobs.c.slot == SLOT)).mappings().first()
    found = _job(row, at) if row is not None else None
    return found if found is not None and found.status == "running" else None


def find(connection: Connection, job_id: int, at: float) -> Job | None:
    """A job; one that nobody does any more is interrupted, whether or not its row says so yet."""
    row = connection.execute(sa.select(*_COLUMNS).where(jobs.c.id == job_id)).mappings().first()
    return _job(row, at) if row is not None else None


def latest(connection: Connection, kind: Kind, at: float, status: Status | None = None) -> Job | None:
    """The latest job of a kind, or the latest that ended so."""
    query = sa.select(*_COLUMNS).where(jobs.c.kind == kind).order_by(jobs.c.created_at.desc(), jobs.c.id.desc()).limit(1)
    if status is not None:
        query = query.where(jobs.c.status == status)
    row = connection.execute(query).mappings().first()
    return _job(row, at) if row is not None else None


def recent(connection: Connection, count: int, at: float, kind: Kind | None = None, status: Status | None = None) -> list[Job]:
    """The latest jobs, newest first, of a kind or of all, of a status or of all."""
    query = sa.select(*_COLUMNS).order_by(jobs.c.id.desc()).limit(count)
    query = query.where(jobs.c.kind == kind) if kind is not None else query
    query = query.where(jobs.c.status == status) if status is not None else query
    return [_job(row, at) for row in connection.execute(query).mappings()]


def result(connection: Connection, job_id: int) -> dict[str, Any] | None:
    """What a job found, or the details of why it failed."""
    text = connection.execute(sa.select(jobs.c.result).where(jobs.c.id == job_id)).scalar()
    return dict(json.loads(text)) if text is not None else None


def _free(connection: Connection, at: float) -> None:
    """Take the slot from a job that nobody does any more."""
    lost = (jobs.c.slot == SLOT) & (jobs.c.heartbeat_at < at - LEASE)
    over = {"status": "interrupted", "error": INTERRUPTED, "slot": None, "finished_at": jobs.c.heartbeat_at}
    connection.execute(sa.update(jobs).where(lost).values(over))


def _end(connection: Connection, job_id: int, status: Status, at: float, changes: Mapping[str, Any]) -> bool:
    over = {"status": status, "slot": None, "heartbeat_at": at, "finished_at": at}
    return _change(connection, job_id, over | dict(changes))


def _change(connection: Connection, job_id: int, changes: Mapping[str, Any]) -> bool:
    mine = (jobs.c.id == job_id) & (jobs.c.slot == SLOT)
    return bool(connection.execute(sa.update(jobs).where(mine).values(dict(changes))).rowcount)


def _job(row: Mapping[Any, Any], at: float) -> Job:
    found = Job(**{**row, "parameters": json.loads(row["parameters"])})
    if found.status == "running" and found.heartbeat_at < at - LEASE:
        return replace(found, status="interrupted", error=INTERRUPTED, finished_at=found.heartbeat_at)
    return found


def _json(body: Mapping[str, Any]) -> str:
    return json.dumps(dict(body), ensure_ascii=False)
