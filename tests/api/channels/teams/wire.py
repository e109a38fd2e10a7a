"""Activities as Teams sends them."""

import itertools
from typing import Any

from tests.api.channels.teams.microsoft import BOT, TENANT, Microsoft

_numbers = itertools.count(1_700_000_000_000)


def new_id() -> str:
    return str(next(_numbers))


def activity(microsoft: Microsoft, user: str = "camille", conversation: str | None = None, **more: Any) -> dict[str, Any]:
    """What all activities have; personal chat unless a conversation is named."""
    return {
        "id": new_id(),
        "timestamp": "2026-11-25T10:00:00.000Z",
        "channelId": "msteams",
        "serviceUrl": microsoft.service_url,
        "from": {"id": f"29:{user}", "name": user.title(), "aadObjectId": f"aad-{user}"},
        "recipient": {"id": BOT, "name": "Assistant BMA"},
        "conversation": {
            "id": conversation or f"a:{user}",
            "conversationType": "personal",
            "tenantId": TENANT,
        },
        "channelData": {"tenant": {"id": TENANT}},
        "locale": "fr-BE",
        "entities": [{"type": "clientInfo", "locale": "fr-BE", "country": "BE", "platform": "Web"}],
        **more,
    }


def message(microsoft: Microsoft, text: str, user: str = "camille", **more: Any) -> dict[str, Any]:
    return activity(microsoft, user, type="message", text=text, textFormat="plain", **more)


def click(microsoft: Microsoft, button: dict[str, Any], card_id: str, user: str = "camille", **more: Any) -> dict[str, Any]:
    """Action.Submit: a message without text, whose value is the button's data."""
    source = {"source": {"name": "message"}, "tenant": {"id": TENANT}}
    return activity(microsoft, user, type="message", value=button["data"], replyToId=card_id, channelData=source, **more)


def execute(microsoft: Microsoft, data: Any, user: str = "camille") -> dict[str, Any]:
    """Action.Execute: an invoke."""
    action = {"action": {"type": "Action.Execute", "verb": "dire", "data": data}}
    return activity(microsoft, user, type="invoke", name="adaptiveCard/action", value=action)


def in_group(body: dict[str, Any], kind: str, conversation: str) -> dict[str, Any]:
    """The same in a group chat or a channel, where the assistant is mentioned."""
    mention = {"type": "mention", "text": "<at>Assistant BMA</at>", "mentioned": {"id": BOT, "name": "Assistant BMA"}}
    place = {"id": conversation, "conversationType": kind, "isGroup": True, "tenantId": TENANT}
    text = {"text": f"<at>Assistant BMA</at>&nbsp;{body['text']}".replace("&nbsp;", "\xa0")} if "text" in body else {}
    return {**body, **text, "conversation": place, "entities": [*body["entities"], mention]}


def vote(microsoft: Microsoft, answer_id: str, reaction: str, text: str = "", user: str = "camille") -> dict[str, Any]:
    """Thumb under an answer."""
    said = {"reaction": reaction, "feedback": f'{{"feedbackText":"{text}"}}'}
    value = {"actionName": "feedback", "actionValue": said}
    return activity(microsoft, user, type="invoke", name="message/submitAction", replyToId=answer_id, value=value)
