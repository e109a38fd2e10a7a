"""The assistant as a page without JavaScript: forms, and the conversation as it is stored."""

from __future__ import annotations

import secrets
from functools import partial
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.channels.rest import checked_message_id
from api.declared import JSON, REFUSAL, TEXT, answers, body, refusals, shape
from api.errors import ApiError
from api.pages import page, texts
from api.rate_limit import RateLimits
from api.requests import read_body
from api.sessions import Sessions, from_this_site, new_conversation
from api.settings import Settings
from api.transcript import Exchange, exchanges
from bot.agent import Agent, Message, MessageIdReused
from bot.identity import ConversationKey
from bot.storage import conversations
from bot.storage.errors import StorageError

CHANNEL = "page"
SHOWN = 20
"""Exchanges that the page shows."""
MAX_CHARS = 500
"""Longest question, in characters; the widget has the same limit."""
NOT_SHOWN = answers("A parameter has no such value.", {JSON: REFUSAL, "text/html": TEXT}, 400)
FORM = {**shape(("jeton",), jeton=TEXT, message=TEXT, choix=TEXT, message_id=TEXT, effacer=TEXT), "additionalProperties": False}


class Refused(Exception):
    """A form that is not answered: the page is shown again with the reason and the text.

    Args:
        status: HTTP status code.
        reason: the French sentence.
        draft: what was typed.
        headers: response headers.
    """

    def __init__(self, status: int, reason: str, draft: str = "", headers: dict[str, str] | None = None) -> None:
        self.status = status
        self.reason = reason
        self.draft = draft
        self.headers = headers or {}
        super().__init__(reason)


def router(settings: Settings) -> APIRouter:
    """The routes of the page."""
    routes = APIRouter(tags=["assistant"])
    sessions: Sessions | None = None

    def session_store() -> Sessions:
        nonlocal sessions
        sessions = sessions or Sessions(settings)
        return sessions

    async def show(request: Request, refused: Refused | None = None, notice: str = "") -> Response:
        conversation = session_store().read(request)
        found: list[Exchange] = []
        try:
            found = await _exchanges(request, conversation) if conversation else []
        except Refused as unread:
            refused = refused or unread
        response = page(
            "assistant.html",
            refused.status if refused else 200,
            exchanges=found[-SHOWN:],
            cut=len(found) > SHOWN,
            limit=SHOWN,
            max_chars=MAX_CHARS,
            token=session_store().token(conversation),
            message_id=secrets.token_urlsafe(16),
            error=refused.reason if refused else "",
            draft=refused.draft if refused else "",
            notice=notice,
        )
        response.headers.update(refused.headers if refused else {})
        return response

    async def forget(request: Request, conversation: str | None) -> Response:
        if conversation is not None:
            try:
                await _agent(request).erase(_key(request, conversation), "user")
            except StorageError as error:
                raise Refused(503, texts()["indisponible"], headers={"Retry-After": "5"}) from error
        response = RedirectResponse("assistant?efface=1", 303)
        session_store().forget(request, response)
        return response

    @routes.get("/assistant", response_class=HTMLResponse, responses=NOT_SHOWN | refusals(429, 503, is_page=True))
    async def read(request: Request, efface: bool = False) -> Response:
        """The conversation, and the form."""
        if settings.assistant_off:
            return _stopped()
        return await show(request, notice=texts()["effacee"] if efface else "")

    @routes.post(
        "/assistant",
        status_code=303,
        response_class=Response,
        responses=answers("The page shows the answer.", status=303) | refusals(400, 403, 413, 429, 503, is_page=True),
        openapi_extra=body(FORM, "application/x-www-form-urlencoded"),
    )
    async def write(request: Request) -> Response:
        """Answer a message, or forget the conversation; then show what there is."""
        if settings.assistant_off:
            return _stopped()
        try:
            form = await _form(request, settings)
            conversation = _checked(request, session_store(), form)
            if "effacer" in form:
                return await forget(request, conversation)
            conversation = conversation or new_conversation()
            await _answer(request, conversation, form)
        except Refused as refused:
            return await show(request, refused)
        response = RedirectResponse("assistant#derniere", 303)
        session_store().write(request, response, conversation)
        return response

    return routes


async def _form(request: Request, settings: Settings) -> dict[str, str]:
    try:
        raw = await read_body(request, settings)
    except ApiError as error:
        reason = texts()["beaucoup_trop_long"].format(limite=MAX_CHARS)
        raise Refused(error.status, reason, headers=error.headers) from error
    try:
        return dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=10))
    except ValueError as error:  # more fields than our form has
        raise Refused(400, texts()["perimee"]) from error


def _checked(request: Request, sessions: Sessions, form: dict[str, str]) -> str | None:
    """The conversation of a form that may be answered; None when it begins one."""
    conversation = sessions.read(request)
    draft = form.get("message", "")
    if not from_this_site(request):
        raise Refused(403, texts()["origine"])
    if not sessions.accepts(form.get("jeton", ""), conversation):
        raise Refused(403, texts()["perimee"], draft)
    return conversation


async def _answer(request: Request, conversation: str, form: dict[str, str]) -> None:
    draft = form.get("message", "")
    text = form.get("choix") or draft.replace("\0", "").strip()
    if not text:
        raise Refused(400, texts()["vide"])
    if len(text) > MAX_CHARS:
        raise Refused(413, texts()["trop_long"].format(nombre=len(text), limite=MAX_CHARS), draft)
    message_id = _message_id(form)
    limits: RateLimits = request.app.state.limits
    key = _key(request, conversation)
    try:
        limits.count(request, key)
        try:
            await _agent(request).handle(Message(key, text, message_id=message_id))
        except MessageIdReused:  # the back button, then another text: it is another message
            await _agent(request).handle(Message(key, text))
    except ApiError as error:
        raise Refused(error.status, error.sentence, draft, error.headers) from error
    except StorageError as error:
        raise Refused(503, texts()["indisponible"], draft, {"Retry-After": "5"}) from error


def _message_id(form: dict[str, str]) -> str | None:
    """The form's id of its message; refused when our form does not make such."""
    given = form.get("message_id")
    try:
        return checked_message_id(given) if given else None
    except ApiError as error:
        raise Refused(error.status, texts()["perimee"], form.get("message", "")) from error


async def _exchanges(request: Request, conversation: str) -> list[Exchange]:
    """The conversation's latest exchanges, one more than are shown.

    Raises:
        Refused: they cannot be read now, or were read too often.
    """
    limits: RateLimits = request.app.state.limits
    try:
        limits.count_look(request)
        events = await _agent(request).store.look(
            partial(conversations.latest, sender_id=str(_key(request, conversation)), messages=2 * SHOWN)
        )
    except ApiError as error:
        raise Refused(error.status, error.sentence, headers=error.headers) from error
    except StorageError as error:
        raise Refused(503, texts()["indisponible"], headers={"Retry-After": "5"}) from error
    return exchanges(events, SHOWN + 1)


def _stopped() -> Response:
    response = page("stopped.html", 503)
    response.headers["Retry-After"] = "600"
    return response


def _agent(request: Request) -> Agent:
    agent: Agent = request.app.state.agent
    return agent


def _key(request: Request, conversation: str) -> ConversationKey:
    return _agent(request).secret.conversation(CHANNEL, conversation)
