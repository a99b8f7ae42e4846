"""What SKUs are called."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Names come with the next bills: those that were read lie in the lake, which a migration does not ask."""
    op.create_table(
        "sku_names",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("provider", "sku_id", "name")),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "sku_id", name="pk_sku_names"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("sku_names")
