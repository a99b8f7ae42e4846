"""Anomalies, and what people say of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COST = sa.Numeric(38, 18)
AMOUNTS = ("expected", "actual", "excess", "excess_so_far", "monthly")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "anomalies",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("scope", "currency", "kind")),
        sa.Column("rising", sa.Boolean(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("end_day", sa.Date(), nullable=False),
        *(sa.Column(name, COST, nullable=False) for name in AMOUNTS),
        sa.Column("months", sa.Float(), nullable=False),
        sa.Column("lasts", sa.Boolean(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("sentence", sa.String(), nullable=True),
        sa.Column("causes", postgresql.JSONB(), nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["merged_into"], ["anomalies.id"], name="fk_anomalies_merged_into"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_anomalies_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_anomalies"),
    )
    op.create_index(
        "ix_anomalies_one_a_day",
        "anomalies",
        ["scope", "currency", "rising", "first_day"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_index("ix_anomalies_end_day", "anomalies", ["end_day"])
    op.create_index("ix_anomalies_merged_into", "anomalies", ["merged_into"])
    op.create_table(
        "anomaly_feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("anomaly_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["anomaly_id"], ["anomalies.id"], name="fk_anomaly_feedback_anomaly_id"),
        sa.PrimaryKeyConstraint("id", name="pk_anomaly_feedback"),
    )
    op.create_index("ix_anomaly_feedback_anomaly_id", "anomaly_feedback", ["anomaly_id"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("anomaly_feedback")
    op.drop_table("anomalies")
