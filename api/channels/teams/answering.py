"""What is said to a row of the inbox."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from api.channels.teams.cards import parts
from api.channels.teams.texts import greeting_buttons, text
from bot.agent import Agent, Message
from bot.identity import ConversationKey
from bot.storage.errors import StorageError
from bot.storage.inbox import Received

log = logging.getLogger("bma.teams")


async def answer(received: Received, agent: Agent, max_chars: int) -> list[dict[str, Any]]:
    """The messages that answer a row: `card` and `summary` each.

    A question's turn is stored when this returns, under the activity's id: asked again, it gives the same answer.

    Args:
        received: the row.
        agent: the assistant.
        max_chars: longest message.

    Raises:
        StorageError: the turn could not be stored; nothing was said.
    """
    said = await _said(received, agent, max_chars)
    return [asdict(part) for part in parts(said, str(received.activity["message_id"]))]


def is_answer(received: Received) -> bool:
    """Whether it is the assistant's answer to a question, on which users may give their opinion."""
    return received.activity.get("kind") == "question"


async def _said(received: Received, agent: Agent, max_chars: int) -> Sequence[Mapping[str, Any]]:
    match received.activity["kind"]:
        case "arrival":
            return [{"text": text("accueil"), "buttons": greeting_buttons()}]
        case "group_arrival":
            return [{"text": text("accueil_groupe"), "buttons": greeting_buttons()}]
        case "too_long":
            return [{"text": text("trop_long", limit=max_chars)}]
        case "empty":
            return [{"text": text("vide")}]
    channel, _, sender_hash = received.sender_id.rpartition(":")
    message = Message(
        conversation=ConversationKey(channel, sender_hash),
        text=str(received.activity["text"]),
        message_id=str(received.activity["message_id"]),
    )
    try:
        return (await agent.handle(message)).messages
    except StorageError:
        raise
    except Exception as error:
        reference = secrets.token_hex(4)
        log.error("error %s at an activity: %s", reference, type(error).__name__, exc_info=error)
        return [{"text": text("erreur")}]
