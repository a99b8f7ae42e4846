"""Which workspace is the deployment's own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# Slack's side: a notebook needs none of it.
HIDDEN = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'costs_reader') THEN
        REVOKE SELECT ON own_workspace FROM costs_reader;
    END IF;
END $$
"""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "own_workspace",
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("workspace", name="pk_own_workspace"),
    )
    op.execute(HIDDEN)


def downgrade() -> None:
    """Undo."""
    op.drop_table("own_workspace")
