"""What Teams sends, typed: Microsoft's `Activity`, and what it asks of us."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from microsoft_agents.activity import Activity

CHANNEL_ID = "msteams"
MAX_BYTES = 256 * 1024
"""Of a request's body."""
MAX_ID = 255
"""Characters of an activity's id."""
MAX_PAYLOAD = 255
"""Characters of a button's payload."""

# Microsoft's validator logs the values that it refuses, the message's text among them.
logging.getLogger("microsoft_agents.activity").setLevel(logging.CRITICAL)


class NotAnActivity(Exception):
    """A body that is no activity; the message tells operators why, without its values."""


@dataclass(frozen=True, slots=True)
class Question:
    """A message, or a click on a button, that is to be answered."""

    text: str
    clicked: str | None = None
    """Of a click: which button of which card."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """The assistant was added to a conversation."""

    is_group: bool


@dataclass(frozen=True, slots=True)
class Vote:
    """Thumb up or down under an answer."""

    answer_id: str
    """Id of the answer's activity."""
    helpful: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class BadInvoke:
    """An invoke of a known kind whose value is of no use."""


Asked = Question | Arrival | Vote | BadInvoke | None
"""None: nothing to answer."""


def read_activity(raw: bytes) -> Activity:
    """A request's body as an activity that we can answer.

    Raises:
        NotAnActivity: it is none, or lacks what an answer needs.
    """
    try:
        activity = Activity.model_validate(json.loads(raw))
    except Exception as error:  # the model raises ValueError, TypeError and bare Exceptions
        raise NotAnActivity(type(error).__name__) from error
    sender, conversation = activity.from_property, activity.conversation
    for name, value in (
        ("id", activity.id),
        ("serviceUrl", activity.service_url),
        ("from.id", sender and (sender.aad_object_id or sender.id)),
        ("conversation.id", conversation and conversation.id),
        ("recipient.id", our_id(activity)),
    ):
        if not value:
            raise NotAnActivity(f"no {name}")
        if not str(value).isprintable() or " " in str(value) or len(str(value)) > (MAX_ID if name == "id" else 2 * MAX_ID):
            raise NotAnActivity(f"{name} is too long, or has spaces or control characters")
    if activity.channel_id is None or activity.channel_id.channel != CHANNEL_ID:
        raise NotAnActivity(f"channelId is not {CHANNEL_ID}")
    return activity


def tenant_of(activity: Activity) -> str | None:
    """The tenant whose user writes."""
    if activity.conversation.tenant_id:
        return activity.conversation.tenant_id.lower()
    tenant = activity.channel_data.get("tenant") if isinstance(activity.channel_data, Mapping) else None
    found = tenant.get("id") if isinstance(tenant, Mapping) else None
    return found.lower() if isinstance(found, str) else None


def is_group(activity: Activity) -> bool:
    """Whether several people may be in the conversation."""
    return bool(activity.conversation.is_group) or activity.conversation.conversation_type in ("groupChat", "channel")


def asked(activity: Activity) -> Asked:
    """What an activity asks of us."""
    match activity.type:
        case "message":
            return _click(activity.value) or Question(_without_mention(activity))
        case "conversationUpdate" | "installationUpdate":
            return _arrival(activity)
        case "invoke":
            return _invoke(activity)
        case _:
            return None


def our_id(activity: Activity) -> str | None:
    """Our own id in the conversation."""
    return activity.recipient.id if activity.recipient else None


def _without_mention(activity: Activity) -> str:
    """The text without « <at>…</at> » of ourselves."""
    text = activity.text or ""
    for mention in activity.get_mentions():
        mentioned = mention.mentioned
        if mentioned is None or mentioned.id != our_id(activity):
            continue
        text = text.replace(mention.text or f"<at>{mentioned.name}</at>", " ")
    return text.replace("\N{NO-BREAK SPACE}", " ").strip()


def _click(value: Any) -> Question | None:
    """The click that a value of ours stands for; the value is the user's to change."""
    if not isinstance(value, Mapping):
        return None
    payload, question = value.get("payload"), value.get("question")
    if not isinstance(payload, str) or not 1 <= len(payload) <= MAX_PAYLOAD:
        return None
    return Question(payload, f"{question if isinstance(question, str) else ''}\x1f{payload}"[: 2 * MAX_PAYLOAD])


def _arrival(activity: Activity) -> Arrival | None:
    in_group = is_group(activity)
    if activity.type == "installationUpdate":
        return Arrival(in_group) if activity.action == "add" else None
    added = [member.id for member in activity.members_added or ()]
    others = [member for member in added if member != our_id(activity)]
    if in_group:
        return Arrival(True) if our_id(activity) in added else None
    return Arrival(False) if others else None


def _invoke(activity: Activity) -> Asked:
    value = activity.value if isinstance(activity.value, Mapping) else {}
    if activity.name == "adaptiveCard/action":
        action = value.get("action")
        return (_click(action.get("data")) if isinstance(action, Mapping) else None) or BadInvoke()
    if activity.name == "message/submitAction":
        return _vote(activity, value)
    return None


def _vote(activity: Activity, value: Mapping[str, Any]) -> Vote | BadInvoke:
    said = value.get("actionValue")
    if value.get("actionName") != "feedback" or not isinstance(said, Mapping) or not activity.reply_to_id:
        return BadInvoke()
    if said.get("reaction") not in ("like", "dislike"):
        return BadInvoke()
    return Vote(activity.reply_to_id, said["reaction"] == "like", _reason(said.get("feedback")))


def _reason(feedback: Any) -> str | None:
    """What the user wrote beside the thumb: JSON in a string."""
    try:
        body = json.loads(feedback) if isinstance(feedback, str) else feedback
    except ValueError:
        return None
    found = body.get("feedbackText") if isinstance(body, Mapping) else None
    return found if isinstance(found, str) and found.strip() else None
