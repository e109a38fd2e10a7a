"""The helpdesk console: corrections, accounts, sessions, jobs; how alike questions are, how long answers take."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.signature import signature

revision = "0003"
down_revision = "0002"

_BATCH = 5_000
_ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the console's tables and columns."""
    op.add_column("answers", sa.Column("milliseconds", sa.Float))
    op.add_column("answers", sa.Column("helpful", sa.Boolean))
    op.execute(
        "UPDATE answers SET helpful = (SELECT f.helpful FROM feedback f"
        " WHERE f.sender_id = answers.sender_id AND f.message_id = answers.message_id)"
    )
    op.create_index("answers_by_day", "answers", ["day", "channel", "intent", "outcome", "helpful"])
    op.create_index("answers_by_duration", "answers", ["day", "channel", "milliseconds"])
    op.add_column("review_queue", sa.Column("signature", sa.String(255), nullable=False, server_default=""))
    _sign()
    op.create_index("review_by_signature", "review_queue", ["status", "signature", "kind", "id"])
    op.add_column("models", sa.Column("details", sa.Text, nullable=False, server_default="{}"))
    _make_corrections()
    _make_accounts()
    op.create_table(
        "jobs",
        sa.Column("id", _ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False, server_default="running"),
        sa.Column("slot", sa.Integer, unique=True),
        sa.Column("parameters", sa.Text, nullable=False, server_default="{}"),
        sa.Column("step", sa.String(255), nullable=False, server_default=""),
        sa.Column("done", sa.Integer, nullable=False, server_default="0"),
        sa.Column("total", sa.Integer, nullable=False, server_default="0"),
        sa.Column("result", sa.Text),
        sa.Column("error", sa.String(64)),
        sa.Column("author", sa.String(255), nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("heartbeat_at", sa.Float, nullable=False),
        sa.Column("finished_at", sa.Float),
        sa.CheckConstraint("kind IN ('train', 'prove')", name="job_kind"),
        sa.CheckConstraint("status IN ('running', 'done', 'failed', 'interrupted')", name="job_status"),
    )
    op.create_index("jobs_by_age", "jobs", ["kind", "created_at"])


def _sign() -> None:
    """Say of each question in the review queue what it is about, some thousand at a time."""
    table = sa.table("review_queue", sa.column("id"), sa.column("text"), sa.column("signature"))
    connection, last = op.get_bind(), 0
    this = sa.update(table).where(table.c.id == sa.bindparam("this")).values(signature=sa.bindparam("found"))
    query = sa.select(table.c.id, table.c.text).where(table.c.id > sa.bindparam("last")).order_by(table.c.id).limit(_BATCH)
    while rows := connection.execute(query, {"last": last}).all():
        connection.execute(this, [{"this": row.id, "found": signature(row.text)} for row in rows])
        last = rows[-1].id


def _make_corrections() -> None:
    op.create_table(
        "corrections",
        sa.Column("id", _ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("sender_id", sa.String(255)),
        sa.Column("message_id", sa.String(64)),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("intent", sa.String(255)),
        sa.Column("destination", sa.String(16)),
        sa.Column("status", sa.String(16), nullable=False, server_default="proposed"),
        sa.Column("comment", sa.Text),
        sa.Column("author", sa.String(255), nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("decided_by", sa.String(255)),
        sa.Column("decided_at", sa.Float),
        sa.CheckConstraint("kind IN ('intent', 'out_of_scope', 'new_topic', 'wording')", name="correction_kind"),
        sa.CheckConstraint("destination IN ('training', 'test')", name="correction_destination"),
        sa.CheckConstraint("status IN ('proposed', 'confirmed', 'rejected')", name="correction_status"),
        sa.CheckConstraint("status <> 'confirmed' OR sender_id IS NULL", name="correction_of_nobody"),
    )
    op.create_index("corrections_by_status", "corrections", ["status", "created_at"])
    op.create_index("corrections_of_conversation", "corrections", ["sender_id"])


def _make_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", _ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(255), nullable=False, unique=True),
        sa.Column("display_name", sa.String(255), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password_hash", sa.Text),
        sa.Column("disabled", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("locked_until", sa.Float, nullable=False, server_default="0"),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("created_by", sa.String(255), nullable=False),
        sa.Column("last_login_at", sa.Float),
        sa.CheckConstraint("source IN ('local', 'oidc')", name="account_source"),
        sa.CheckConstraint("role IN ('lecteur', 'testeur', 'editeur', 'publicateur', 'admin')", name="account_role"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("account_id", _ROW_ID, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("csrf", sa.String(64), nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("seen_at", sa.Float, nullable=False),
    )
    op.create_index("sessions_of_account", "sessions", ["account_id"])


def downgrade() -> None:
    """Back to the tables before the console; what only its tables and columns hold is lost."""
    for table in ("jobs", "sessions", "accounts", "corrections"):
        op.drop_table(table)
    op.drop_column("models", "details")
    op.drop_index("review_by_signature", "review_queue")
    op.drop_column("review_queue", "signature")
    for index in ("answers_by_duration", "answers_by_day"):
        op.drop_index(index, "answers")
    for column in ("helpful", "milliseconds"):
        op.drop_column("answers", column)
