"""Roll-ups from the first of a month to each of its days, in the place of blocks of days."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009b"
down_revision = "0009a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. What is rolled up is made anew by the next load; until then the ledger answers."""
    _empty()
    op.add_column("cost_rollups", sa.Column("charges", sa.BigInteger(), nullable=False))


def downgrade() -> None:
    """Undo."""
    _empty()
    op.drop_column("cost_rollups", "charges")


def _empty() -> None:
    op.execute("truncate cost_rollups")
    op.execute("update deliveries set cubes = null")
