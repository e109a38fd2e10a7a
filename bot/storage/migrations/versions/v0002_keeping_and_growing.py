"""Snapshots and positions; inbox, feedback, review, audit, models, daily figures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _conversation(*, primary_key: bool = False) -> sa.Column[str]:
    target = sa.ForeignKey("conversations.sender_id", ondelete="CASCADE")
    return sa.Column("sender_id", sa.String(255), target, nullable=False, primary_key=primary_key)


def upgrade() -> None:
    """Number the events of each conversation; make the new tables."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("events", "id", type_=sa.BigInteger, existing_type=sa.Integer)
        op.execute("ALTER SEQUENCE events_id_seq AS bigint")
    _number_events()
    _describe_answers()
    op.create_table(
        "inbox",
        sa.Column("sender_id", sa.String(255), primary_key=True),
        sa.Column("activity_id", sa.String(255), primary_key=True),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("activity", sa.Text, nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("answer", sa.Text),
        sa.Column("received_at", sa.Float, nullable=False),
        sa.Column("due_at", sa.Float, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.CheckConstraint("status IN ('received', 'answered', 'sent')", name="inbox_status"),
    )
    op.create_index("inbox_to_do", "inbox", ["channel", "status", "due_at"])
    op.create_index("inbox_by_age", "inbox", ["received_at"])
    op.create_table(
        "feedback",
        _conversation(primary_key=True),
        sa.Column("message_id", sa.String(64), primary_key=True),
        sa.Column("helpful", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("given_at", sa.Float, nullable=False),
    )
    op.create_table(
        "review_queue",
        sa.Column("id", _ROW_ID, primary_key=True, autoincrement=True),
        _conversation(),
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("intent", sa.String(255)),
        sa.Column("confidence", sa.Float),
        sa.Column("status", sa.String(16), nullable=False, server_default="open"),
        sa.Column("comment", sa.Text),
        sa.Column("decided_by", sa.String(255)),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("decided_at", sa.Float),
        sa.UniqueConstraint("sender_id", "message_id", "kind", name="review_once"),
        sa.CheckConstraint("status IN ('open', 'done', 'dismissed')", name="review_status"),
    )
    op.create_index("review_to_do", "review_queue", ["status", "created_at"])
    op.create_table(
        "audit",
        sa.Column("id", _ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False, server_default=""),
        sa.Column("details", sa.Text, nullable=False, server_default="{}"),
    )
    op.create_index("audit_by_time", "audit", ["at"])
    op.create_table(
        "models",
        sa.Column("model_id", sa.String(64), primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("archive", sa.LargeBinary, nullable=False),
        sa.Column("author", sa.String(255), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
    )
    op.create_table(
        "active_model",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("model_id", sa.String(64), sa.ForeignKey("models.model_id"), nullable=False),
        sa.Column("author", sa.String(255), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("activated_at", sa.Float, nullable=False),
        sa.CheckConstraint("id = 1", name="active_model_one_row"),
    )
    op.create_table(
        "daily",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("channel", sa.String(64), primary_key=True),
        sa.Column("intent", sa.String(255), primary_key=True),
        sa.Column("outcome", sa.String(255), primary_key=True),
        sa.Column("answers", sa.Integer, nullable=False),
        sa.Column("helpful", sa.Integer, nullable=False),
        sa.Column("unhelpful", sa.Integer, nullable=False),
    )


def _number_events() -> None:
    op.drop_index("events_of_conversation", "events")
    op.add_column("events", sa.Column("position", sa.Integer, nullable=False, server_default="0"))
    op.execute(
        "UPDATE events SET position = numbered.place FROM"
        " (SELECT id, ROW_NUMBER() OVER (PARTITION BY sender_id ORDER BY id) AS place FROM events) AS numbered"
        " WHERE events.id = numbered.id"
    )
    op.create_index("events_of_conversation", "events", ["sender_id", "position"], unique=True)
    op.create_index("events_by_age", "events", ["timestamp"])
    op.add_column("conversations", sa.Column("last_position", sa.Integer, nullable=False, server_default="0"))
    op.add_column("conversations", sa.Column("session_start", sa.Integer, nullable=False, server_default="0"))
    op.add_column("conversations", sa.Column("snapshot", sa.Text))
    op.execute(
        "UPDATE conversations SET"
        " last_position = COALESCE((SELECT MAX(position) FROM events WHERE events.sender_id = conversations.sender_id), 0),"
        " session_start = COALESCE((SELECT MIN(position) FROM events WHERE events.sender_id = conversations.sender_id"
        " AND events.id >= conversations.session_first_event), 0)"
    )
    op.drop_column("conversations", "session_first_event")
    op.add_column("conversations", sa.Column("last_day", sa.String(10), nullable=False, server_default=""))
    op.execute(f"UPDATE conversations SET last_day = {_day('updated_at')}")  # noqa: S608 - constants of this module
    op.create_index("conversations_by_age", "conversations", ["last_day"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE conversations SET (fillfactor = 70)")  # room for a turn's new row beside the old one


def _describe_answers() -> None:
    op.add_column("answers", sa.Column("day", sa.String(10), nullable=False, server_default=""))
    op.add_column("answers", sa.Column("channel", sa.String(64), nullable=False, server_default=""))
    op.add_column("answers", sa.Column("intent", sa.String(255)))
    op.add_column("answers", sa.Column("confidence", sa.Float))
    op.add_column("answers", sa.Column("outcome", sa.String(255)))
    op.create_index("answers_by_age", "answers", ["answered_at"])
    values = f"day = {_day('answered_at')}, channel = {_channel()}"
    op.execute(f"UPDATE answers SET {values}")  # noqa: S608 - constants of this module


def _channel() -> str:
    if op.get_bind().dialect.name == "postgresql":
        return "split_part(sender_id, ':', 1)"
    return "substr(sender_id, 1, instr(sender_id || ':', ':') - 1)"


def _day(column: str) -> str:
    if op.get_bind().dialect.name == "postgresql":
        return f"to_char(to_timestamp({column}) AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
    return f"date({column}, 'unixepoch')"


def downgrade() -> None:
    """Back to the first tables; what only the new tables and columns hold is lost."""
    for table in ("daily", "active_model", "models", "audit", "review_queue", "feedback", "inbox"):
        op.drop_table(table)
    op.drop_index("answers_by_age", "answers")
    for column in ("day", "channel", "intent", "confidence", "outcome"):
        op.drop_column("answers", column)
    op.add_column("conversations", sa.Column("session_first_event", sa.Integer, nullable=False, server_default="0"))
    op.execute(
        "UPDATE conversations SET session_first_event = COALESCE((SELECT MIN(id) FROM events"
        " WHERE events.sender_id = conversations.sender_id AND events.position >= conversations.session_start), 0)"
    )
    op.drop_index("conversations_by_age", "conversations")
    for column in ("last_day", "snapshot", "session_start", "last_position"):
        op.drop_column("conversations", column)
    op.drop_index("events_by_age", "events")
    op.drop_index("events_of_conversation", "events")
    op.drop_column("events", "position")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE conversations RESET (fillfactor)")
        op.alter_column("events", "id", type_=sa.Integer, existing_type=sa.BigInteger)
    op.create_index("events_of_conversation", "events", ["sender_id", "id"])
