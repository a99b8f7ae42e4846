"""What an event's days were made of, from bills that were read."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from finops.allocation import Rule
from finops.anomalies.causes import Part, explain
from finops.anomalies.compared import compared
from finops.anomalies.events import judged
from finops.anomalies.scopes import Of, Scope
from finops.anomalies.series import CannotWatchError
from finops.focus import Metric
from finops.money import total
from finops.periods import ONE_DAY, Period
from finops.trend import NoChargesError
from jobs.bills.ingest import ingest
from storage import anomaly_parts, watched
from storage.database import transaction
from storage.models import Source

FIRST, LAST = date(2026, 8, 10), date(2026, 9, 15)
"""Five weeks and two days, from a Monday on."""
EVENT = Period(date(2026, 9, 14), date(2026, 9, 16))
EC2 = Scope(of=Of.SERVICE, provider="aws", sub_account_id="a", service_name="EC2")
HOSTILE = "<script>alert(1)</script>\nweb"
TEAMS = (Rule(by="tag:team"),)


def _row(day: date, resource: str, cost: str, quantity: str = "1", **more: str) -> dict[str, str]:
    start = f"{day}T00:00:00Z"
    usual = {"BillingPeriodStart": f"{day:%Y-%m}-01T00:00:00Z", "ChargePeriodStart": start, "BillingCurrency": "USD"}
    usual |= {"BilledCost": cost, "EffectiveCost": cost, "PricingQuantity": quantity, "PricingUnit": "GB"}
    usual |= {"ProviderName": "AWS", "SubAccountId": "a", "ServiceName": "EC2", "RegionId": "eu-1"}
    usual |= {"ChargeCategory": "Usage", "ChargeClass": "", "PricingCategory": "Standard", "SkuId": "sku-1"}
    usual |= {"CommitmentDiscountStatus": "", "CommitmentDiscountId": "", "ChargeDescription": "NAT bytes"}
    return {**usual, "ResourceId": resource, "ResourceType": "nat", "Tags": '{"team": "web"}', **more}


def _read(folder: Path, rows: list[dict[str, str]]) -> None:
    file = folder / "bill.csv"
    with file.open("w", newline="") as written:
        writer = csv.DictWriter(written, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    ingest("auto", [file], source="payer")
    with transaction() as session:
        session.query(Source).filter_by(name="payer").one().settled_through = LAST


def _usual() -> list[dict[str, str]]:
    """Two gateways and a fleet of machines that live for a day each, every day 100 in all."""
    rows = []
    for day in Period(FIRST, LAST + ONE_DAY):
        rows += [_row(day, name, "20", "200") for name in ("nat-1", "nat-2")]
        rows += [_row(day, f"i-{day}-{n}", "20", SkuId="sku-2", Tags='{"team": "data"}') for n in range(3)]
    return rows


def _parts(scope: Scope = EC2, metric: Metric = Metric.EFFECTIVE) -> list[Part]:
    with transaction() as session:
        series, _ = watched.one(session, scope, currency="USD", teams=TEAMS, metric=metric)
        found = anomaly_parts.parts(
            session, scope, compared(series, EVENT), currency="USD", teams=TEAMS, metric=metric
        )  # fmt: skip
    event = judged(series, EVENT)
    told = [
        total(amounts).quantize(Decimal("0.01"))
        for amounts in zip(*((p.expected, p.actual) for p in found), strict=True)
    ]
    assert told == [event.expected, event.actual]
    return found


def test_the_one_that_was_used_nine_times_as_much_is_found_beside_machines_that_live_a_day(
    tmp_path: Path, database: Path
) -> None:
    """They are new each day, and no growth; its SKU goes by the name that the bill has for it."""
    del database
    more = [_row(day, "nat-1", "160.5", "1605") for day in EVENT]
    _read(tmp_path, [*_usual(), *more])
    [cause] = explain(_parts()).causes
    assert dict(cause.values) == {"resource": "nat-1"}
    assert ("SKU", "NAT bytes") in cause.shared
    assert (cause.expected, cause.actual, cause.usage) == (20, Decimal("180.5"), Decimal("160.5"))


def test_an_odd_day_among_the_weeks_before_moves_no_part(tmp_path: Path, database: Path) -> None:
    """A spike of the week before is not what is expected now."""
    del database
    odd = [_row(date(2026, 9, 7), "nat-2", "900"), _row(date(2026, 9, 8), "nat-2", "900")]
    _read(tmp_path, [*_usual(), *odd, *(_row(day, "nat-1", "160", "1600") for day in EVENT)])
    expected = {dict(part.values)["resource"]: part.expected for part in _parts()}
    assert (expected["nat-1"], expected["nat-2"]) == (20, 20)


def test_what_is_new_is_told_with_its_first_day_and_what_is_gone_costs_nothing_now(
    tmp_path: Path, database: Path
) -> None:
    """Of an event of two days the second one."""
    del database
    rows = [row for row in _usual() if not (row["ResourceId"] == "nat-2" and row["ChargePeriodStart"] >= "2026-09-14")]
    _read(tmp_path, [*rows, _row(date(2026, 9, 15), "db-1", "400", SkuId="sku-3", ChargeDescription="")])
    found = {dict(part.values).get("resource"): part for part in _parts()}
    new, gone = found["db-1"], found["nat-2"]
    assert (new.expected, new.actual, new.since) == (0, 200, date(2026, 9, 15))
    assert (gone.expected, gone.actual) == (20, 0)
    assert dict(new.values)["SKU"] == "sku-3 (GB)"


def test_an_expired_commitment_is_told_from_a_higher_price(tmp_path: Path, database: Path) -> None:
    """The same machine, before at the commitment's price; what is not used of one is a part of its own."""
    del database
    covered = {"PricingCategory": "Committed", "CommitmentDiscountId": "ri-1", "ChargeDescription": ""}
    before, after = Period(FIRST, EVENT.start), EVENT
    rows = [_row(day, "i-9", "60", "24", CommitmentDiscountStatus="Used", **covered) for day in before]
    rows += [_row(day, "i-9", "100", "24", ChargeDescription="") for day in after]
    rows += [_row(day, "", "50", "24", CommitmentDiscountStatus="Unused", **covered) for day in after]
    _read(tmp_path, [*_usual(), *rows])
    found = {dict(part.values).get("resource"): part for part in _parts()}
    assert (found["i-9"].committed, found["i-9"].excess) == ((60, 0), 40)
    assert dict(found[None].values)["commitment"] == "not used"
    assert found[None].committed == (0, 0)


def test_a_teams_costs_are_told_by_account_and_service_and_are_its_own_alone(tmp_path: Path, database: Path) -> None:
    """As the rules say; tax, credits and other currencies are not watched, hence no cause."""
    del database
    more = [_row(day, "nat-1", "160", "1600") for day in EVENT]
    more += [
        _row(day, "bucket", "70", ServiceName="S3", SubAccountId="b", SkuId="sku-9", ChargeDescription="")
        for day in EVENT
    ]
    more += [_row(EVENT.start, "", "999", ChargeCategory="Tax"), _row(EVENT.start, "x", "9", ChargeClass="Correction")]
    _read(tmp_path, [*_usual(), *more])
    found = explain(_parts(Scope(of=Of.TEAM, team="web")))
    assert found.excess == 230
    web, other = ({**dict(one.shared), **dict(one.values)} for one in found.causes)
    assert (web["resource"], web["account"], web["service"]) == ("nat-1", "a", "EC2")
    assert (other["resource"], other["account"], other["provider"]) == ("bucket", "b", "AWS")


def test_foreign_names_are_values_like_any_other(tmp_path: Path, database: Path) -> None:
    """Whoever shows them escapes them."""
    del database
    tags = '{"team": "<script>alert(1)</script>\\nweb"}'
    _read(tmp_path, [*_usual(), *(_row(day, HOSTILE, "500", Tags=tags) for day in EVENT)])
    [cause] = explain(_parts()).causes
    assert "<script>" in dict(cause.values)["resource"]
    assert any("<script>" in value for name, value in cause.shared if name == "tag:team")


@pytest.mark.parametrize("metric", [Metric.BILLED, Metric.LIST])
def test_other_amounts_add_up_as_well(tmp_path: Path, database: Path, metric: Metric) -> None:
    """List prices are not on this bill, so they are its costs."""
    del database
    _read(tmp_path, [*_usual(), *(_row(day, "nat-1", "160.333", "1600") for day in EVENT)])
    assert _parts(metric=metric)


def test_much_is_told_by_its_sku_where_resources_are_too_many(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What moved most keeps its name, and nothing is lost."""
    del database
    monkeypatch.setattr(anomaly_parts, "MOST", 2)
    _read(tmp_path, [*_usual(), *(_row(day, "nat-1", "160", "1600") for day in EVENT)])
    found = [dict(part.values) for part in _parts()]
    assert sum("resource" in values for values in found) == 2
    assert {"region": "eu-1", "SKU": "NAT bytes"} in found


def test_an_empty_ledger_and_a_scope_without_costs_say_so(tmp_path: Path, database: Path) -> None:
    """In a sentence each."""
    del database
    with transaction() as session, pytest.raises(NoChargesError):
        watched.one(session, EC2, currency="USD")
    _read(tmp_path, _usual())
    with transaction() as session, pytest.raises(CannotWatchError, match=r"EC2 in a, AWS has no settled costs in EUR"):
        watched.one(session, EC2, currency="EUR")
