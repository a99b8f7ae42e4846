"""The ledger answers exactly, by any dimension or tag, and never mixes currencies."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from finops.errors import UnknownWordError
from finops.focus import Metric
from finops.periods import Period
from storage import charges
from storage.models import CostRecord, Delivery, Source, TagSet

SEPTEMBER = Period.month(2026, 9)


@pytest.fixture
def ledger(session: Session) -> Session:
    """Three charges of two services, one of them in euros, one tagged."""
    session.execute(text("create table cost_records_t partition of cost_records for values in ('2026-09-01')"))
    tags = TagSet(id=uuid.uuid4(), tags={"team": "web"})
    source = Source(name="aws", provider="aws", format="focus", settled_through=date(2026, 9, 20))
    session.add_all([tags, source])
    session.flush()
    for day, service, cost, currency, tag_set in [
        (1, "EC2", "0.000000000000000001", "USD", tags.id),
        (2, "EC2", "10", "USD", None),
        (30, "S3", "2.5", "USD", tags.id),
        (30, "S3", "7", "EUR", None),
    ]:
        session.add(
            CostRecord(
                id=uuid.uuid4(), billing_period=SEPTEMBER.start, source_id=source.id, date=date(2026, 9, day),
                provider="aws", service_name=service, billing_currency=currency, effective_cost=Decimal(cost),
                billed_cost=Decimal(cost) * 2, list_cost=Decimal(0), contracted_cost=Decimal(0), charges=1,
                tag_set_id=tag_set,
            )
        )  # fmt: skip
    session.flush()
    return session


def test_a_sum_is_exact_to_the_last_decimal(ledger: Session) -> None:
    """Eighteen decimals, no rounding on the way."""
    [everything] = charges.sums(ledger, period=SEPTEMBER, currency="USD")
    assert everything.cost == Decimal("12.500000000000000001")


def test_groups_come_largest_first(ledger: Session) -> None:
    """By a dimension, by a tag, by a metric."""
    by_service = charges.sums(ledger, period=SEPTEMBER, currency="USD", group_by=["service_name"])
    assert [one.key["service_name"] for one in by_service] == ["EC2", "S3"]
    by_team = charges.sums(ledger, period=SEPTEMBER, currency="USD", group_by=["tag:team"], metric=Metric.BILLED)
    assert [(one.key["tag:team"], one.cost) for one in by_team] == [
        (None, 20),
        ("web", Decimal("5.000000000000000002")),
    ]


def test_filters_and_days_narrow_it(ledger: Session) -> None:
    """The end of a period is not in it; an empty value asks for what lacks a tag."""
    first = charges.sums(ledger, period=Period(date(2026, 9, 1), date(2026, 9, 2)), currency="USD")
    assert first[0].cost == Decimal("0.000000000000000001")
    untagged = charges.sums(ledger, period=SEPTEMBER, currency="USD", where={"tag:team": [""], "provider": ["aws"]})
    assert untagged[0].cost == 10


def test_a_hostile_tag_name_is_only_a_name(ledger: Session) -> None:
    """It is bound, never spliced into the statement."""
    [one] = charges.sums(ledger, period=SEPTEMBER, currency="USD", group_by=["tag:x') or ('1'='1"])
    assert one.key == {"tag:x') or ('1'='1": None}


def test_an_unknown_dimension_is_named(ledger: Session) -> None:
    """Nothing is guessed."""
    with pytest.raises(UnknownWordError, match="colour"):
        charges.sums(ledger, period=SEPTEMBER, currency="USD", group_by=["colour"])


def test_a_misspelt_filter_is_refused(ledger: Session) -> None:
    """Notebooks hand on what no checker of types has seen; nobody may be told of all costs instead."""
    asked: dict[str, Any] = {"currency": "USD", "were": {"service_name": ["S3"]}}
    with pytest.raises(TypeError, match="not asked by were"):
        charges.sums(ledger, period=SEPTEMBER, **asked)


def test_a_source_that_ended_does_not_hold_back_the_others(ledger: Session) -> None:
    """Last year's sample says nothing about how fresh this month is."""
    ledger.add(Source(name="old", provider="aws", format="focus", settled_through=date(2018, 6, 1)))
    ledger.add(Source(name="slow", provider="aws", format="focus", settled_through=date(2026, 9, 18)))
    ledger.flush()
    assert charges.settled_through(ledger) == {"aws": date(2026, 9, 18)}
    source = ledger.scalars(select(Source).where(Source.name == "slow")).one()
    for status, billed in [("loaded", {"USD": "-30.1", "EUR": "7"}), ("superseded", {"NOK": "99"})]:
        ledger.add(
            Delivery(
                source_id=source.id, billing_period=SEPTEMBER.start, fingerprint=status, format="focus", files=[],
                rows=4, billed_cost=billed, effective_cost=billed, status=status,
            )
        )  # fmt: skip
    ledger.flush()
    assert charges.currencies(ledger) == ["USD", "EUR"]
    assert charges.spans(ledger) == SEPTEMBER
