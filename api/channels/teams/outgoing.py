"""Activities that we send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from microsoft_agents.activity import Activity, ConversationReference

from api.channels.teams.cards import CONTENT_TYPE

LOCALE = "fr-BE"


def reference_of(activity: Activity) -> dict[str, Any]:
    """Where the answer to an activity goes, as JSON; without names and directory ids, which no answer needs."""
    reference = activity.get_conversation_reference().model_copy(deep=True)
    for account in (reference.user, reference.agent, reference.conversation):
        if account is not None:
            account.name = account.aad_object_id = None
    return reference.model_dump(by_alias=True, exclude_none=True, mode="json")


def message(reference: ConversationReference, part: Mapping[str, Any], *, with_thumbs: bool) -> Activity:
    """A card as a message.

    Args:
        reference: where it goes.
        part: `card` and `summary` (`api.channels.teams.cards.Part`).
        with_thumbs: whether Teams shows thumbs up and down under it.
    """
    body: dict[str, Any] = {
        "type": "message",
        "summary": part["summary"],
        "attachments": [{"contentType": CONTENT_TYPE, "content": part["card"]}],
    }
    if with_thumbs:
        body["channelData"] = {"feedbackLoop": {"type": "default"}}
    return _addressed(body, reference)


def typing(reference: ConversationReference) -> Activity:
    """« … is typing »."""
    return _addressed({"type": "typing"}, reference)


def _addressed(body: dict[str, Any], reference: ConversationReference) -> Activity:
    activity = Activity.model_validate(body | {"locale": LOCALE})
    activity.channel_id = reference.channel_id
    activity.service_url = reference.service_url
    activity.conversation = reference.conversation
    activity.from_property = reference.agent
    if reference.user is not None:
        activity.recipient = reference.user
    if reference.activity_id is not None:
        activity.reply_to_id = reference.activity_id
    return activity
