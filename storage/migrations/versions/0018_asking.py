"""Scopes of channels, and the questions above threads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# What people asked: a notebook needs none of it.
HIDDEN = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'costs_reader') THEN
        REVOKE SELECT ON asked_threads FROM costs_reader;
    END IF;
END $$
"""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "channel_scopes",
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("filters", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "channel", name="pk_channel_scopes"),
    )
    op.create_table(
        "asked_threads",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("workspace", "channel", "thread", "question", "asked_by")),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "channel", "thread", name="pk_asked_threads"),
    )
    op.create_index("ix_asked_threads_asked_at", "asked_threads", ["asked_at"])
    op.execute(HIDDEN)


def downgrade() -> None:
    """Undo."""
    op.drop_table("asked_threads")
    op.drop_table("channel_scopes")
