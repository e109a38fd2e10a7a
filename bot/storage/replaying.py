"""What a user had said up to a turn that somebody looks at, to play it again. A function for `Store.look`."""

from __future__ import annotations

import json

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.events import SessionStarted, UserUttered
from bot.storage.schema import events, review_queue

_ITEM = sa.select(review_queue.c.sender_id, review_queue.c.message_id).where(review_queue.c.id == sa.bindparam("item"))
_EVENTS = (
    sa.select(events.c.type_name, events.c.data)
    .where(
        events.c.sender_id == sa.bindparam("sender"),
        events.c.type_name.in_([UserUttered.type_name, SessionStarted.type_name]),
    )
    .order_by(events.c.position)
)


def messages_until(connection: Connection, item_id: int) -> list[str]:
    """The user's messages of the session, masked, oldest first, the one of the review item last.

    Args:
        connection: in a transaction.
        item_id: of the table `review_queue`.

    Returns:
        Texts, of buttons their payloads; none when the item or its conversation is no longer there.
    """
    item = connection.execute(_ITEM, {"item": item_id}).first()
    if item is None:
        return []
    said: list[str] = []
    for type_name, data in connection.execute(_EVENTS, {"sender": item.sender_id}):
        if type_name == SessionStarted.type_name:
            said = []
            continue
        body = json.loads(data)
        said.append(str(body["text"] or ""))
        if body["message_id"] == item.message_id:
            return said
    return []
