"""Changes to alert rules that people propose and save."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

# What people watch is theirs: a notebook needs none of it.
HIDDEN = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'costs_reader') THEN
        REVOKE SELECT ON alert_rule_changes FROM costs_reader;
    END IF;
END $$
"""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "alert_rule_changes",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("rule", postgresql.JSONB(), nullable=False),
        sa.Column("seen", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("saved_by", sa.String(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["rule_id"], ["alert_rules.id"], name="fk_alert_rule_changes_rule_id"),
        sa.PrimaryKeyConstraint("id", name="pk_alert_rule_changes"),
    )
    op.create_index("ix_alert_rule_changes_rule_id", "alert_rule_changes", ["rule_id"])
    op.execute(HIDDEN)


def downgrade() -> None:
    """Undo."""
    op.drop_table("alert_rule_changes")
