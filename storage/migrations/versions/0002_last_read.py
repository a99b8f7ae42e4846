"""What a source's files were when they were read last, so that the same ones need not be read again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("sources", sa.Column("last_read", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("sources", "last_read")
