"""The inbox holds what Slack sent; the outbox knows whom it is for; workspaces, paces and errors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


# What people wrote, addresses that answer for us, and tokens: a notebook needs none of it.
HIDDEN = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'costs_reader') THEN
        REVOKE SELECT ON inbox, outbox, workspaces, oauth_states, errors FROM costs_reader;
    END IF;
END $$
"""


def _instant(name: str, *, now: bool = False, nullable: bool = False) -> sa.Column[object]:
    default = sa.text("now()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=nullable)


def _text(name: str, *, nullable: bool = False, default: str | None = None) -> sa.Column[object]:
    return sa.Column(name, sa.String(), server_default=default, nullable=nullable)


def upgrade() -> None:
    """Apply. The former inbox held keys of the last minutes alone."""
    op.drop_table("inbox")
    op.create_table(
        "inbox",
        sa.Column("id", sa.BigInteger(), nullable=False),
        _text("workspace"),
        _text("key"),
        _text("payload", nullable=True),
        sa.Column("state", sa.String(length=20), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        _instant("next_attempt_at", now=True),
        _instant("received_at", now=True),
        _instant("ended_at", nullable=True),
        _text("error", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.UniqueConstraint("workspace", "key", name="uq_inbox_workspace_key"),
    )
    due = sa.text("state IN ('waiting', 'working')")
    op.create_index("ix_inbox_due", "inbox", ["next_attempt_at"], postgresql_where=due)
    op.create_index("ix_inbox_ended_at", "inbox", ["ended_at"])
    op.add_column("outbox", _text("workspace", default=""))
    op.drop_constraint("uq_outbox_key", "outbox")
    op.create_unique_constraint("uq_outbox_workspace_key", "outbox", ["workspace", "key"])
    op.create_table(
        "slack_pace",
        _text("workspace"),
        _text("what"),
        _instant("free_at"),
        sa.PrimaryKeyConstraint("workspace", "what", name="pk_slack_pace"),
    )
    _workspaces()
    op.create_table(
        "errors",
        _text("id"),
        _text("workspace"),
        _instant("at", now=True),
        *(_text(name) for name in ("place", "who", "asked", "summary", "traceback")),
        sa.PrimaryKeyConstraint("id", name="pk_errors"),
    )
    op.create_index("ix_errors_at", "errors", ["at"])
    op.execute(HIDDEN)


def _workspaces() -> None:
    op.create_table(
        "workspaces",
        _text("workspace"),
        _text("enterprise", nullable=True),
        _text("name"),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("refresh_token", sa.LargeBinary(), nullable=True),
        _instant("expires_at", nullable=True),
        _text("bot_id", nullable=True),
        _text("bot_user", nullable=True),
        _text("scopes"),
        _text("installed_by"),
        _instant("installed_at", now=True),
        _text("admitted_by", nullable=True),
        _instant("admitted_at", nullable=True),
        _instant("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("workspace", name="pk_workspaces"),
    )
    op.create_table(
        "oauth_states",
        _text("state"),
        _text("made_by", nullable=True),
        _text("ticket", nullable=True),
        _instant("expires_at"),
        _instant("used_at", nullable=True),
        sa.PrimaryKeyConstraint("state", name="pk_oauth_states"),
    )


def downgrade() -> None:
    """Undo."""
    for table in ("errors", "oauth_states", "workspaces", "slack_pace", "inbox"):
        op.drop_table(table)
    op.drop_constraint("uq_outbox_workspace_key", "outbox")
    op.create_unique_constraint("uq_outbox_key", "outbox", ["key"])
    op.drop_column("outbox", "workspace")
    op.create_table(
        "inbox",
        _text("key"),
        _instant("received_at", now=True),
        sa.PrimaryKeyConstraint("key", name="pk_inbox"),
    )
