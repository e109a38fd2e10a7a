"""Runs the console's jobs in processes of their own, one at a time on all hosts, followed in the table `jobs`."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import secrets
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

import api
from api.console import worker
from api.console.works import ProveCandidate, TrainDraft, Work, WorkRefused, confirmed_for, served, test_set
from api.settings import Settings
from bot.agent import Agent
from bot.storage import StorageError, Store, audit, jobs
from bot.storage.records import T

log = logging.getLogger("bma.jobs")

BEAT = 5.0
"""Seconds between two beats, at most."""
LOOK = 0.5
"""Seconds between two looks at what the process has told."""
MOST_SECONDS = 1800.0
"""A process that takes longer is killed."""
TRIES = 5
"""To store what came of a job, a second apart."""
_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(slots=True)
class _Told:
    """What the process told last."""

    step: str = ""
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class _Begun:
    """A job that has the slot."""

    job_id: int
    work: Work


class Workshop:
    """The jobs of this server's console.

    Args:
        agent: whose model is followed and whose store has the jobs.
        settings: where the project and its test sentences are.
    """

    def __init__(self, agent: Agent, settings: Settings) -> None:
        self._agent = agent
        self._settings = settings
        self._tasks: set[asyncio.Task[None]] = set()

    async def train(self, author: str, reason: str, *, then_prove: bool = False) -> int | None:
        """Begin to train the draft.

        Args:
            author: who asks for it.
            reason: why, for those who come after.
            then_prove: whether a proof of the candidate follows.

        Returns:
            The job's id; None when another job is running.
        """
        sentences = await self._agent.store.run(lambda connection: confirmed_for(connection, "training"))
        work = TrainDraft(self._agent, self._settings, author, reason, tuple(sentences))
        begun = await self._agent.store.run(lambda connection: self._begin(connection, work, author))
        return self._go_on(begun, author, then_prove)

    async def prove(self, candidate: str, author: str) -> int | None:
        """Begin to compare a candidate with the published model; None when another job is running."""
        begun = await self._agent.store.run(lambda connection: self._begin_proof(connection, candidate, author))
        return self._go_on(begun, author)

    async def close(self) -> None:
        """Kill what runs; its job is interrupted."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin_proof(self, connection: Connection, candidate: str, author: str) -> _Begun | None:
        tests = test_set(connection, self._settings)
        work = ProveCandidate(self._agent, self._settings, candidate, served(connection, self._agent), tests)
        return self._begin(connection, work, author)

    def _begin(self, connection: Connection, work: Work, author: str) -> _Begun | None:
        """Take the one slot; None when another job has it."""
        now = self._agent.clock()
        job_id = jobs.start(connection, work.kind, author, work.parameters, now)
        if job_id is None:
            return None
        noted = {name: value for name, value in work.parameters.items() if name != "digest"}
        audit.add(connection, audit.Entry(now, author, work.kind, str(job_id), noted))
        return _Begun(job_id, work)

    def _go_on(self, begun: _Begun | None, author: str, then_prove: bool = False) -> int | None:
        if begun is None:
            return None
        task = asyncio.create_task(self._do(begun.job_id, begun.work, author, then_prove))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return begun.job_id

    async def _do(self, job_id: int, work: Work, author: str, then_prove: bool) -> None:
        store, clock = self._agent.store, self._agent.clock
        try:
            found = await self._result(job_id, work)
            if found is None:
                return
            result, summary = found

            def end(connection: Connection) -> _Begun | None:
                """The proof begins in the same transaction: nobody sees the work end in between."""
                mine = jobs.finish(connection, job_id, result, clock(), summary)
                return self._begin_proof(connection, str(summary["model_id"]), author) if mine and then_prove else None

            self._go_on(await _stored(store, end), author)
        except asyncio.CancelledError:
            with suppress(StorageError):
                await store.run(lambda connection: jobs.interrupt(connection, job_id, clock()))
            raise
        except WorkRefused as error:
            key = str(error)
            await _stored(store, lambda connection: jobs.fail(connection, job_id, key, clock()))
        except Exception as error:  # whatever it is: nobody else would tell the user
            await self._fail(job_id, "job_failed", f"{work.kind}: {type(error).__name__}", error)

    async def _result(self, job_id: int, work: Work) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
        """What came of a job, and its summary; None when that was said of it already."""
        with tempfile.TemporaryDirectory(prefix="bma-job-") as name:
            folder = Path(name)
            await work.prepare(folder)
            status, errors = await self._run(job_id, work, folder)
            if status is None:
                return None
            path = folder / worker.RESULT
            if status != 0 or not path.is_file():
                await self._fail(job_id, "worker_died", f"{work.kind}: status {status}\n{errors}")
                return None
            body = json.loads(await asyncio.to_thread(path.read_text, "utf-8"))
            if "error" in body:
                details = {"problems": body.get("problems", [])}
                await _stored(
                    self._agent.store,
                    lambda connection: jobs.fail(connection, job_id, str(body["error"]), self._agent.clock(), details),
                )
                return None
            return body, await work.keep(folder, body)

    async def _run(self, job_id: int, work: Work, folder: Path) -> tuple[int | None, str]:
        """Run the process; its exit status (None when the job was taken from us) and the end of what it logged."""
        with (folder / "errors").open("wb") as errors:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", worker.__name__, work.kind, str(folder)),
                cwd=folder,
                env=_environment(),
                stdin=PIPE,
                stdout=PIPE,
                stderr=errors,
            )
        told = _Told()
        listening = asyncio.create_task(_listen(process, told))
        try:
            mine = await self._follow(job_id, listening, told)
            status = await process.wait() if mine else None
        finally:
            listening.cancel()
            if process.returncode is None:
                process.kill()
                await process.wait()
        return status, (folder / "errors").read_text("utf-8", "replace")[-4000:]

    async def _follow(self, job_id: int, listening: asyncio.Task[None], told: _Told) -> bool:
        """Beat until the process has told everything; False when the job is not ours any more, or takes too long."""
        begun = beaten = time.monotonic()
        last: _Told | None = None
        while True:
            finished, _ = await asyncio.wait({listening}, timeout=LOOK)
            if finished:
                return True
            now = time.monotonic()
            if now - begun > MOST_SECONDS:
                await self._fail(job_id, "job_too_long", f"killed after {MOST_SECONDS:g} s")
                return False
            seen = _Told(told.step, told.done, told.total)
            if seen == last and now - beaten < BEAT:
                continue
            try:
                if not await self._agent.store.run(
                    lambda connection, seen=seen: jobs.progress(  # type: ignore[misc]
                        connection, job_id, seen.step, seen.done, seen.total, self._agent.clock()
                    )
                ):
                    log.error("job %d was taken from this server: it had not beaten for %g s", job_id, jobs.LEASE)
                    return False
                last, beaten = seen, now
            except StorageError:
                continue  # readiness says so; the next beat may come through

    async def _fail(self, job_id: int, key: str, what: str, error: Exception | None = None) -> None:
        """End a job with a reference that leads to its line in the log."""
        reference = secrets.token_hex(4)
        log.error("job %d failed, reference %s: %s", job_id, reference, what, exc_info=error)
        details, now = {"reference": reference}, self._agent.clock()
        with suppress(StorageError):
            await _stored(self._agent.store, lambda connection: jobs.fail(connection, job_id, key, now, details))


async def _stored(store: Store, work: Callable[[Connection], T]) -> T:
    """Store something that took long to make, tried again when the database does not answer."""
    for _ in range(TRIES - 1):
        with suppress(StorageError):
            return await store.run(work)
        await asyncio.sleep(1.0)
    return await store.run(work)


async def _listen(process: Process, told: _Told) -> None:
    """Note what the process tells, until it has told everything."""
    assert process.stdout is not None
    async for line in process.stdout:
        with suppress(ValueError, KeyError, TypeError):
            said = json.loads(line)
            told.step, told.done, told.total = str(said["step"]), int(said["done"]), int(said["total"])


def _environment() -> dict[str, str]:
    """The process's environment: nothing of the server's settings, and the same code."""
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    return {**kept, "PYTHONPATH": str(Path(api.__file__).resolve().parent.parent), "PYTHONDONTWRITEBYTECODE": "1"}
