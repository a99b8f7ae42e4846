"""Roll-ups by a single key of the tags, and an index for questions about one region."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

INDEX = "ix_cost_rollups_region_id_cube_days_start"


def upgrade() -> None:
    """Apply. What is rolled up stays: it has no such cubes until its month is loaded again."""
    op.add_column("deliveries", sa.Column("rolled_tags", postgresql.ARRAY(sa.Text()), nullable=True))
    op.create_index(
        INDEX,
        "cost_rollups",
        ["region_id", "cube", "days", "start"],
        postgresql_where=sa.text("region_id IS NOT NULL"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index(INDEX, table_name="cost_rollups")
    op.execute("delete from cost_rollups where cube >= 16")
    op.execute("update deliveries set cubes = cubes & 65535")
    op.drop_column("deliveries", "rolled_tags")
