"""Small sums beside the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TEXTS = ("service_name", "service_category", "billing_account_id", "sub_account_id", "region_id")
AMOUNTS = ("cost", "billed_cost", "list_cost", "contracted_cost")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "cost_rollups",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("billing_period", sa.Date(), nullable=False),
        sa.Column("cube", sa.SmallInteger(), nullable=False),
        sa.Column("days", sa.SmallInteger(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("charge_category", sa.String(), nullable=True),
        sa.Column("charge_class", sa.String(), nullable=True),
        *(sa.Column(name, sa.String(), nullable=True) for name in TEXTS),
        sa.Column("tags", postgresql.JSONB(), nullable=True),
        *(sa.Column(name, sa.Numeric(38, 18), nullable=False) for name in AMOUNTS),
        sa.PrimaryKeyConstraint("cube", "days", "start", "id", name="pk_cost_rollups"),
    )
    op.create_index("ix_cost_rollups_source_id_billing_period", "cost_rollups", ["source_id", "billing_period"])
    for name in ("sub_account_id", "service_name"):
        op.create_index(
            f"ix_cost_rollups_{name}_cube_days_start",
            "cost_rollups",
            [name, "cube", "days", "start"],
            postgresql_where=sa.text(f"{name} IS NOT NULL"),
        )
    op.add_column("deliveries", sa.Column("cubes", sa.Integer(), nullable=True))
    op.add_column("deliveries", sa.Column("unrolled_tags", postgresql.ARRAY(sa.Text()), nullable=True))
    op.add_column("deliveries", sa.Column("first_day", sa.Date(), nullable=True))
    op.add_column("deliveries", sa.Column("last_day", sa.Date(), nullable=True))


def downgrade() -> None:
    """Undo."""
    for name in ("last_day", "first_day", "unrolled_tags", "cubes"):
        op.drop_column("deliveries", name)
    op.drop_table("cost_rollups")
