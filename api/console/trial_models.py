"""The models that can be tried: the one that is served, the newest candidate, and the training sentences of both."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from functools import partial

from api.console.background import in_a_thread
from api.serving import load
from bot.agent import Agent
from bot.storage import StorageError, models
from bot.training.archive import ArchiveError, Model
from bot.training.nearest import Neighbour, Neighbourhood

log = logging.getLogger("bma.console")

NEAREST = 5
"""Training sentences that are shown near a message."""
KEPT = 2
"""Models whose training sentences are kept ready: 25 MB each."""

PATIENCE = 1.0
"""Seconds that a request waits for them: a server that stops waits for its requests."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What there is to try."""

    published: Model
    draft_id: str | None
    """Of the newest candidate; it is being loaded when it was not."""


class TrialModels:
    """One candidate in memory, and what explains the last models that were asked about."""

    def __init__(self) -> None:
        self._draft: tuple[str, asyncio.Task[Model | None]] | None = None
        self._neighbourhoods: dict[str, asyncio.Future[Neighbourhood]] = {}

    async def offer(self, agent: Agent) -> Offer:
        """What can be tried now; a new candidate begins to be loaded, and the one before it is let go.

        Raises:
            StorageError: the database does not answer.
        """
        published = agent.model
        newest = next(iter(await agent.store.look(models.candidates)), None)
        wanted = newest.model_id if newest is not None and newest.model_id != published.info.model_id else None
        if wanted is None:
            self._draft = None
        elif self._draft is None or self._draft[0] != wanted:
            self._draft = wanted, asyncio.create_task(_load(agent, wanted))
        return Offer(published, wanted)

    async def draft(self, offer: Offer) -> Model | None:
        """The candidate of an offer; None when there is none, when this version cannot read it, or when it has just gone.

        Raises:
            StorageError: the database does not answer.
        """
        kept = self._draft
        if offer.draft_id is None or kept is None or kept[0] != offer.draft_id:
            return None
        try:
            return await asyncio.shield(kept[1])  # whoever goes away leaves it to the next one
        except StorageError:
            self._draft = None
            raise

    async def nearest(self, model: Model, text: str) -> tuple[Neighbour, ...] | None:
        """The training sentences nearest to a text; None while the model's are being made ready, which takes seconds.

        Args:
            model: whose sentences.
            text: masked.
        """
        key = model.info.model_id
        ready = self._neighbourhoods.pop(key, None) or in_a_thread(partial(_neighbourhood, model), "bma-nearest")
        self._neighbourhoods[key] = ready  # now the latest
        for oldest in list(self._neighbourhoods)[:-KEPT]:
            del self._neighbourhoods[oldest]
        await asyncio.wait([ready], timeout=PATIENCE)
        if not ready.done():
            return None
        if ready.exception() is not None:
            self._neighbourhoods.pop(key, None)
        return ready.result().nearest([text], NEAREST)[0]


async def _load(agent: Agent, model_id: str) -> Model | None:
    try:
        return await load(agent.store, model_id)
    except ArchiveError as error:
        log.warning("the candidate cannot be tried: %s", error)
        return None


def _neighbourhood(model: Model) -> Neighbourhood:
    return Neighbourhood(model.interpreter, model.examples())
