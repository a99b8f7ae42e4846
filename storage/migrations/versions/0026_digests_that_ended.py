"""Why a digest ended that nobody ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("subscriptions", sa.Column("ended_why", sa.String(length=20), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("subscriptions", "ended_why")
