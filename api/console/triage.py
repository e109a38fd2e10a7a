"""What the helpdesk says of questions: corrections into the queue, groups of the inbox closed, and both taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.engine import Connection

from api.console import pages
from api.console.access import agent_of, allow, visitor_of
from api.console.forms import Form, read_form
from api.console.inbox_view import View, numbers_of
from api.console.project_files import topics
from api.console.refusals import Refusal
from api.console.rights import Right
from api.settings import Settings
from bot.agent import Agent
from bot.storage import audit, corrections, review
from bot.storage.corrections import KINDS, Proposal
from bot.storage.review import Filter, Item
from bot.training.prediction import scope_of

IGNORE = "ignore"
"""Beside the kinds of corrections: there is nothing to correct."""
MOST_TEXT = {"nom": 80, "commentaire": 500}
"""Characters of the fields."""
MOST_ITEMS = 20
"""Questions that one correction takes."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a form says of a question or a group of them."""

    kind: str
    """One of KINDS, or IGNORE."""
    intent: str | None
    comment: str | None
    author: str


@dataclass(frozen=True, slots=True)
class Judged:
    """The group of the inbox that a form is about."""

    numbers: Sequence[int]
    chosen: Sequence[int]
    """The items whose questions are proposed as sentences."""
    which: Filter
    until: int


class Triage:
    """The routes that correct.

    Args:
        settings: what the operator set.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def topics(self, agent: Agent) -> list[str]:
        """The topics of the model that is served."""
        return topics(agent.model.domain, scope_of(agent.interpreter.specs).out_of_scope)

    def router(self) -> APIRouter:
        """The routes."""
        routes = APIRouter()

        @routes.post("/corriger", dependencies=[allow(self._settings, Right.CORRECT)])
        async def correct(request: Request) -> Response:
            """A correction of a group of the inbox (`groupe`), or of a question that was tried (`texte`)."""
            form, agent = await read_form(request, self._settings), agent_of(request)
            verdict, now = self._verdict(request, form), agent.clock()
            if "groupe" not in form:
                await self._tried(agent, form, verdict, now)
                if pages.is_htmx(request):
                    return pages.fragment(request, "fait.html", section="fait", done="corrige")
                return pages.go(request, "", fait="corrige")
            view = View.of({name: form.get(name) for name in ("motif", "canal", "page", "rang")})
            chosen = [int(value) for value in form.all("item") if value.isascii() and value.isdigit() and len(value) <= 18]
            judged = Judged(numbers_of(form.get("groupe")), chosen[:MOST_ITEMS], view.which, form.number("jusque"))
            if not await agent.store.run(lambda connection: _judge(connection, judged, verdict, now)):
                raise Refusal(409, "groupe_parti")
            done = "ignore" if verdict.kind == IGNORE else "corrige"
            return pages.go(request, "boite", **view.values(rang=view.rank, fait=done, annuler=repr(now)))

        @routes.post("/boite/annuler", dependencies=[allow(self._settings, Right.CORRECT)])
        async def undo(request: Request) -> Response:
            """Take back what one decided at a moment."""
            form, agent = await read_form(request, self._settings), agent_of(request)
            try:
                at = float(form.get("moment")[:30])
            except ValueError:
                raise Refusal(400, "champ", champ="moment") from None
            author, now = visitor_of(request).name, agent.clock()
            found = await agent.store.run(lambda connection: _undo(connection, author, at, now))
            view = View.of({name: form.get(name) for name in ("motif", "canal", "page", "rang")})
            return pages.go(request, "boite", **view.values(rang=view.rank, fait="annule" if found else "pas_annule"))

        return routes

    def _verdict(self, request: Request, form: Form) -> Verdict:
        """What a form says.

        Raises:
            Refusal: 400, its topic or its name is missing, or a field is too long.
        """
        kind, agent = form.get("sorte"), agent_of(request)
        if kind not in (*KINDS, IGNORE):
            raise Refusal(400, "formulaire")
        for name, most in MOST_TEXT.items():
            if len(form.get(name)) > most:
                raise Refusal(400, "trop_grand")
        scope = scope_of(agent.interpreter.specs).out_of_scope
        named = {"intent": form.get("sujet"), "out_of_scope": scope, "new_topic": agent.masked(form.get("nom"))}
        intent = named.get(kind)
        if kind == "intent" and intent not in self.topics(agent):
            raise Refusal(400, "sujet_manquant")
        if kind == "new_topic" and not intent:
            raise Refusal(400, "nom_manquant")
        return Verdict(kind, intent, agent.masked(form.get("commentaire")) or None, visitor_of(request).name)

    async def _tried(self, agent: Agent, form: Form, verdict: Verdict, now: float) -> None:
        """Propose a correction of a question that nobody of the public asked."""
        text = agent.masked(form.get("texte"))[: self._settings.max_message_chars]
        if not text or verdict.kind == IGNORE:
            raise Refusal(400, "formulaire")
        proposal = _proposal(verdict, text)
        await agent.store.run(lambda connection: corrections.propose(connection, proposal, now))


def _proposal(verdict: Verdict, text: str, item: Item | None = None) -> Proposal:
    kind = next(kind for kind in KINDS if kind == verdict.kind)
    sender, message = (item.sender_id, item.message_id) if item is not None else (None, None)
    return Proposal(kind, text, verdict.intent, verdict.comment, verdict.author, sender, message)


def _judge(connection: Connection, judged: Judged, verdict: Verdict, now: float) -> bool:
    """Close a group of the inbox and propose the correction of the questions chosen in it; False when it is gone."""
    named = review.by_ids(connection, judged.numbers)
    signatures = list(dict.fromkeys(item.signature for item in named))
    decision: review.Decision = "dismissed" if verdict.kind == IGNORE else "done"
    count = review.decide_group(connection, signatures, judged.which, judged.until, decision, verdict.author, now)
    if not count:
        return False
    if decision == "done":
        chosen = [item for item in review.by_ids(connection, judged.chosen) if item.signature in signatures] or named[:1]
        for item in {item.text: item for item in chosen if item.text}.values():
            corrections.propose(connection, _proposal(verdict, item.text, item), now)
    details = {"decision": decision, "kind": verdict.kind, "count": count}
    audit.add(connection, audit.Entry(now, verdict.author, "review_decide", details=details))
    return True


def _undo(connection: Connection, author: str, at: float, now: float) -> int:
    count = review.reopen(connection, author, at)
    if count:
        corrections.take_back(connection, author, at)
        audit.add(connection, audit.Entry(now, author, "review_reopen", details={"count": count}))
    return count
