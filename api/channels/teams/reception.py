"""From an activity to a row of the inbox, in one commit: what was acknowledged is answered, whatever happens."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from microsoft_agents.activity import Activity
from sqlalchemy.engine import Connection

from api.channels.teams.activities import Arrival, Question, is_group, tenant_of
from api.channels.teams.outgoing import reference_of
from bot.agent import Agent
from bot.identity import ConversationKey
from bot.storage import inbox
from bot.storage.inbox import Received

log = logging.getLogger("bma.teams")

CHANNEL = "teams"
MAX_MESSAGE_ID = 64
DOUBLE_CLICK = 5.0
"""A button that is clicked again within so many seconds, twice as many at most, has been clicked once."""
ARRIVED = "accueil"
"""Instead of an activity's id: a conversation is greeted once."""


@dataclass(frozen=True, slots=True)
class _Clicked:
    """Rows that stand for a click: while one of them is there, the same click is a double click."""

    now: str
    next: str


def conversation_of(activity: Activity, agent: Agent, *, of_user: bool = True) -> ConversationKey:
    """Whose conversation an activity belongs to.

    In groups and channels each member has a conversation of his own. The sender's name, for `bma conversation`, is the tenant,
    the conversation's id and in groups the user's directory id, with a space between them.

    Args:
        activity: from a verified request.
        agent: has the key of the hashes.
        of_user: False for what concerns a group as a whole.
    """
    parts = [tenant_of(activity) or "", activity.conversation.id]
    if is_group(activity) and of_user:
        user = activity.from_property
        parts.append(user.aad_object_id or user.id)
    return agent.secret.conversation(CHANNEL, " ".join(parts))


async def receive(activity: Activity, asked: Question | Arrival, agent: Agent, max_chars: int) -> bool:
    """Put what an activity asks into the inbox; returns after the commit.

    Args:
        activity: from a verified request.
        asked: what it asks.
        agent: masks, and has the store.
        max_chars: longest message; a longer one is only told so.

    Returns:
        False when nothing is to be done: it came before, or is a double click.

    Raises:
        StorageError: it could not be stored; nothing is acknowledged.
    """
    now = agent.clock()
    clicked = None
    if isinstance(asked, Arrival):
        key, activity_id = conversation_of(activity, agent, of_user=False), ARRIVED
        what = {"kind": "group_arrival" if asked.is_group else "arrival", "message_id": ARRIVED}
    else:
        key, activity_id = conversation_of(activity, agent), str(activity.id)
        what = {"kind": "question", "message_id": message_id(activity_id, agent)}
        if len(asked.text) > max_chars:
            what["kind"] = "too_long"
        elif not asked.text:
            what["kind"] = "empty"
        else:
            what["text"] = _masked(asked.text, agent)
        if asked.clicked is not None:
            clicked = _clicked(agent.secret.hash("click", asked.clicked), now)
    received = Received(str(key), activity_id, CHANNEL, what, reference_of(activity))
    is_taken = await agent.store.run(lambda connection: _take(connection, received, clicked, now))
    if is_taken:
        log.info("an activity will be answered as request %s", request_id(received, agent))
    return is_taken


def request_id(received: Received, agent: Agent) -> str:
    """The id under which a row of the inbox is answered, by whichever process and however often."""
    return agent.secret.hash("request", received.sender_id, received.activity_id)[:16]


def message_id(activity_id: str, agent: Agent) -> str:
    """An activity's id as the id of a message."""
    return activity_id if len(activity_id) <= MAX_MESSAGE_ID else agent.secret.hash("activity", activity_id)


def _masked(text: str, agent: Agent) -> str:
    read = agent.read(text, trusted=False)
    return read if isinstance(read, str) else text  # a payload of the model's own, which holds nothing of the user's


def _clicked(click: str, now: float) -> _Clicked:
    slot = int(now / DOUBLE_CLICK)
    return _Clicked(f"clic:{click}:{slot}", f"clic:{click}:{slot + 1}")


def _take(connection: Connection, received: Received, clicked: _Clicked | None, now: float) -> bool:
    if not inbox.add(connection, received, now):
        return False
    if clicked is None:
        return True
    is_first = _mark(connection, received, clicked.now, now)
    if is_first:
        _mark(connection, received, clicked.next, now)
    else:
        inbox.sent(connection, received)
    return is_first


def _mark(connection: Connection, received: Received, name: str, now: float) -> bool:
    """Note something of a conversation beside its activities; False when it is noted already."""
    mark = Received(received.sender_id, name, CHANNEL, {}, {})
    is_new = inbox.add(connection, mark, now)
    if is_new:
        inbox.sent(connection, mark)
    return is_new
