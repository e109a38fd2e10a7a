"""« Essayer »: a conversation on the published model, on the draft, or on both side by side, and why they answer so.

The conversation travels in the form, masked: nothing is stored, and no address holds a text. So the screen answers its
POSTs itself: there is nothing that a redirection could name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.console import pages
from api.console.access import agent_of, allow, visitor_of
from api.console.analysis import Analysis, analyse, exchanges_of
from api.console.console import Console
from api.console.forms import Form, read_form
from api.console.project_files import topics
from api.console.refusals import Refusal
from api.console.rights import Right
from api.console.trial_models import TrialModels
from api.transcript import Answer
from bot.project.loader import TEST_PREFIX
from bot.project.nlu_reader import MAX_EXAMPLE
from bot.rehearsal import MAX_MESSAGES, Rehearsed, rehearse
from bot.scenario import NotATestError, story_file
from bot.storage.replaying import messages_until
from bot.training.archive import Model
from bot.training.nearest import Neighbour
from bot.training.prediction import scope_of
from bot.turns import masked

CHANNEL = "page"
SECTION = "essayer"
PUBLISHED, DRAFT, BOTH = "publie", "brouillon", "deux"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a form asks for."""

    messages: tuple[str, ...] = ()
    typed: str = ""
    """What stands in the field, not sent yet."""
    models: str = BOTH
    near: bool = False
    """Whether the nearest training sentences are to be in the page itself."""
    error: str = ""
    """Key of a text."""
    obstacle: str = ""
    """Why the conversation does not become a test: key of a text."""
    obstacle_at: int = 0
    """Number of the message that it is about."""


@dataclass(frozen=True, slots=True)
class Column:
    """What one model makes of the conversation."""

    key: str
    model_id: str
    turns: tuple[Rehearsed, ...]
    answers: tuple[tuple[Answer, ...], ...]
    said: tuple[str, ...]
    """The user's messages, of buttons their titles."""
    last: Analysis | None
    """Of the last turn."""
    near: tuple[Neighbour, ...] | None = field(default=None)


def router(console: Console) -> APIRouter:
    """The routes."""
    settings = console.settings
    routes = APIRouter()
    trials = TrialModels()

    async def show(request: Request, wish: Wish) -> Response:
        offer = await trials.offer(agent_of(request))
        draft = await trials.draft(offer) if wish.messages else None  # an empty screen does not wait for it
        both = [(PUBLISHED, offer.published), *([(DRAFT, draft)] if draft else [])]
        asked = [item for item in both if wish.models in (BOTH, item[0])] or both[:1]
        columns = [await _column(request, key, model, wish, trials) for key, model in asked]
        return pages.screen(
            request,
            "essayer.html",
            400 if wish.error or wish.obstacle else 200,
            columns=columns,
            has_draft=offer.draft_id is not None,
            unreadable=offer.draft_id if wish.messages and draft is None else None,
            wish=wish,
            differs=[len({_gist(column.turns[at]) for column in columns}) > 1 for at in range(len(wish.messages))],
            topics=topics(offer.published.domain, scope_of(offer.published.interpreter.specs).out_of_scope),
            most=MAX_MESSAGES,
            max_chars=settings.max_message_chars,
            max_in_test=MAX_EXAMPLE,
        )

    @routes.get("/", dependencies=[allow(settings, Right.READ)])
    async def begin(request: Request) -> Response:
        """An empty conversation; whoever may not try is led to the inbox."""
        if not visitor_of(request).may(Right.TRY):
            return pages.go(request, "boite")
        return await show(request, Wish())

    @routes.post("/", dependencies=[allow(settings, Right.TRY)])
    async def go_on(request: Request) -> Response:
        """Play the conversation of the form, with what was typed or chosen."""
        return await show(request, _wish(await read_form(request, settings), settings.max_message_chars))

    @routes.post("/rejouer", dependencies=[allow(settings, Right.TRY)])
    async def replay(request: Request) -> Response:
        """Play what a user had said up to an item of the inbox."""
        item = (await read_form(request, settings)).number("item")
        found = await agent_of(request).store.look(lambda connection: messages_until(connection, item))
        if not found:
            raise Refusal(404, "conversation_partie")
        return await show(request, Wish(tuple(found[-MAX_MESSAGES:])))

    @routes.post("/scenario", dependencies=[allow(settings, Right.TRY)])
    async def scenario(request: Request) -> Response:
        """The conversation of the form as a test file, of the model whose button was chosen."""
        form = await read_form(request, settings)
        wish = _wish(form, settings.max_message_chars, sends=False)
        if not wish.messages:
            return await show(request, replace(wish, error="vide"))
        offer = await trials.offer(agent_of(request))
        wants_draft = form.get("scenario") == DRAFT
        model = await trials.draft(offer) if wants_draft else offer.published
        if model is None:
            return await show(request, replace(wish, obstacle="sans_brouillon"))
        agent = agent_of(request)
        turns = await rehearse(model, agent.actions, wish.messages, CHANNEL, agent.clock)  # tests know no suspension
        try:
            return _download(turns, model, pages.texts()[SECTION]["scenario"], agent.clock())
        except NotATestError as error:
            return await show(request, replace(wish, obstacle=error.reason, obstacle_at=error.number))

    @routes.post("/proches", dependencies=[allow(settings, Right.TRY)])
    async def near(request: Request) -> Response:
        """The training sentences nearest to a text; a part of the screen."""
        form = await read_form(request, settings)
        offer = await trials.offer(agent_of(request))
        key, text = form.get("modele"), form.get("texte")[: settings.max_message_chars]
        draft = await trials.draft(offer) if key == DRAFT else None
        found = await trials.nearest(draft or offer.published, text)
        values = {"near": found, "model": DRAFT if draft else PUBLISHED, "text": text, "asked": True}
        return pages.fragment(request, "essayer_proches.html", section=SECTION, **values)

    return routes


def _wish(form: Form, max_chars: int, sends: bool = True) -> Wish:
    """What the form of the screen asks for: its button says what becomes of the messages that it carries.

    Args:
        form: the form.
        max_chars: longest message, in characters.
        sends: whether what stands in the field is said; it stays there otherwise.
    """
    messages, typed = form.all("message"), form.get("texte")
    models = form.get("modeles") if form.get("modeles") in (PUBLISHED, DRAFT) else BOTH
    error = ""
    if not sends:
        pass
    elif "jusque" in form:
        messages = messages[: form.number("jusque")]
    elif "modifier" in form:
        at = form.number("modifier")
        typed, messages = next(iter(messages[at - 1 : at]), ""), messages[: max(0, at - 1)]
    elif said := form.get("choix") or typed:
        if len(messages) >= MAX_MESSAGES:
            error = "trop_de_messages"
        elif len(said) > max_chars:
            error = "trop_long"
        else:
            messages.append(said)
            typed = typed if "choix" in form else ""
    elif not messages:
        error = "vide"
    if len(messages) > MAX_MESSAGES or any(len(text) > max_chars for text in messages):
        raise Refusal(400, "formulaire")
    return Wish(tuple(messages), masked(typed), models, "proches" in form, error)


def _download(turns: Sequence[Rehearsed], model: Model, words: Mapping[str, str], now: float) -> Response:
    """The test file; its name begins as the tester wants it."""
    moment = pages.moment(now)
    comments = [words[key].format(modele=model.info.model_id, moment=moment) for key in ("origine", "a_faire")]
    body = story_file(turns, model.domain, words["nom"].format(moment=moment), comments)
    file = f"{TEST_PREFIX}essai_{datetime.fromtimestamp(now, pages.BRUSSELS):%Y%m%d_%H%M%S}.yml"
    headers = {"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": "no-store"}
    return Response(body.encode("utf-8"), media_type="application/yaml", headers=headers)


async def _column(request: Request, key: str, model: Model, wish: Wish, trials: TrialModels) -> Column:
    agent = agent_of(request)
    turns = await rehearse(model, agent.actions, wish.messages, CHANNEL, agent.clock, agent.suspended)
    shown = exchanges_of(turns) if turns else []
    last = analyse(turns[-1], shown[-1]) if turns else None
    wanted = wish.near and last is not None and not last.turn.is_payload
    return Column(
        key,
        model.info.model_id,
        tuple(turns),
        tuple(tuple(exchange.answers) for exchange in shown),
        tuple(exchange.question for exchange in shown),
        last,
        await trials.nearest(model, turns[-1].text) if wanted else None,
    )


def _gist(turn: Rehearsed) -> tuple[str, ...]:
    """What two models' answers are compared by: the intents and the responses, whatever their wording."""
    understood = (turn.understood.intent, *(question.intent for question in turn.questions))
    return (*understood, *(str((message.get("metadata") or {}).get("utter_action")) for message in turn.messages))
