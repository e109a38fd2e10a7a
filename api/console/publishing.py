"""Publishing a candidate behind the gate, and going back to a model that was active before."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from api.console.works import served, terms, test_set
from api.serving import archive_bytes, delivered, load, serve
from api.settings import Settings
from bot.agent import Agent
from bot.storage import jobs, models
from bot.storage.jobs import KEPT, Job
from bot.storage.models import Activation, Published
from bot.training.archive import ArchiveError, Model

MOST_REASON = 500
"""Characters of a reason that are kept."""


class NotPublished(Exception):
    """A model that is not made the active one; the argument is a key of the console's texts."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A candidate was compared with the published model."""

    job: Job
    is_present: bool
    """Whether it is about the model that is published now, the sentences as they are, and the present bound."""
    passed: bool


def proofs_of(connection: Connection, agent: Agent, settings: Settings) -> dict[str, Proof]:
    """The latest proof of each model that was proved, preferably one that still holds."""
    published, digest = served(connection, agent), test_set(connection, settings).digest
    found: dict[str, Proof] = {}
    for job in jobs.recent(connection, KEPT, agent.clock(), "prove", "done"):
        candidate = str(job.parameters["candidate"])
        is_present = terms(settings, candidate, published, digest).items() <= job.parameters.items()
        if candidate not in found or (is_present and not found[candidate].is_present):
            found[candidate] = Proof(job, is_present, bool(job.parameters["passed"]))
    return found


def refusal(settings: Settings, candidate: Published, proof: Proof | None, by: str) -> str | None:
    """Why somebody may not publish a candidate now: a key of the console's texts; None when they may.

    Args:
        settings: whether two people are needed.
        candidate: a model that is not served.
        proof: its latest one.
        by: who wants to publish it.
    """
    if settings.console_four_eyes and candidate.author == by:
        return "four_eyes"
    if proof is None:
        return "not_proved"
    if not proof.is_present:
        return "proof_outdated"
    return None if proof.passed else "not_passed"


async def publish(agent: Agent, settings: Settings, candidate: str, by: str, reason: str) -> None:
    """Make a proved candidate the model that every process serves; this one serves it when this returns.

    Args:
        agent: of this process.
        settings: the gate's bound, and whether two people are needed.
        candidate: the model's id.
        by: who publishes.
        reason: why; masked before it is kept.

    Raises:
        NotPublished: says why not.
        StorageError: the database does not answer.
    """
    reason = _reason(agent, reason)
    model = await _loaded(agent, candidate)
    archives = await _delivered(agent)

    def work(connection: Connection) -> str | None:
        found = models.find(connection, candidate)
        if found is None:
            return "model_gone"
        if candidate == served(connection, agent):
            return "already_active"
        why = refusal(settings, found, proofs_of(connection, agent, settings).get(candidate), by)
        if why is not None:
            return why
        done = models.put_in_service(connection, Activation(candidate, by, reason, agent.clock()), archives)
        return None if done else "published_meanwhile"

    _raise(await agent.store.run(work))
    serve(agent, model)


async def roll_back(agent: Agent, model_id: str, instead_of: str, by: str, reason: str) -> None:
    """Make a model that was active before, or the delivered one, the active one again.

    Args:
        agent: of this process, which serves it when this returns.
        model_id: where to go back to.
        instead_of: the model that was active when the decision was made.
        by: who decides.
        reason: why; masked before it is kept.

    Raises:
        NotPublished: says why not.
        StorageError: the database does not answer.
    """
    reason = _reason(agent, reason)
    model = await _loaded(agent, model_id)

    def work(connection: Connection) -> str | None:
        if model_id not in {item.model_id for item in models.former(connection)}:
            return "never_active"
        done = models.replace_active(connection, instead_of, Activation(model_id, by, reason, agent.clock()))
        return None if done else "published_meanwhile"

    _raise(await agent.store.run(work))
    serve(agent, model)


def _raise(why: str | None) -> None:
    if why is not None:
        raise NotPublished(why)


def kept_reason(agent: Agent, reason: str) -> str:
    """What is kept of a reason that somebody gives: masked, and not too long."""
    return agent.masked(reason)[:MOST_REASON].strip()


def _reason(agent: Agent, reason: str) -> str:
    kept = kept_reason(agent, reason)
    if not kept:
        raise NotPublished("reason_missing")
    return kept


async def _loaded(agent: Agent, model_id: str) -> Model:
    """A stored model, loaded beside the one that talks."""
    try:
        model = await load(agent.store, model_id)
    except ArchiveError as error:
        raise NotPublished("archive") from error
    if model is None:
        raise NotPublished("model_gone")
    return model


async def _delivered(agent: Agent) -> list[tuple[Published, bytes]]:
    """The model that is served as long as none was published; nothing once one was."""
    if await agent.store.run(models.active) is not None:
        return []
    return [(delivered(agent.model.info), await asyncio.to_thread(archive_bytes, agent.model))]
