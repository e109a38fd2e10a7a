"""What a turn is made of, whether it is stored (`bot.agent`) or only rehearsed (`bot.rehearsal`)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from bot import events as ev
from bot.execution.engine import DialogueEngine
from bot.execution.runner import ActionRunner
from bot.execution.suspension import without
from bot.masking import mask
from bot.nlu.interpreter import read_payload
from bot.nlu.message import Context
from bot.text import clean_text
from bot.tracker import Tracker
from bot.training.archive import Model


def engine_of(
    model: Model, actions: ActionRunner, clock: Callable[[], float], suspended: frozenset[str] = frozenset()
) -> DialogueEngine:
    """Who plays a model's dialogue; every event says which model it was.

    Args:
        model: the trained model.
        actions: who runs custom actions.
        clock: time in seconds since 1970.
        suspended: names of responses that are not said: a notice is, in their place.
    """
    stamp = {"model_id": model.info.model_id, "assistant_id": model.info.assistant_id}
    return DialogueEngine(without(model.domain, suspended), model.policies, actions, stamp, clock)


def read(model: Model, received: str, trusted: bool) -> str | dict[str, Any]:
    """Clean and mask a text.

    Args:
        model: knows which payloads may be honoured.
        received: what the channel received.
        trusted: whether any payload is honoured, not only the listed ones.

    Returns:
        The masked text, the only one that later parts see; or, of a payload that may be honoured, its parse result.
    """
    text = clean_text(received)
    if text.startswith("/") and (trusted or text in model.payloads):
        payload = read_payload(text, model.domain)
        if payload is not None:
            return _masked_payload(payload)
    return mask(text).text


def masked(received: str) -> str:
    """A text that is no message, such as a comment, cleaned and masked."""
    return mask(clean_text(received)).text


def context_of(engine: DialogueEngine, tracker: Tracker) -> Context:
    """What the conversation is about; nothing when the message begins a new session."""
    if engine.session_is_over(tracker):
        return Context()
    return Context(tracker.slots, tracker.active_loop.name if tracker.active_loop else None)


def utterance(parsed: dict[str, Any], channel: str, message_id: str) -> ev.UserUttered:
    """The event of an understood message.

    Args:
        parsed: Rasa's parse result, its text masked.
        channel: where it came in.
        message_id: the sender's id of it, or ours.
    """
    return ev.UserUttered(
        text=str(parsed["text"]),
        parse_data=parsed | {"message_id": message_id, "metadata": {}},
        input_channel=channel,
        message_id=message_id,
    )


def _masked_payload(payload: dict[str, Any]) -> dict[str, Any]:
    """A payload with the values of its entities masked; its syntax is the caller's own and is left."""
    entities = [{**item, "value": _masked_value(item["value"])} for item in payload["entities"]]
    intent = payload["intent"]
    text = f"/{intent['name']}"
    if intent["confidence"] != 1.0:
        text += f"@{intent['confidence']}"
    if entities:
        text += json.dumps({item["entity"]: item["value"] for item in entities}, ensure_ascii=False)
    return {**payload, "text": text, "entities": entities}


def _masked_value(value: Any) -> Any:
    if isinstance(value, bool | int | float | None):
        return value
    return masked(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
