"""What carried-out savings saved, by the bill."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "savings_results",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("measurement_id", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("before_start", sa.Date(), nullable=False),
        sa.Column("after_start", sa.Date(), nullable=False),
        sa.Column("why", sa.String(length=20), nullable=True),
        *(
            sa.Column(name, sa.Numeric(38, 18), nullable=name != "promised")
            for name in ("cost_before", "cost_after", "unused", "saved", "promised")
        ),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["measurement_id"], ["savings_measurements.id"], name="fk_savings_results_measurement_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_savings_results"),
        sa.UniqueConstraint("measurement_id", "days", name="uq_savings_results_measurement_id_days"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("savings_results")
