"""Inventories are remembered: listed again, changed, gone, and how long a state holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from finops.periods import Period
from finops.resources import DailyUtilization, Resource, resource_key
from storage import resources
from storage.models import CloudResource, CostRecord, Source

MONDAY = datetime(2026, 9, 14, 6, tzinfo=UTC)
TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)
HERE = [("1", "us-east-1")]


def disk(name: str = "vol-1", state: str = "attached", **more: Any) -> Resource:  # noqa: ANN401  any field
    """Return a disk as an inventory lists it."""
    made = datetime(2026, 1, 1, tzinfo=UTC)
    return Resource("aws", name, "disk", name, more.pop("region", "us-east-1"), "1", state, "8 GiB gp3", made, **more)


def save(session: Session, *listed: Resource, at: datetime = MONDAY, scopes: list[Any] | None = None) -> int:
    """Save an inventory of one account's region."""
    return resources.save_inventory(session, "aws", scopes or HERE, listed, at=at)


def names(session: Session, **more: Any) -> list[str]:  # noqa: ANN401  any filter
    """Return the ids that are there."""
    return sorted(one.resource_id for one in resources.load(session, **more))


def test_what_was_saved_is_loaded_again(session: Session) -> None:
    """Every field comes back."""
    given = disk(tags={"team": "search"}, attached_to="i-1", metadata={"zone": "us-east-1a"})
    save(session, given)
    (known,) = resources.load(session, provider="aws")
    assert replace(known, metadata={}) == replace(given, metadata={})
    assert known.metadata["zone"] == "us-east-1a"
    assert resources.load(session, provider="gcp") == []


def test_what_an_inventory_no_longer_lists_is_closed_and_not_deleted(session: Session) -> None:
    """It comes back when it is listed again."""
    save(session, disk("vol-1"), disk("vol-2"))
    assert save(session, disk("vol-1"), at=TUESDAY) == 1
    assert (names(session), names(session, include_closed=True)) == (["vol-1"], ["vol-1", "vol-2"])
    assert save(session, disk("vol-1"), disk("vol-2"), at=WEDNESDAY) == 0
    assert names(session) == ["vol-1", "vol-2"]


def test_an_inventory_closes_only_what_it_asked_for(session: Session) -> None:
    """Another region, account or provider is not gone because it was not asked."""
    other = disk("vol-2", region="eu-west-1")
    save(session, other, scopes=[("1", "eu-west-1")])
    assert save(session, disk("vol-1"), at=TUESDAY) == 0
    assert resources.save_inventory(session, "azure", [("1", None)], [], at=TUESDAY) == 0
    assert names(session) == ["vol-1", "vol-2"]
    assert save(session, at=WEDNESDAY, scopes=[("1", None)]) == 2


def test_a_kind_that_was_not_asked_for_closes_nothing(session: Session) -> None:
    """Nor does one whose listing failed: what was asked is told by place and kind."""
    save(session, disk("vol-1"), replace(disk("snap-1"), resource_type="snapshot"), disk("vol-2", region="eu-west-1"))
    asked = [("1", "us-east-1", "disk"), ("1", "eu-west-1", "snapshot"), ("1", None, "image")]
    assert save(session, at=TUESDAY, scopes=asked) == 1
    assert names(session) == ["snap-1", "vol-2"]
    assert save(session, at=WEDNESDAY, scopes=[("1", None, "snapshot"), ("1", None, "disk")]) == 2


def test_an_inventory_of_nothing_asked_closes_nothing(session: Session) -> None:
    """No scope, no verdict."""
    save(session, disk())
    assert resources.save_inventory(session, "aws", [], [], at=TUESDAY) == 0


def test_an_older_inventory_changes_nothing(session: Session) -> None:
    """Two workers may finish in the wrong order."""
    save(session, disk(state="unattached"), at=TUESDAY)
    save(session, disk(state="attached"), at=MONDAY)
    assert [one.state for one in resources.load(session)] == ["unattached"]


def test_letter_case_does_not_make_a_second_resource(session: Session) -> None:
    """Azure writes the same id in many ways."""
    save(session, disk("/Subscriptions/A"))
    save(session, disk("/subscriptions/a"), at=TUESDAY)
    assert len(resources.load(session, include_closed=True)) == 1


def since(session: Session) -> tuple[str | None, str | None]:
    """Return since when the state of the only disk holds, and was seen."""
    (known,) = resources.load(session)
    return known.metadata.get("state_since"), known.metadata.get("seen_since")


def test_a_state_that_was_never_seen_otherwise_is_only_seen_since(session: Session) -> None:
    """The first inventory cannot know when it began."""
    for at in (MONDAY, TUESDAY):
        save(session, disk(state="unattached"), at=at)
        assert since(session) == (None, MONDAY.isoformat())


def test_a_change_of_state_is_dated_by_the_inventory_that_saw_it(session: Session) -> None:
    """And that date stays while the state does."""
    save(session, disk(state="attached"))
    for at in (TUESDAY, WEDNESDAY):
        save(session, disk(state="unattached"), at=at)
        assert since(session) == (TUESDAY.isoformat(), TUESDAY.isoformat())


def test_what_a_provider_says_is_kept_where_it_reaches_back_farther(session: Session) -> None:
    """A window of measurements moves on; what it showed once stays true."""
    early, late = "2026-08-30T00:00:00+00:00", "2026-08-31T00:00:00+00:00"
    save(session, disk(state="unattached", metadata={"state_since": early}))
    save(session, disk(state="unattached", metadata={"state_since": late}), at=TUESDAY)
    assert since(session)[0] == early


def test_a_resource_known_from_a_bill_becomes_inventoried(session: Session) -> None:
    """The bill's row is the inventory's row."""
    key = resource_key("aws", "vol-1")
    bill = CloudResource(id=key, provider="aws", resource_id="vol-1", resource_type="disk", region="us-east-1")
    session.add(bill)
    session.flush()
    assert names(session) == []
    save(session, disk("vol-1"))
    assert names(session) == ["vol-1"]


def usage(name: str = "vol-1", value: float = 1.0) -> DailyUtilization:
    """Return one day of one metric."""
    return DailyUtilization(name, "disk", date(2026, 9, 14), value, value, value, value, 24)


def test_a_day_told_again_replaces_what_was_known(session: Session) -> None:
    """And resources that no inventory knows are left out."""
    save(session, disk())
    assert resources.save_utilization(session, "aws", [usage(), usage("vol-unknown")]) == 1
    assert resources.save_utilization(session, "aws", [usage(value=2.0)]) == 1
    found = resources.utilization(session, Period(date(2026, 9, 1), date(2026, 9, 15)))
    assert found == {disk().key: [usage(value=2.0)]}
    assert resources.utilization(session, Period(date(2026, 9, 1), date(2026, 9, 14))) == {}


@pytest.fixture
def billed(session: Session) -> Session:
    """Give the disk three charges: on demand by the hour, covered by the hour, and transfer by the gigabyte."""
    session.execute(text("create table cost_records_t partition of cost_records for values in ('2026-09-01')"))
    save(session, disk())
    source = Source(name="aws", provider="aws", format="aws-cur")
    session.add(source)
    session.flush()
    day = date(2026, 9, 14)
    for number, (amount, unit, plan) in enumerate((("5", "Hrs", None), ("3", "Hrs", "plan"), ("2", "GB", None))):
        session.add(
            CostRecord(
                id=resource_key("row", str(number)), billing_period=day.replace(day=1), source_id=source.id, date=day,
                provider="aws", resource_id=disk().key, pricing_unit=unit, billing_currency="USD", charges=1,
                commitment_discount_id=plan, commitment_discount_status="Used" if plan else None,
                effective_cost=Decimal(amount), billed_cost=0, list_cost=0, contracted_cost=0,
            )
        )  # fmt: skip
    session.flush()
    return session


def test_recent_cost_tells_what_was_covered_and_what_was_by_the_hour(billed: Session) -> None:
    """Of one resource, in one currency."""
    found = resources.recent_costs(billed, Period(date(2026, 9, 1), date(2026, 10, 1)), "USD")
    recent = found[disk().key]
    assert (recent.effective, recent.covered, recent.timed) == (Decimal(10), {"plan": Decimal(3)}, Decimal(8))
    assert resources.recent_costs(billed, Period(date(2026, 9, 1), date(2026, 10, 1)), "EUR") == {}
    assert resources.recent_costs(billed, Period(date(2026, 9, 15), date(2026, 10, 1)), "USD") == {}
