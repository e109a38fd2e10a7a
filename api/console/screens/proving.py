"""`/console/prouver`: what a candidate does better and worse than the published model."""

from __future__ import annotations

from typing import Any, cast

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.engine import Connection

from api.console import pages, proof_view, publishing
from api.console.access import agent_of, allow, visitor_of
from api.console.console import Console
from api.console.forms import read_form
from api.console.present import Present, present, workshop_of
from api.console.proof_view import SCOPES, Side
from api.console.refusals import Refusal
from api.console.rights import Right
from bot.storage import jobs
from bot.storage.jobs import Job

MOST_IN_GROUP = 200
"""Sentences of a group that are shown."""


def router(console: Console) -> APIRouter:
    """The routes."""
    settings = console.settings
    routes = APIRouter()

    async def show(request: Request, status: int = 200, error: str = "") -> Response:
        agent, query = agent_of(request), request.query_params

        def read(connection: Connection) -> tuple[Present, Job | None, dict[str, Any] | None, bool]:
            job = _proof(connection, query.get("preuve"), agent.clock())
            result = jobs.result(connection, job.id) if job is not None else None
            proofs = publishing.proofs_of(connection, agent, settings)
            holds = job is not None and any(proof.job.id == job.id and proof.is_present for proof in proofs.values())
            return present(connection, agent, settings), job, result, holds

        now, job, result, holds = await agent.store.look(read)
        if job is None and "preuve" in query:
            raise Refusal(404, "introuvable")
        side: Side = "published" if query.get("modele") == "published" else "candidate"
        points = proof_view.curve(result) if result is not None else []
        return pages.screen(
            request,
            "prouver.html",
            status,
            error=error,
            present=now,
            job=job,
            result=result,
            holds=holds,
            view=proof_view,
            scopes=SCOPES,
            side=side,
            most=MOST_IN_GROUP,
            points=points,
            chosen=proof_view.chosen(points, query.get("seuil", "")) if points else None,
            travaux=pages.texts()["travaux"],
        )

    @routes.get("/prouver", dependencies=[allow(settings, Right.READ)])
    async def prove_screen(request: Request) -> Response:
        """The latest proof, or the one of `?preuve=`."""
        return await show(request)

    @routes.get("/travail", dependencies=[allow(settings, Right.READ)])
    async def progress(request: Request) -> Response:
        """How far the job is that runs; asked every second, and once more when it is over: then the page loads anew."""
        agent = agent_of(request)
        job = await agent.store.look(lambda connection: jobs.running(connection, agent.clock()))
        response = pages.fragment(request, "travail.html", section="travaux", travaux=pages.texts()["travaux"], job=job)
        if job is None:
            response.headers["HX-Refresh"] = "true"
        return response

    @routes.get("/phrases", dependencies=[allow(settings, Right.READ)])
    async def sentences(request: Request) -> Response:
        """The sentences of a cell of the matrix."""
        query, agent = request.query_params, agent_of(request)
        side = cast(Side, query.get("modele", "candidate"))
        expected, found = query.get("attendu", ""), query.get("trouve", "")
        job, result = await agent.store.look(lambda connection: _with_result(connection, query.get("preuve"), agent.clock()))
        if job is None or result is None or side not in ("candidate", "published"):
            raise Refusal(404, "introuvable")
        rows = proof_view.cell(result, side, expected, found)
        return pages.screen(request, "phrases.html", job=job, side=side, expected=expected, found=found, rows=rows)

    @routes.post("/prouver/brouillon", dependencies=[allow(settings, Right.PROVE)])
    async def train_and_prove(request: Request) -> Response:
        """Train the draft, then prove it."""
        reason = pages.texts()["prouver"]["raison"]
        if await workshop_of(request).train(visitor_of(request).name, reason, then_prove=True) is None:
            raise Refusal(409, "travail_en_cours")
        return pages.go(request, "prouver", fait="entrainement")

    @routes.post("/prouver/candidat", dependencies=[allow(settings, Right.PROVE)])
    async def prove(request: Request) -> Response:
        """Prove a candidate."""
        candidate = (await read_form(request, settings)).get("candidat")
        if await workshop_of(request).prove(candidate, visitor_of(request).name) is None:
            raise Refusal(409, "travail_en_cours")
        return pages.go(request, "prouver", fait="preuve")

    return routes


def _proof(connection: Connection, wanted: str | None, now: float) -> Job | None:
    """A finished proof: the one that is asked for, or the latest."""
    if wanted is None:
        return jobs.latest(connection, "prove", now, "done")
    if not wanted.isascii() or not wanted.isdigit() or len(wanted) > 18:
        return None
    job = jobs.find(connection, int(wanted), now)
    return job if job is not None and job.kind == "prove" and job.status == "done" else None


def _with_result(connection: Connection, wanted: str | None, now: float) -> tuple[Job | None, dict[str, Any] | None]:
    job = _proof(connection, wanted, now)
    return job, jobs.result(connection, job.id) if job is not None else None
