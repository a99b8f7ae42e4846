"""Days that a newer delivery told otherwise."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

AMOUNTS = ("billed_before", "billed_after", "effective_before", "effective_after")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "restatements",
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("billing_period", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Numeric(38, 18), nullable=False) for name in AMOUNTS),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_restatements_delivery_id_deliveries"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_restatements_source_id_sources"),
        sa.PrimaryKeyConstraint("delivery_id", "day", "currency", name="pk_restatements"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("restatements")
