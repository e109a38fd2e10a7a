"""Tables. `events` has Rasa's columns (`rasa/core/tracker_store.py`), so that Rasa's tools read it."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

conversations = Table(
    "conversations",
    metadata,
    Column("sender_id", String(255), primary_key=True, comment="channel and keyed hash of the sender"),
    Column("created_at", Float, nullable=False, comment="seconds since 1970"),
    Column("updated_at", Float, nullable=False, comment="seconds since 1970"),
    Column("session_first_event", Integer, nullable=False, comment="id of the first event of the current session"),
)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("sender_id", String(255), ForeignKey("conversations.sender_id", ondelete="CASCADE"), nullable=False),
    Column("type_name", String(255), nullable=False),
    Column("timestamp", Float),
    Column("intent_name", String(255)),
    Column("action_name", String(255), comment="of a slot event: the slot's name, as in Rasa"),
    Column("data", Text, nullable=False, comment="the event's JSON"),
    Index("events_of_conversation", "sender_id", "id"),
)

answers = Table(
    "answers",
    metadata,
    Column("sender_id", String(255), ForeignKey("conversations.sender_id", ondelete="CASCADE"), primary_key=True),
    Column("message_id", String(64), primary_key=True),
    Column("question", String(64), nullable=False, comment="keyed hash of the masked text"),
    Column("answer", Text, nullable=False, comment="JSON of the messages that were said"),
    Column("answered_at", Float, nullable=False, comment="seconds since 1970"),
)
