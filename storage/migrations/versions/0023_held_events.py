"""What quiet hours keep back from the thread of an alert."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("alerts", sa.Column("held_event", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("alerts", "held_event")
