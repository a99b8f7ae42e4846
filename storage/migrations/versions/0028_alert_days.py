"""How many alerts a channel was told of on each of its days."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# Where people are told: a notebook needs none of it.
HIDDEN = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'costs_reader') THEN
        REVOKE SELECT ON alert_days FROM costs_reader;
    END IF;
END $$
"""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "alert_days",
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("place", "day", name="pk_alert_days"),
    )
    op.execute(HIDDEN)


def downgrade() -> None:
    """Undo."""
    op.drop_table("alert_days")
