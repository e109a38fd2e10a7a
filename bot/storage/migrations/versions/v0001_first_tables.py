"""The tables of the first version, which made them without Alembic."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "conversations",
        sa.Column("sender_id", sa.String(255), primary_key=True),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("updated_at", sa.Float, nullable=False),
        sa.Column("session_first_event", sa.Integer, nullable=False),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("sender_id", sa.String(255), sa.ForeignKey("conversations.sender_id", ondelete="CASCADE"), nullable=False),
        sa.Column("type_name", sa.String(255), nullable=False),
        sa.Column("timestamp", sa.Float),
        sa.Column("intent_name", sa.String(255)),
        sa.Column("action_name", sa.String(255)),
        sa.Column("data", sa.Text, nullable=False),
    )
    op.create_index("events_of_conversation", "events", ["sender_id", "id"])
    op.create_table(
        "answers",
        sa.Column("sender_id", sa.String(255), sa.ForeignKey("conversations.sender_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("message_id", sa.String(64), primary_key=True),
        sa.Column("question", sa.String(64), nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("answered_at", sa.Float, nullable=False),
    )


def downgrade() -> None:
    """Delete the tables."""
    for table in ("answers", "events", "conversations"):
        op.drop_table(table)
