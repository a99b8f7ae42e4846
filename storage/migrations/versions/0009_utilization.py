"""More percentiles of a day's utilization, and usual weeks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

PERCENTILES = ("p50", "p99", "p995")


def upgrade() -> None:
    """Apply."""
    for name in PERCENTILES:
        op.add_column("resource_utilization", sa.Column(name, sa.Float(), nullable=True))
    op.create_table(
        "utilization_profiles",
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("through", sa.Date(), nullable=False),
        sa.Column("means", sa.ARRAY(sa.REAL()), nullable=False),
        sa.Column("counts", sa.ARRAY(sa.SmallInteger()), nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["cloud_resources.id"], name="fk_utilization_profiles_resource_id_cloud_resources"
        ),
        sa.PrimaryKeyConstraint("resource_id", "metric", name="pk_utilization_profiles"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("utilization_profiles")
    for name in reversed(PERCENTILES):
        op.drop_column("resource_utilization", name)
