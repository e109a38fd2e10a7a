"""`/console/publier`: train, publish what was proved, go back, and who did so when and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.engine import Connection

from api.console import pages, publishing
from api.console.access import agent_of, allow, visitor_of
from api.console.console import Console
from api.console.forms import read_form
from api.console.present import Present, present, workshop_of
from api.console.publishing import NotPublished, Proof
from api.console.refusals import Refusal
from api.console.rights import Right
from api.settings import Settings
from bot.agent import Agent
from bot.storage import models
from bot.storage.corrections import Correction
from bot.storage.models import DELIVERY, Activation, Published

HISTORY = 30
"""Activations that are shown."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A candidate, its proof, and what stands against publishing it."""

    model: Published
    proof: Proof | None
    why_not: str | None
    """Key of the texts; None: it may be published."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What the screen shows."""

    present: Present
    offers: list[Offer]
    former: list[Published]
    history: list[Activation]
    active: Published | None
    """None: nothing was published."""
    new: list[Correction]
    """Sentences of the draft that the published model has not learnt."""

    @property
    def people(self) -> list[tuple[str, str, int]]:
        """Who proposed the new sentences, who confirmed them, and how many."""
        counts = Counter((item.author, item.decided_by or "") for item in self.new)
        return sorted((author, by, count) for (author, by), count in counts.items())

    @property
    def lost(self) -> int:
        """Sentences that the published model has learnt and the draft has not any more."""
        learnt = set(self.active.additions) if self.active is not None else set()
        return len(learnt - {item.id for item in self.present.draft})


def situation(connection: Connection, agent: Agent, settings: Settings, by: str) -> Situation:
    """All of it, for one visitor.

    Args:
        connection: in a transaction, which may be read-only.
        agent: of this process.
        settings: the gate's bound, and whether two people are needed.
        by: who looks.
    """
    now = present(connection, agent, settings)
    proofs = publishing.proofs_of(connection, agent, settings)
    active_id = models.active(connection)
    active = models.find(connection, active_id) if active_id is not None else None
    learnt = set(active.additions) if active is not None else set()
    offers = []
    for model in now.candidates:
        proof = proofs.get(model.model_id)
        offers.append(Offer(model, proof, publishing.refusal(settings, model, proof, by)))
    return Situation(
        present=now,
        offers=offers,
        former=models.former(connection),
        history=models.activations(connection, HISTORY),
        active=active,
        new=[item for item in now.draft if item.id not in learnt],
    )


def router(console: Console) -> APIRouter:
    """The routes."""
    settings = console.settings
    routes = APIRouter()

    async def show(request: Request, status: int = 200, why_not: str = "") -> Response:
        agent, by = agent_of(request), visitor_of(request).name
        found = await agent.store.look(lambda connection: situation(connection, agent, settings, by))
        return pages.screen(
            request,
            "publier.html",
            status,
            error=pages.texts()["publier"]["pourquoi_pas"][why_not] if why_not else "",
            now=found,
            present=found.present,
            served=agent.model.info.model_id,
            delivery=DELIVERY,
            most_reason=publishing.MOST_REASON,
            travaux=pages.texts()["travaux"],
        )

    @routes.get("/publier", dependencies=[allow(settings, Right.READ)])
    async def publish_screen(request: Request) -> Response:
        """What is published, what could be, and what was."""
        return await show(request)

    @routes.post("/publier/brouillon", dependencies=[allow(settings, Right.PUBLISH)])
    async def train(request: Request) -> Response:
        """Train the draft, then prove it."""
        agent, form = agent_of(request), await read_form(request, settings)
        note = publishing.kept_reason(agent, form.get("raison")) or pages.texts()["publier"]["sans_note"]
        if await workshop_of(request).train(visitor_of(request).name, note, then_prove=True) is None:
            raise Refusal(409, "travail_en_cours")
        return pages.go(request, "publier", fait="entrainement")

    @routes.post("/publier/candidat", dependencies=[allow(settings, Right.PUBLISH)])
    async def publish(request: Request) -> Response:
        """Publish a candidate that was proved."""
        form = await read_form(request, settings)
        by = visitor_of(request).name
        try:
            await publishing.publish(agent_of(request), settings, form.get("candidat"), by, form.get("raison"))
        except NotPublished as error:
            return await show(request, 409, str(error))
        return pages.go(request, "publier", fait="publication")

    @routes.post("/publier/retour", dependencies=[allow(settings, Right.PUBLISH)])
    async def roll_back(request: Request) -> Response:
        """Go back to a model that was published before."""
        form = await read_form(request, settings)
        by = visitor_of(request).name
        try:
            await publishing.roll_back(agent_of(request), form.get("modele"), form.get("publie"), by, form.get("raison"))
        except NotPublished as error:
            return await show(request, 409, str(error))
        return pages.go(request, "publier", fait="retour")

    return routes
