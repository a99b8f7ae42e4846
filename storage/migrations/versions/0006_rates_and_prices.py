"""Exchange rates and list prices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0003"
branch_labels = None
depends_on = None

AMOUNTS = ("on_demand", "spot", "commitment_1y", "commitment_3y")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "exchange_rates",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("base", sa.String(), nullable=False),
        sa.Column("quote", sa.String(), nullable=False),
        sa.Column("rate", sa.Numeric(38, 18), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("day", "base", "quote", "source", name="pk_exchange_rates"),
    )
    op.create_table(
        "list_prices",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("instance_type", sa.String(), nullable=True),
        sa.Column("vcpu", sa.Numeric(), nullable=True),
        sa.Column("memory_gib", sa.Numeric(), nullable=True),
        *(sa.Column(name, sa.Numeric(38, 18), nullable=True) for name in AMOUNTS),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_list_prices"),
        sa.UniqueConstraint(
            "provider", "region", "sku", "currency", "valid_from", "source",
            name="uq_list_prices_provider_region_sku_currency_valid_from_source",
        ),
    )
    op.create_index(
        "ix_list_prices_lookup", "list_prices", ["provider", "region", "instance_type", "valid_from"]
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("list_prices")
    op.drop_table("exchange_rates")
