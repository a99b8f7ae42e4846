"""Alert rules, alerts, and what happened to each."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# What people wrote and did: a notebook needs none of it.
HIDDEN = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'costs_reader') THEN
        REVOKE SELECT ON alert_rules, alerts, alert_events FROM costs_reader;
    END IF;
END $$
"""
NOW = sa.text("now()")


def _text(name: str, *, nullable: bool = False, length: int | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _instant(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _amount(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Numeric(38, 18), nullable=nullable)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "alert_rules",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        _text("workspace"),
        _text("name"),
        sa.Column("rule", postgresql.JSONB(), nullable=False),
        _text("severity", length=20),
        _text("created_by"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("from_yaml", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _instant("muted_until"),
        _instant("deleted_at"),
        sa.PrimaryKeyConstraint("id", name="pk_alert_rules"),
    )
    op.create_index(
        "ix_alert_rules_name", "alert_rules", ["workspace", "name"], unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )  # fmt: skip
    op.create_table(
        "alerts",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        _text("workspace"),
        _text("scope"),
        _text("state", length=20),
        _instant("first_at", nullable=False),
        _instant("last_at", nullable=False),
        _instant("over_at"),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("end_day", sa.Date(), nullable=False),
        _amount("value"),
        _amount("expected", nullable=True),
        _amount("worst"),
        _amount("noted"),
        _text("currency", nullable=True),
        sa.Column("provisional", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _text("sentence"),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        _text("acknowledged_by", nullable=True),
        _instant("acknowledged_at"),
        _instant("snoozed_until"),
        _text("assigned_to", nullable=True),
        _text("verdict", nullable=True, length=20),
        _instant("escalated_at"),
        _instant("told_at"),
        sa.ForeignKeyConstraint(["rule_id"], ["alert_rules.id"], name="fk_alerts_rule_id"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_alerts_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
    )
    op.create_index(
        "ix_alerts_open", "alerts", ["rule_id", "scope"], unique=True, postgresql_where=sa.text("state <> 'over'")
    )
    op.create_index("ix_alerts_workspace_last_at", "alerts", ["workspace", "last_at"])
    op.create_table(
        "alert_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        _text("workspace"),
        _text("who"),
        _instant("at", nullable=False),
        _text("act", length=20),
        _text("before", nullable=True, length=20),
        _text("after", length=20),
        _amount("value", nullable=True),
        _text("note", nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name="fk_alert_events_alert_id"),
        sa.PrimaryKeyConstraint("id", name="pk_alert_events"),
    )
    op.create_index("ix_alert_events_alert_id", "alert_events", ["alert_id"])
    op.execute(HIDDEN)


def downgrade() -> None:
    """Undo."""
    for name in ("alert_events", "alerts", "alert_rules"):
        op.drop_table(name)
