"""Alert rules, the alerts that they opened, and what happened to each."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, Numeric, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from finops.alerting.kinds import Severity
from finops.alerting.lifecycle import AlertAct, AlertState, AlertVerdict
from storage.models.base import Base, Instant, Now, RandomKey


class AlertRuleRow(Base):
    """One rule of a workspace. A removed one stays for the alerts that it opened."""

    __tablename__ = "alert_rules"
    __table_args__ = (
        Index("ix_alert_rules_name", "workspace", "name", unique=True, postgresql_where=text("deleted_at IS NULL")),
    )

    id: Mapped[RandomKey]
    workspace: Mapped[str]
    """Slack's team id; '' for the command line and for `alerts.yaml`."""
    name: Mapped[str]
    rule: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """`finops.alerting.rules.AlertRule` without what it leaves out; `storage.alert_rules.value` reads it."""
    severity: Mapped[Severity]
    created_by: Mapped[str]
    created_at: Mapped[Now]
    from_yaml: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether `alerts.yaml` holds it: what is changed there is changed here."""
    muted_until: Mapped[Instant | None]
    deleted_at: Mapped[Instant | None]
    failing_since: Mapped[Instant | None]
    """Since when it cannot be judged, if it cannot; people were told then."""
    failure: Mapped[str | None]
    """Why, as it was found last."""


class AlertRuleChange(Base):
    """A change to a rule that somebody proposed; saved once, or never."""

    __tablename__ = "alert_rule_changes"

    id: Mapped[RandomKey]
    rule_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("alert_rules.id"), index=True)
    workspace: Mapped[str]
    rule: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """The rule as it would be, with its name."""
    seen: Mapped[str]
    """The fingerprint of the rule as it was then: another one is not changed over."""
    proposed_by: Mapped[str]
    proposed_at: Mapped[Now]
    saved_by: Mapped[str | None]
    saved_at: Mapped[Instant | None]


class CostAlert(Base):
    """What one rule found of one scope, from when it fired until it was over; open once a rule and scope."""

    __tablename__ = "alerts"
    __table_args__ = (
        Index("ix_alerts_open", "rule_id", "scope", unique=True, postgresql_where=text("state <> 'over'")),
        Index("ix_alerts_workspace_last_at", "workspace", "last_at"),
    )

    id: Mapped[RandomKey]
    rule_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("alert_rules.id"))
    workspace: Mapped[str]
    scope: Mapped[str]
    """What of the rule's it is about: a service, a commitment, a budget, a source; '' for a rule of one figure."""
    state: Mapped[AlertState]
    first_at: Mapped[Instant]
    last_at: Mapped[Instant]
    """When it was last found to go on."""
    over_at: Mapped[Instant | None]
    first_day: Mapped[date]
    """The days that are told of, `end_day` exclusive."""
    end_day: Mapped[date]
    value: Mapped[Decimal] = mapped_column(Numeric(38, 18))
    """In `currency`; without one a ratio or a number of days, as the rule's kind has it."""
    expected: Mapped[Decimal | None] = mapped_column(Numeric(38, 18))
    """What it is held against."""
    worst: Mapped[Decimal] = mapped_column(Numeric(38, 18))
    noted: Mapped[Decimal] = mapped_column(Numeric(38, 18))
    """The value when people were last told of a change."""
    currency: Mapped[str | None]
    provisional: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether its days are not complete yet, so that it may become more."""
    sentence: Mapped[str]
    """All of it in one sentence; holds foreign text as it was written."""
    run_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("runs.id"))
    """The run of the notebook that is its evidence, if any."""
    acknowledged_by: Mapped[str | None]
    acknowledged_at: Mapped[Instant | None]
    snoozed_until: Mapped[Instant | None]
    assigned_to: Mapped[str | None]
    verdict: Mapped[AlertVerdict | None]
    escalated_at: Mapped[Instant | None]
    told_at: Mapped[Instant | None]
    """When its message was written down, or its thread told that it woke; not in quiet hours, or while it is muted."""
    held_event: Mapped[int | None]
    """What its thread is yet to be told of, an id of `alert_events`: quiet hours, or a mute, keep it back."""


class AlertDay(Base):
    """How many alerts a place was told of one by one, or would have been, on one of its days."""

    __tablename__ = "alert_days"

    place: Mapped[str] = mapped_column(primary_key=True)
    """An id of Slack's; or a workspace and a name; '' for the channel of announcements while none is set."""
    day: Mapped[date] = mapped_column(primary_key=True)
    count: Mapped[int]


class CostAlertEvent(Base):
    """What happened to an alert, by whom and when. Rows are only ever added."""

    __tablename__ = "alert_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("alerts.id"), index=True)
    workspace: Mapped[str]
    who: Mapped[str]
    at: Mapped[Instant]
    act: Mapped[AlertAct]
    before: Mapped[AlertState | None]
    after: Mapped[AlertState]
    value: Mapped[Decimal | None] = mapped_column(Numeric(38, 18))
    note: Mapped[str | None]
