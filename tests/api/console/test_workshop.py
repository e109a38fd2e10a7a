"""Training and proving in a process of its own, followed in the database: on both of them."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api.console import worker
from api.console.workshop import Workshop
from api.settings import Settings
from bot.agent import Agent
from bot.storage import Store, jobs, models, open_store
from bot.training import archive
from tests.api.console.small import LEARNT, add_sentence, small_agent, small_project, small_settings, until_over
from tests.databases import KINDS, migrated
from tests.stored import latest_entries

pytestmark = pytest.mark.slow


class Here:
    """A store, an assistant on it, and its workshop."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store
        self.agent: Agent = small_agent(settings, store)
        self.workshop = Workshop(self.agent, settings)

    async def result(self, job_id: int) -> dict[str, Any]:
        found = await self.store.run(lambda connection: jobs.result(connection, job_id))
        assert found is not None
        return found

    async def trained(self) -> str:
        job = await until_over(self.store, self.agent, await self.workshop.train("anne", "essai"))
        assert job.status == "done", job
        return str((await self.result(job.id))["model_id"])


@pytest.fixture(params=KINDS)
async def here(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Here]:
    with migrated(request.param, tmp_path) as url:
        store = open_store(url, pool=4, wait=15)
        found = Here(small_settings(tmp_path, url, secret_key="s" * 32), store)
        yield found
        await found.workshop.close()
        await store.close()


async def test_the_draft_is_trained_and_becomes_a_candidate(here: Here, tmp_path: Path) -> None:
    number = await here.store.run(lambda connection: add_sentence(connection, LEARNT[1], "salutation"))
    await here.store.run(lambda connection: add_sentence(connection, "goeiendag", "salutation", "test"))
    model_id = await here.trained()
    (candidate,) = await here.store.run(models.candidates)
    assert (candidate.model_id, candidate.author, candidate.reason) == (model_id, "anne", "essai")
    assert candidate.additions == (number,)
    assert candidate.sentences == 19
    data = await here.store.run(lambda connection: models.archive_of(connection, model_id))
    assert data is not None
    path = tmp_path / "candidat.tar.gz"
    path.write_bytes(data)
    assert archive.read(path).interpreter.parse(LEARNT[0])["intent"]["name"] == "salutation"
    assert await here.store.run(models.active) is None
    (entry,) = await here.store.run(lambda connection: latest_entries(connection, 9))
    assert (entry.actor, entry.action, entry.details) == ("anne", "train", {"additions": 1})
    assert not (here.settings.project_dir / "data/nlu/console.yml").exists()


async def test_a_proof_shows_what_got_fixed_and_passes_the_gate(here: Here) -> None:
    await here.store.run(lambda connection: add_sentence(connection, LEARNT[1], "salutation"))
    await here.store.run(lambda connection: add_sentence(connection, "salut collègue", "salutation", "test"))
    job = await until_over(here.store, here.agent, await here.workshop.train("anne", "essai", then_prove=True))
    proof = await _proof(here)
    candidate = (await here.result(job.id))["model_id"]
    assert proof.parameters["candidate"] == candidate
    assert proof.parameters["published"] == here.agent.model.info.model_id
    assert proof.parameters["most_regression"] == 1.0
    result = await here.result(proof.id)
    assert (result["passed"], result["reasons"]) == (True, [])
    sentences = result["comparison"]["sentences"]
    assert [item["text"] for item in sentences if item["published"]["outcome"] != item["candidate"]["outcome"]] == [LEARNT[0]]
    assert result["comparison"]["fixed"] == 1
    assert result["comparison"]["broken"] == 0
    assert [item["file"] for item in sentences] == ["tests/nlu/frozen.yml"] * 5 + ["console"]
    assert result["candidate"]["model"] == candidate
    assert result["thresholds"]["present"]["threshold"] == 0.5
    assert len(result["thresholds"]["curve"]) == 45


async def _proof(here: Here) -> jobs.Job:
    found = None
    async with asyncio.timeout(30):
        while found is None:
            await asyncio.sleep(0.1)
            found = await here.store.run(lambda connection: jobs.latest(connection, "prove", here.agent.clock()))
    job = await until_over(here.store, here.agent, found.id)
    assert job.status == "done", job
    return job


async def test_a_draft_that_breaks_a_protected_sentence_does_not_pass(here: Here) -> None:
    for _ in range(9):
        await here.store.run(lambda connection: add_sentence(connection, "bonjour bonjour", "horaire"))
    for number in range(9):
        await here.store.run(partial(add_sentence, text=f"bonjour {number}", intent="horaire"))
    job = await until_over(here.store, here.agent, await here.workshop.prove(await here.trained(), "anne"))
    result = await here.result(job.id)
    assert not result["passed"]
    assert ["bonjour"] in [reason["sentences"] for reason in result["reasons"]]


async def test_one_job_at_a_time(here: Here) -> None:
    first = await here.workshop.train("anne", "essai")
    assert await here.workshop.train("bea", "aussi") is None
    assert await here.workshop.prove("m", "bea") is None
    assert (await until_over(here.store, here.agent, first)).status == "done"


async def test_a_project_with_errors_is_told_where(here: Here) -> None:
    path = here.settings.project_dir / "data/rules.yml"
    path.write_text(path.read_text() + "  - rule: fausse\n    steps: [{intent: salutation}, {action: utter_horaire}]\n")
    job = await until_over(here.store, here.agent, await here.workshop.train("anne", "essai"))
    assert (job.status, job.error) == ("failed", "project")
    (problem,) = (await here.result(job.id))["problems"]
    assert problem.startswith("data/rules.yml:11")
    assert await here.store.run(models.candidates) == []


async def test_nothing_to_prove_with_and_a_candidate_that_is_gone(here: Here) -> None:
    job = await until_over(here.store, here.agent, await here.workshop.prove("aucun", "anne"))
    assert (job.status, job.error) == ("failed", "model_gone")
    (here.settings.project_dir / "tests/nlu/frozen.yml").unlink()
    job = await until_over(here.store, here.agent, await here.workshop.prove("aucun", "anne"))
    assert (job.status, job.error) == ("failed", "no_sentences")


async def test_a_process_that_dies_is_told_with_a_reference(here: Here, caplog: pytest.LogCaptureFixture) -> None:
    job_id = await here.workshop.train("anne", "essai")
    os.kill(await _worker(), signal.SIGKILL)
    job = await until_over(here.store, here.agent, job_id)
    assert (job.status, job.error) == ("failed", "worker_died")
    reference = (await here.result(job.id))["reference"]
    assert f"reference {reference}: train: status -9" in caplog.text
    assert await here.workshop.train("anne", "encore") is not None


async def test_a_server_that_stops_kills_the_process_and_interrupts_the_job(here: Here) -> None:
    job_id = await here.workshop.train("anne", "essai")
    process = await _worker()
    await here.workshop.close()
    job = await until_over(here.store, here.agent, job_id)
    assert (job.status, job.error) == ("interrupted", "interrupted")
    assert not _lives(process)


async def test_a_job_that_another_server_took_is_given_up(here: Here) -> None:
    job_id = await here.workshop.train("anne", "essai")
    process = await _worker()
    assert await here.store.run(lambda connection: jobs.interrupt(connection, job_id or 0, 1.0))
    async with asyncio.timeout(20):
        lives = True
        while lives:
            await asyncio.sleep(0.05)
            lives = _lives(process)
    assert await here.store.run(models.candidates) == []


async def _worker() -> int:
    """The process that works for this one."""
    found = None
    async with asyncio.timeout(20):
        while found is None:
            await asyncio.sleep(0.01)
            found = _child()
    return found


def _child() -> int | None:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if worker.__name__.encode() in words and parent == os.getpid():
            return int(folder.name)
    return None


def _lives(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


def test_the_process_knows_no_secret_and_ends_with_the_server(tmp_path: Path) -> None:
    from api.console.workshop import _environment

    os.environ["BMA_SECRET_KEY"] = "secret"
    try:
        environment = _environment()
    finally:
        del os.environ["BMA_SECRET_KEY"]
    assert not [name for name in environment if name.startswith("BMA_")]
    project = small_project(tmp_path / "projet")
    folder = tmp_path / "travail"
    folder.mkdir()
    inputs = {"root": str(project), "config": None, "additions": []}
    (folder / worker.INPUTS).write_text(json.dumps(inputs))
    command = [sys.executable, "-m", worker.__name__, "train", str(folder)]
    process = subprocess.Popen(command, env=environment, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    assert json.loads(process.stdout.readline()) == {"step": "reading", "done": 0, "total": 0}
    assert os.getpriority(os.PRIO_PROCESS, process.pid) == worker.NICE + os.getpriority(os.PRIO_PROCESS, 0)
    process.stdin.close()
    assert process.wait(timeout=20) == 3
    process.stdout.close()
    assert not (folder / worker.RESULT).exists()
