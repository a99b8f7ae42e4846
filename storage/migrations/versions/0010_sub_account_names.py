"""What sub accounts are called."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply, with the names that the ledger knows already."""
    op.create_table(
        "sub_account_names",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("sub_account_id", sa.String(), nullable=False),
        sa.Column("named_by", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_sub_account_names_source_id"),
        sa.PrimaryKeyConstraint("source_id", "sub_account_id", "named_by", name="pk_sub_account_names"),
    )
    op.execute(
        "insert into sub_account_names (source_id, sub_account_id, named_by, name, told_on) "
        "select distinct on (source_id, sub_account_id) source_id, sub_account_id, 'bill', name, billing_period "
        "from (select source_id, sub_account_id, billing_period, max(sub_account_name) as name from cost_records "
        "where sub_account_id <> '' and sub_account_name <> '' group by 1, 2, 3) as named "
        "order by source_id, sub_account_id, billing_period desc"
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("sub_account_names")
