"""Tables. `events` has Rasa's columns (`rasa/core/tracker_store.py`), so that Rasa's tools read it.

`bot/storage/migrations/` makes them; a test compares the two. Times are seconds since 1970, days are ISO dates (UTC).
`sender_id` is everywhere the conversation's key: channel and keyed hash of the sender (`bot.identity`).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

metadata = MetaData()

RowId = BigInteger().with_variant(Integer, "sqlite")
KEY = 255
"""Characters of a conversation's key."""


def _conversation(*, primary_key: bool = False) -> Column[str]:
    target = ForeignKey("conversations.sender_id", ondelete="CASCADE")
    return Column("sender_id", String(KEY), target, nullable=False, primary_key=primary_key)


conversations = Table(
    "conversations",
    metadata,
    Column("sender_id", String(KEY), primary_key=True, comment="channel and keyed hash of the sender"),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    Column("last_position", Integer, nullable=False, server_default="0", comment="position of the latest event"),
    Column("session_start", Integer, nullable=False, server_default="0", comment="position where the current session begins"),
    Column("snapshot", Text, comment="JSON of bot.snapshot; null: replay the session"),
    Column("last_day", String(10), nullable=False, server_default="", comment="of updated_at: indexed, and seldom changes"),
    Index("conversations_by_age", "last_day"),
    postgresql_with={"fillfactor": "70"},
)

events = Table(
    "events",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    _conversation(),
    Column("type_name", String(255), nullable=False),
    Column("timestamp", Float),
    Column("intent_name", String(255)),
    Column("action_name", String(255), comment="of a slot event: the slot's name, as in Rasa"),
    Column("data", Text, nullable=False, comment="the event's JSON"),
    Column("position", Integer, nullable=False, comment="1, 2, 3… in the conversation"),
    Index("events_of_conversation", "sender_id", "position", unique=True),
    Index("events_by_age", "timestamp"),
)

answers = Table(
    "answers",
    metadata,
    _conversation(primary_key=True),
    Column("message_id", String(64), primary_key=True, comment="the sender's id of the message, or ours"),
    Column("question", String(64), nullable=False, comment="keyed hash of the masked text"),
    Column("answer", Text, nullable=False, comment="JSON of the messages that were said"),
    Column("answered_at", Float, nullable=False),
    Column("day", String(10), nullable=False, server_default="", comment="of the answer"),
    Column("channel", String(64), nullable=False, server_default=""),
    Column("intent", String(255)),
    Column("confidence", Float),
    Column("outcome", String(255), comment="name of the first response that was said"),
    Column("milliseconds", Float, comment="whole ones, from the message's arrival to the answer, the commit left out"),
    Column("helpful", Boolean, comment="what feedback says of it, so that figures need no other table"),
    Index("answers_by_age", "answered_at"),
    Index("answers_by_day", "day", "channel", "intent", "outcome", "helpful"),
    Index("answers_by_duration", "day", "channel", "milliseconds"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("sender_id", String(KEY), primary_key=True, comment="no conversation may exist yet: no foreign key"),
    Column("activity_id", String(255), primary_key=True),
    Column("channel", String(64), nullable=False),
    Column("activity", Text, nullable=False, comment="JSON of what was received, masked"),
    Column("reference", Text, nullable=False, comment="JSON of where the answer goes"),
    Column("status", String(16), nullable=False, comment="received, answered or sent"),
    Column("answer", Text, comment="JSON of what is to be sent"),
    Column("received_at", Float, nullable=False),
    Column("due_at", Float, nullable=False, comment="not before this time"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    CheckConstraint("status IN ('received', 'answered', 'sent')", name="inbox_status"),
    Index("inbox_to_do", "channel", "status", "due_at"),
    Index("inbox_by_age", "received_at"),
)

feedback = Table(
    "feedback",
    metadata,
    _conversation(primary_key=True),
    Column("message_id", String(64), primary_key=True, comment="of the question that was answered"),
    Column("helpful", Boolean, nullable=False),
    Column("reason", Text, comment="masked"),
    Column("given_at", Float, nullable=False),
)

review_queue = Table(
    "review_queue",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    _conversation(),
    Column("message_id", String(64), nullable=False),
    Column("kind", String(32), nullable=False, comment="why it is here: see bot.storage.review.Kind"),
    Column("text", Text, nullable=False, comment="masked"),
    Column("intent", String(255)),
    Column("confidence", Float),
    Column("status", String(16), nullable=False, server_default="open", comment="open, done or dismissed"),
    Column("comment", Text),
    Column("decided_by", String(255)),
    Column("created_at", Float, nullable=False),
    Column("decided_at", Float),
    Column("signature", String(255), nullable=False, server_default="", comment="what it is about: bot.storage.signature"),
    UniqueConstraint("sender_id", "message_id", "kind", name="review_once"),
    CheckConstraint("status IN ('open', 'done', 'dismissed')", name="review_status"),
    Index("review_to_do", "status", "created_at"),
    Index("review_by_signature", "status", "signature", "kind", "id"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("at", Float, nullable=False),
    Column("actor", String(255), nullable=False, comment="who: an account, cli, api, server"),
    Column("action", String(64), nullable=False, comment="what: erase, export, purge, publish…"),
    Column("subject", String(255), nullable=False, server_default="", comment="on what; never a conversation or a text"),
    Column("details", Text, nullable=False, server_default="{}", comment="JSON"),
    Index("audit_by_time", "at"),
)

models = Table(
    "models",
    metadata,
    Column("model_id", String(64), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("archive", LargeBinary, nullable=False),
    Column("author", String(255), nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("details", Text, nullable=False, server_default="{}", comment="JSON: the corrections that it was trained with"),
)

active_model = Table(
    "active_model",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("model_id", String(64), ForeignKey("models.model_id"), nullable=False),
    Column("author", String(255), nullable=False),
    Column("reason", Text, nullable=False),
    Column("activated_at", Float, nullable=False),
    CheckConstraint("id = 1", name="active_model_one_row"),
)

suspensions = Table(
    "suspensions",
    metadata,
    Column("response", String(255), primary_key=True, comment="name of a response that is not said for the moment"),
    Column("reason", Text, nullable=False),
    Column("author", String(255), nullable=False),
    Column("suspended_at", Float, nullable=False),
)

corrections = Table(
    "corrections",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("sender_id", String(KEY), comment="whose message it was, until it is confirmed to tell nothing of anybody"),
    Column("message_id", String(64)),
    Column("kind", String(16), nullable=False, comment="intent, out_of_scope, new_topic or wording"),
    Column("text", Text, nullable=False, comment="masked"),
    Column("intent", String(255), comment="the right one; of new_topic, the name proposed"),
    Column("destination", String(16), comment="of a confirmed sentence: training or test"),
    Column("status", String(16), nullable=False, server_default="proposed", comment="proposed, confirmed or rejected"),
    Column("comment", Text),
    Column("author", String(255), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("decided_by", String(255)),
    Column("decided_at", Float),
    CheckConstraint("kind IN ('intent', 'out_of_scope', 'new_topic', 'wording')", name="correction_kind"),
    CheckConstraint("destination IN ('training', 'test')", name="correction_destination"),
    CheckConstraint("status IN ('proposed', 'confirmed', 'rejected')", name="correction_status"),
    CheckConstraint("status <> 'confirmed' OR sender_id IS NULL", name="correction_of_nobody"),
    Index("corrections_by_status", "status", "created_at"),
    Index("corrections_of_conversation", "sender_id"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("name", String(255), nullable=False, unique=True, comment="what one logs in with; or an identity provider's subject"),
    Column("display_name", String(255), nullable=False),
    Column("source", String(16), nullable=False, comment="local or oidc"),
    Column("role", String(16), nullable=False),
    Column("password_hash", Text, comment="argon2id; of local accounts"),
    Column("disabled", Boolean, nullable=False, server_default=false()),
    Column("failures", Integer, nullable=False, server_default="0", comment="wrong passwords since the last right one"),
    Column("locked_until", Float, nullable=False, server_default="0"),
    Column("created_at", Float, nullable=False),
    Column("created_by", String(255), nullable=False),
    Column("last_login_at", Float),
    CheckConstraint("source IN ('local', 'oidc')", name="account_source"),
    CheckConstraint("role IN ('lecteur', 'testeur', 'editeur', 'publicateur', 'admin')", name="account_role"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True, comment="keyed hash of what the cookie holds"),
    Column("account_id", RowId, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("seen_at", Float, nullable=False),
    Index("sessions_of_account", "account_id"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False, comment="train or prove"),
    Column("status", String(16), nullable=False, server_default="running", comment="running, done, failed or interrupted"),
    Column("slot", Integer, unique=True, comment="1 while it runs: one at a time, on every host; null afterwards"),
    Column("parameters", Text, nullable=False, server_default="{}", comment="JSON"),
    Column("step", String(255), nullable=False, server_default=""),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("total", Integer, nullable=False, server_default="0"),
    Column("result", Text, comment="JSON"),
    Column("error", String(64), comment="why it failed: a key of the console's texts"),
    Column("author", String(255), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("heartbeat_at", Float, nullable=False),
    Column("finished_at", Float),
    CheckConstraint("kind IN ('train', 'prove')", name="job_kind"),
    CheckConstraint("status IN ('running', 'done', 'failed', 'interrupted')", name="job_status"),
    Index("jobs_by_age", "kind", "created_at"),
)

daily = Table(
    "daily",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("channel", String(64), primary_key=True),
    Column("intent", String(255), primary_key=True),
    Column("outcome", String(255), primary_key=True),
    Column("answers", Integer, nullable=False, comment="how many; no text, no sender"),
    Column("helpful", Integer, nullable=False),
    Column("unhelpful", Integer, nullable=False),
)

TEXTS_OF_CONVERSATION = (corrections, review_queue, feedback, inbox, answers, events, conversations)
"""Every table that holds something of one conversation, in the order in which rows may be deleted."""
