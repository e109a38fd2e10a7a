"""Responses that are switched off for the moment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "suspensions",
        sa.Column("response", sa.String(255), primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("author", sa.String(255), nullable=False),
        sa.Column("suspended_at", sa.Float, nullable=False),
    )


def downgrade() -> None:
    """Drop it: every response is said again."""
    op.drop_table("suspensions")
