"""Roles, offers, approvals, owners, and what follows from a decision."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import SchemaItem

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ALL = "optimization_recommendations"
FIRST_OFFERS = """
    INSERT INTO recommendation_offers (recommendation_id, saving, currency, resource)
    SELECT r.id, r.potential_savings, r.currency, jsonb_strip_nulls(jsonb_build_object(
        'state', nullif(c.state, ''), 'size', nullif(c.size, ''), 'region', nullif(c.region, ''),
        'attached to', nullif(c.attached_to, '')
    )) || coalesce((
        SELECT jsonb_object_agg('tag ' || t.key, t.value) FROM jsonb_each_text(c.tags) t WHERE t.value <> ''
    ), '{}'::jsonb)
    FROM optimization_recommendations r JOIN cloud_resources c ON c.id = r.resource_id
"""


def _text(*names: str, default: str | None = None, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), server_default=default, nullable=nullable) for name in names]


def _instant(name: str, *, now: bool = True, nullable: bool = False) -> sa.Column[datetime]:
    default = sa.text("now()") if now and not nullable else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=nullable)


def _about(table: str) -> list[SchemaItem]:
    return [
        sa.Column("recommendation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["recommendation_id"], [f"{ALL}.id"], name=f"fk_{table}_recommendation_id"),
    ]


def upgrade() -> None:
    """Apply. What is open gets its first offer: what its cards have shown."""
    columns: list[sa.Column[Any]] = [
        *_text("workspace", default=""),
        *_text("requested_by", "assigned_to", nullable=True),
        _instant("until", nullable=True),
        sa.Column("round", sa.Integer(), server_default="1", nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
    ]
    for column in columns:
        op.add_column(ALL, column)
    op.add_column("recommendation_events", _text("workspace", default="")[0])
    op.add_column("recommendation_events", sa.Column("act", sa.String(length=20), nullable=True))
    op.execute("UPDATE recommendation_events SET act = CASE after WHEN 'open' THEN 'found' ELSE after END")
    op.alter_column("recommendation_events", "act", nullable=False)
    _offers()
    _following()
    _roles()


def _offers() -> None:
    op.create_table(
        "recommendation_offers",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        *_text("workspace", default=""),
        *_about("recommendation_offers"),
        sa.Column("saving", sa.Numeric(38, 18), nullable=False),
        *_text("currency"),
        sa.Column("resource", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        _instant("at"),
        sa.PrimaryKeyConstraint("id", name="pk_recommendation_offers"),
    )
    op.create_index("ix_recommendation_offers_recommendation_id", "recommendation_offers", ["recommendation_id"])
    op.execute(FIRST_OFFERS)
    op.execute(f"UPDATE {ALL} r SET offer_id = o.id FROM recommendation_offers o WHERE o.recommendation_id = r.id")
    op.create_table(
        "recommendation_approvals",
        sa.Column("id", sa.Integer(), nullable=False),
        *_about("recommendation_approvals"),
        sa.Column("round", sa.Integer(), nullable=False),
        *_text("enterprise", "workspace", "who"),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("quorum", sa.Integer(), nullable=False),
        _instant("at", now=False),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["recommendation_offers.id"], name="fk_recommendation_approvals_offer_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_recommendation_approvals"),
        sa.UniqueConstraint(
            "recommendation_id", "round", "enterprise", "workspace", "who",
            name="uq_recommendation_approvals_once",
        ),
    )


def _following() -> None:
    following: dict[str, list[sa.Column[Any]]] = {
        "execution_requests": [
            *_text("requested_by"),
            _instant("requested_at", now=False),
            _instant("done_at", nullable=True),
        ],
        "savings_measurements": [
            _instant("started_at", now=False),
            sa.Column("expected", sa.Numeric(38, 18), nullable=False),
            *_text("currency"),
        ],
    }
    for table, columns in following.items():
        op.create_table(
            table,
            sa.Column("id", sa.Integer(), nullable=False),
            *_text("workspace"),
            *_about(table),
            sa.Column("round", sa.Integer(), nullable=False),
            *columns,
            sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
            sa.UniqueConstraint("recommendation_id", "round", name=f"uq_{table}_recommendation_id_round"),
        )


def _roles() -> None:
    op.create_table(
        "resource_owners",
        *_text("workspace", "name", "subject", "set_by"),
        _instant("set_at"),
        sa.PrimaryKeyConstraint("workspace", "name", name="pk_resource_owners"),
    )
    op.create_table(
        "role_grants",
        *_text("enterprise", "workspace", "subject"),
        sa.Column("role", sa.String(length=20), nullable=False),
        *_text("granted_by"),
        _instant("granted_at"),
        sa.PrimaryKeyConstraint("enterprise", "workspace", "subject", name="pk_role_grants"),
    )
    op.create_table(
        "role_events",
        sa.Column("id", sa.Integer(), nullable=False),
        *_text("enterprise", "workspace"),
        _instant("at"),
        *_text("who", "subject"),
        sa.Column("before", sa.String(length=20), nullable=True),
        sa.Column("after", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_role_events"),
    )


def downgrade() -> None:
    """Undo."""
    for table in (
        "role_events", "role_grants", "resource_owners", "savings_measurements", "execution_requests",
        "recommendation_approvals", "recommendation_offers",
    ):
        op.drop_table(table)
    for name in ("act", "workspace"):
        op.drop_column("recommendation_events", name)
    for name in ("offer_id", "round", "until", "assigned_to", "requested_by", "workspace"):
        op.drop_column(ALL, name)
