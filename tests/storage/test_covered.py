"""What commitments covered, from bills of the three shapes that providers write."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from finops.anomalies import commitments
from finops.anomalies.compared import compared
from finops.anomalies.detectors import Kind
from finops.anomalies.on_demand import UNUSED
from finops.anomalies.scopes import Of, Scope
from finops.anomalies.series import CannotWatchError
from finops.money import total
from finops.periods import ONE_DAY, Period
from jobs.bills.ingest import ingest
from storage import anomaly_parts, covered, watched
from storage.database import transaction
from storage.models import Source

DAYS = Period(date(2026, 8, 1), date(2026, 10, 1))
TURN = date(2026, 9, 10)
RESERVED = "arn:aws:ec2:eu-1:1:reserved-instances/r-1"
Row = dict[str, str]


def _row(day: date, cost: str, *, worth: str | None = None, **more: str) -> Row:
    start = f"{day}T00:00:00Z"
    usual = {"BillingPeriodStart": f"{day:%Y-%m}-01T00:00:00Z", "ChargePeriodStart": start, "BillingCurrency": "USD"}
    usual |= {"BilledCost": cost, "EffectiveCost": cost, "ContractedCost": worth or cost, "ListCost": worth or cost}
    usual |= {"ProviderName": "AWS", "SubAccountId": "a", "ServiceName": "EC2", "RegionId": "eu-1", "SkuId": "m5"}
    usual |= {
        "ChargeCategory": "Usage",
        "PricingCategory": "Standard",
        "PricingUnit": "hour",
        "Tags": '{"team": "web"}',
    }
    return {**usual, "CommitmentDiscountStatus": "", "CommitmentDiscountId": "", **more}


def _read(folder: Path, rows: list[Row], settled: date = DAYS.end - ONE_DAY) -> None:
    file = folder / "bill.csv"
    with file.open("w", newline="") as written:
        writer = csv.DictWriter(written, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    ingest("auto", [file], source="payer", anyway=True)
    with transaction() as session:
        session.query(Source).filter_by(name="payer").one().settled_through = settled


def _found() -> list[covered.Covered]:
    with transaction() as session:
        return covered.told(session, covered.lives(session, currency="USD"), currency="USD")


def _used(day: date, cost: str, name: str = RESERVED, **more: str) -> Row:
    said = {"PricingCategory": "Committed", "CommitmentDiscountStatus": "Used", "CommitmentDiscountId": name}
    return _row(day, cost, worth="50", **{**said, **more})


def _spread() -> Iterator[Row]:
    """AWS, and FOCUS as it is meant: the cost of a commitment lies on what used it. Beside it, use on demand."""
    for day in DAYS:
        yield _row(day, "400", Tags='{"team": "other"}')
        yield _row(day, "70", SkuId="c5")
        yield _used(day, "30") if day < TURN else _row(day, "50")


def _billed() -> Iterator[Row]:
    """Azure's actual costs: what is covered costs nothing, and a fee comes once a month."""
    name = "/providers/microsoft.capacity/reservationorders/1/reservations/2"
    for day in DAYS:
        more = {"ProviderName": "Microsoft"}
        yield _used(day, "0", name, **more, ContractedCost="0") if day < TURN else _row(day, "50", **more)
        if day.day == 1:
            bought = {"ChargeCategory": "Purchase", "PricingCategory": "Committed", "CommitmentDiscountId": name}
            yield _row(day, "930", **more, **bought)


def _credited() -> Iterator[Row]:
    """Google Cloud: a fee a day, and credits on use that does not say of which commitment they are."""
    for day in DAYS:
        more = {"ProviderName": "Google Cloud", "ServiceName": "Compute Engine"}
        if day < TURN:
            bought = {"ChargeCategory": "Purchase", "SkuId": "fee", "CommitmentDiscountId": "cud-1"}
            yield _row(day, "30", **more, **bought)
        yield _row(day, "40" if day < TURN else "90", worth="90", **more)
        yield _row(day, "8", SkuId="disk", PricingUnit="gibibyte month", **more)


@pytest.mark.parametrize(
    ("bill", "before", "now"),
    [(list(_spread()), 30, 50), (list(_billed()), 30, 50), (list(_credited()), 30, 50)],
    ids=["spread", "billed", "credited"],
)
def test_what_a_commitment_covered_costs_more_once_it_has_ended(
    tmp_path: Path, database: Path, bill: list[Row], before: int, now: int
) -> None:
    """Whatever way a provider writes it, and whatever else is used beside it."""
    del database
    _read(tmp_path, bill)
    [one] = _found()
    assert one.life.ended == TURN
    amounts = one.series.amounts[(TURN - DAYS.start).days - 9 :]
    assert set(amounts[:9].round(0)) <= {before, before + 1}
    assert set(amounts[9:]) == {now}
    [event] = commitments.events(one.life, one.series, Decimal(100))
    assert (event.kind, event.days, event.lasts) == (Kind.ENDED, Period(TURN, DAYS.end), True)


def test_the_parts_of_its_event_add_up_and_say_whose_it_was(tmp_path: Path, database: Path) -> None:
    """By the tags that all of what it covered has."""
    del database
    _read(tmp_path, list(_spread()))
    scope = Scope(of=Of.COMMITMENT, provider="aws", commitment_id=RESERVED)
    with transaction() as session:
        series, late = watched.one(session, scope, currency="USD")
        against = compared(series, Period(TURN, DAYS.end))
        [part] = anomaly_parts.parts(session, scope, against, currency="USD")
    assert late == {}
    assert (part.expected, part.actual, part.committed) == (30, 50, (30, 0))
    assert dict(part.values) == {"account": "a", "service": "EC2", "region": "eu-1", "SKU": "m5", "tag:team": "web"}


def test_what_is_not_settled_ends_nothing_and_begins_nothing(tmp_path: Path, database: Path) -> None:
    """The day after tomorrow its use may be there."""
    del database
    _read(tmp_path, list(_spread()), settled=TURN + timedelta(days=1))
    assert [one.life.ended for one in _found()] == [None]
    _read(tmp_path, list(_spread()), settled=TURN + timedelta(days=2))
    assert [one.life.ended for one in _found()] == [TURN]


def test_a_bill_without_commitments_has_none_and_one_that_is_not_there_is_refused(
    tmp_path: Path, database: Path
) -> None:
    """A fee once a month of which no use is told does not say when it ended."""
    del database
    bought = {"ChargeCategory": "Purchase", "CommitmentDiscountId": "support-1"}
    _read(tmp_path, [_row(day, "5") for day in DAYS] + [_row(DAYS.start, "90", **bought)])
    assert _found() == []
    scope = Scope(of=Of.COMMITMENT, provider="aws", commitment_id="support-1")
    with transaction() as session, pytest.raises(CannotWatchError, match="covered nothing on a settled day in USD"):
        watched.one(session, scope, currency="USD")


def test_a_commitment_over_several_accounts_is_one(tmp_path: Path, database: Path) -> None:
    """Its parts are told apart, and what nobody uses is one of them."""
    del database
    rows = [_used(day, "30", SubAccountId=name) for day in DAYS for name in ("a", "b")]
    unused = {"CommitmentDiscountStatus": "Unused", "CommitmentDiscountId": RESERVED, "PricingCategory": "Committed"}
    _read(tmp_path, rows + [_row(day, "5", SkuId="", **unused) for day in DAYS])
    [one] = _found()
    assert {group: total(days.values()) for group, days in one.costs.items()} == {
        ("a", "EC2", "eu-1", "m5"): 30 * DAYS.days,
        ("b", "EC2", "eu-1", "m5"): 30 * DAYS.days,
        UNUSED: 5 * DAYS.days,
    }
    assert one.reach.places == {("a", "EC2", "eu-1"), ("b", "EC2", "eu-1")}
