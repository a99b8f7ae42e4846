"""Alert rules that cannot be judged: since when, and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("alert_rules", sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("alert_rules", sa.Column("failure", sa.String(), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("alert_rules", "failure")
    op.drop_column("alert_rules", "failing_since")
