"""Is what a database holds of a conversation one serial history, in which every answered message has its turn exactly once?"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa

from bot import events as ev
from bot import snapshot
from bot.events import Event, event_from_json
from bot.project.model import Slot
from bot.storage.schema import answers, conversations, events
from bot.tracker import Tracker


def turns(history: Sequence[Event]) -> Iterator[list[Event]]:
    """A history cut into turns: a turn ends when the assistant listens after a message."""
    turn: list[Event] = []
    for event in history:
        turn.append(event)
        said = any(isinstance(item, ev.UserUttered) for item in turn)
        if said and isinstance(event, ev.ActionExecuted) and event.name == "action_listen":
            yield turn
            turn = []
    assert not turn, f"an unfinished turn: {[event.type_name for event in turn]}"


def check_conversation(connection: sa.Connection, sender_id: str, slots: Mapping[str, Slot]) -> list[str]:
    """Check one conversation; the ids of its messages, in order."""
    query = sa.select(events.c.position, events.c.data).where(events.c.sender_id == sender_id).order_by(events.c.id)
    rows = connection.execute(query).all()
    assert [row.position for row in rows] == list(range(1, len(rows) + 1)), "events are not in the order of their positions"
    history = [event_from_json(json.loads(row.data)) for row in rows]
    times = [event.timestamp for event in history]
    assert times == sorted(times), "time runs backwards"
    stored = {
        row.message_id: json.loads(row.answer)
        for row in connection.execute(sa.select(answers).where(answers.c.sender_id == sender_id))
    }
    order: list[str] = []
    for turn in turns(history):
        (user,) = (event for event in turn if isinstance(event, ev.UserUttered))
        assert user.message_id is not None
        order.append(user.message_id)
        bots = [event.text or "" for event in turn if isinstance(event, ev.BotUttered)]
        assert bots, f"{user.message_id} has no answer among its events"
        assert words(bots) == words([item["text"] for item in stored[user.message_id]]), "another answer than its events say"
    assert sorted(order) == sorted(stored), "messages and answers are not the same"
    assert max(Counter(order).values(), default=1) == 1, "a message has two turns"
    check_state(connection, sender_id, slots, history)
    return order


def words(texts: Sequence[str]) -> list[str]:
    """The words of several texts, however they were cut."""
    return " ".join(texts).split()


def check_state(connection: sa.Connection, sender_id: str, slots: Mapping[str, Slot], history: Sequence[Event]) -> None:
    """The stored state is what the events add up to."""
    row = connection.execute(sa.select(conversations).where(conversations.c.sender_id == sender_id)).one()
    assert row.last_position == len(history)
    kept = json.loads(row.snapshot)
    whole = Tracker(sender_id, slots, history)
    wanted = snapshot.needed(kept, row.session_start)
    needed = [event for event in whole.events if event.position >= wanted.since or event.position in wanted.also]
    assert snapshot.restore(sender_id, slots, kept, needed).state() == whole.state()
