"""A small ledger that arithmetic can be checked on: two services of one provider over two months."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from finops.periods import Period
from finops.resources import DailyUtilization, Resource, resource_key
from storage import offers, resources
from storage.models import CostRecord, Delivery, Recommendation, Source, TagSet

THROUGH = date(2026, 11, 20)
NOW = datetime(2999, 1, 1, tzinfo=UTC)
"""When everything is due."""


def fill(session: Session) -> None:
    """Every day of October and November costs EC2 10 (team web) and S3 1; the 16th of November EC2 40."""
    source = Source(name="test", provider="aws", format="focus", settled_through=THROUGH)
    tags = TagSet(id=uuid.uuid4(), tags={"team": "web"})
    session.add_all([source, tags])
    session.flush()
    for month in (date(2026, 10, 1), date(2026, 11, 1)):
        partition(session, month, source.id)
    day = date(2026, 10, 1)
    while day <= THROUGH + timedelta(days=2):
        for service, cost, tag_set in (("EC2", 40 if day == date(2026, 11, 16) else 10, tags.id), ("S3", 1, None)):
            amounts = dict.fromkeys(("effective_cost", "billed_cost", "list_cost", "contracted_cost"), Decimal(cost))
            session.add(
                CostRecord(
                    id=uuid.uuid4(), billing_period=day.replace(day=1), source_id=source.id, date=day, provider="aws",
                    service_name=service, charge_category="Usage", tag_set_id=tag_set, billing_currency="USD",
                    charges=1, **amounts,
                )
            )  # fmt: skip
        day += timedelta(days=1)
    session.add(
        Delivery(
            source_id=source.id, billing_period=date(2026, 11, 1), fingerprint="f", format="focus", rows=44,
            billed_cost={"USD": "272"}, effective_cost={"USD": "272"}, status="loaded", files=[],
        )
    )  # fmt: skip
    session.flush()


def partition(session: Session, month: date, source: int) -> None:
    """Make room for a month of a source."""
    session.execute(
        text(f"create table if not exists cost_records_{month:%Y_%m} partition of cost_records "
             f"for values in ('{month}') partition by list (source_id)")
    )  # fmt: skip
    session.execute(
        text(f"create table if not exists cost_records_{month:%Y_%m}_s{source}_v0 "
             f"partition of cost_records_{month:%Y_%m} for values in ({source})")
    )  # fmt: skip


def recommend(session: Session, *, saving: str = "120", name: str = "i-1", **details: str) -> uuid.UUID:
    """Open one recommendation about an idle machine of its own: with an inventory, measurements and, in a ledger, cost.

    `details` are further details, such as `owner`.
    """
    made = datetime(2026, 1, 1, tzinfo=UTC)
    machine = Resource("aws", name, "machine", name, "us-east-1", "1", "running", "m5.large", made)
    resources.save_inventory(session, "aws", [], [machine], at=datetime(2026, 11, 20, tzinfo=UTC))
    measure(session, name)
    charge(session, name, saving)
    row = Recommendation(
        resource_id=machine.key, recommendation_type="stop_idle_machine", potential_savings=Decimal(saving),
        currency="USD", confidence_score=0.9, title=f"Stop {name}", reason="CPU at 1 %", state="open",
        details={"command": "aws ec2 stop-instances --instance-ids i-1", "undo": "aws ec2 start-instances", **details},
    )  # fmt: skip
    session.add(row)
    session.flush()
    offers.renew(session, row)
    return row.id


def measure(session: Session, name: str, *, cpu: float = 0.01) -> None:
    """Let a machine do as good as nothing, or more, on the last 14 complete days."""
    days = list(Period.last_days(14, THROUGH + timedelta(days=1)))
    rows = [DailyUtilization(name, "cpu", day, 0, cpu, cpu, cpu, 24) for day in days]
    rows += [DailyUtilization(name, "network", day, 0, 1000, 1000, 1000, 24) for day in days]
    resources.save_utilization(session, "aws", rows)


def fee(session: Session, service: str, cost: str, day: date) -> None:
    """Let a service charge a fee on a day; the ledger knows the months since August then."""
    source = session.scalars(select(Source)).one()
    partition(session, day.replace(day=1), source.id)
    amounts = dict.fromkeys(("effective_cost", "billed_cost", "list_cost", "contracted_cost"), Decimal(cost))
    session.add(
        CostRecord(
            id=uuid.uuid4(), billing_period=day.replace(day=1), source_id=source.id, date=day, provider="aws",
            service_name=service, charge_category="Purchase", billing_currency="USD", charges=1, **amounts,
        )
    )  # fmt: skip
    session.flush()


def charge(session: Session, name: str, cost: str, day: date = date(2026, 11, 10)) -> None:
    """Charge a resource for a day of October or November, where `fill` made a ledger; negative is taken back."""
    source = session.scalar(select(Source))
    room = source and session.scalar(select(func.to_regclass(f"cost_records_{day:%Y_%m}_s{source.id}_v0")))
    if source is not None and room:
        amounts = dict.fromkeys(("effective_cost", "billed_cost", "list_cost", "contracted_cost"), Decimal(cost))
        session.add(
            CostRecord(
                id=uuid.uuid4(), billing_period=day.replace(day=1), source_id=source.id, date=day,
                provider="aws", service_name="EC2", charge_category="Usage", billing_currency="USD", charges=1,
                resource_id=resource_key("aws", name), **amounts,
            )
        )  # fmt: skip
        session.flush()
