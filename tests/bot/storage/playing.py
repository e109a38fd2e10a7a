"""Turns made by hand."""

import uuid
from dataclasses import replace

from bot import events as ev
from bot.storage import Store
from bot.storage.conversations import session
from bot.storage.records import Known, TurnRecord


def record(sender: str, known: Known, number: int, message_id: str | None = None, at: float | None = None) -> TurnRecord:
    """A turn: message `number`, answered by `utter_a`; at time `number` or another one, in seconds."""
    at = float(number) if at is None else at
    message_id = message_id or uuid.uuid4().hex
    said = ev.UserUttered(text=f"message {number}", timestamp=at, parse_data={"intent": {"name": "a"}}, message_id=message_id)
    events = [
        replace(event, position=position)
        for position, event in enumerate((said, ev.SlotSet(name="s", value=number, timestamp=at)), known.last_position + 1)
    ]
    return TurnRecord(
        sender_id=sender,
        known=known.last_position,
        events=events,
        session_start=known.session_start or 1,
        snapshot={"format": 1, "since": known.session_start or 1, "also": []},
        at=at,
        message_id=message_id,
        question="q",
        answer=[{"text": f"réponse {number}", "metadata": {"utter_action": "utter_a"}}],
        text=f"message {number}",
        intent="a",
        confidence=0.5,
    )


async def play(
    store: Store, sender: str, number: int, message_id: str | None = None, at: float | None = None, review: str | None = None
) -> Known:
    """Play a turn; what it began with."""
    async with store.turn(sender) as turn:
        known = await turn.known(message_id)
        if known.answered is None:
            await turn.commit(replace(record(sender, known, number, message_id, at), review=review))
    return known


async def texts(store: Store, sender: str) -> list[str | None]:
    """The messages of a conversation; its positions have no gap."""
    events = await store.run(lambda connection: session(connection, sender, 0))
    assert [event.position for event in events] == list(range(1, len(events) + 1))
    return [event.text for event in events if isinstance(event, ev.UserUttered)]
