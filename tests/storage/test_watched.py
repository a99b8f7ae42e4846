"""The daily costs of services, regions and teams, from bills that were read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from finops.allocation import Rule
from finops.anomalies.scopes import Of, Scope
from finops.anomalies.series import Series
from finops.periods import Period
from jobs.bills.ingest import ingest
from storage import watched
from storage.database import transaction
from storage.models import Source

HEADER = "BillingPeriodStart,ChargePeriodStart,BillingCurrency,BilledCost,EffectiveCost,ProviderName,SubAccountId,"
HEADER += "ServiceName,RegionId,ChargeCategory,ChargeClass,Tags"
SEPTEMBER = Period.month(2026, 9)
Row = tuple[int, str, str, str, str, str]


def _bill(folder: Path, rows: Sequence[Row], *, source: str = "payer", settled: date = date(2026, 9, 9)) -> None:
    """Read a bill of September: day, provider, account, service, team, amount; the rest is usage in eu-1."""
    lines = [
        f"2026-09-01T00:00:00Z,2026-09-{day:02}T00:00:00Z,USD,{amount},{amount},{provider},{account},{service},eu-1,"
        f'Usage,,"{{""team"":""{team}""}}"'
        for day, provider, account, service, team, amount in rows
    ]
    folder.mkdir(exist_ok=True)
    file = folder / f"{source}.csv"
    file.write_text("\n".join([HEADER, *lines, ""]))
    ingest("auto", [file], source=source)
    with transaction() as session:
        session.query(Source).filter_by(name=source).one().settled_through = settled


def _found(teams: Sequence[Rule] = (Rule(by="tag:team"),)) -> dict[Scope, Series]:
    with transaction() as session:
        return dict(watched.series(session, SEPTEMBER, currency="USD", teams=teams))


def _service(account: str, name: str, provider: str = "aws") -> Scope:
    return Scope(of=Of.SERVICE, provider=provider, sub_account_id=account, service_name=name)


def test_a_service_that_costs_nothing_on_a_day_costs_nothing_and_a_day_not_collected_is_a_gap(
    tmp_path: Path, database: Path
) -> None:
    """Nothing came on the third; on the others only EC2 always has costs. Days after the settled one are left out."""
    del database
    every = [(day, "AWS", "a", "EC2", "web", "10") for day in (1, 2, 4, 5, 6)]
    _bill(tmp_path, [*every, (2, "AWS", "a", "S3", "data", "3.5")], settled=date(2026, 9, 5))
    found = _found()
    assert found[_service("a", "EC2")].start == date(2026, 9, 1)
    np.testing.assert_array_equal(found[_service("a", "EC2")].amounts, [10, 10, np.nan, 10, 10])
    np.testing.assert_array_equal(found[_service("a", "S3")].amounts, [0, 3.5, np.nan, 0, 0])
    region = Scope(of=Of.REGION, provider="aws", sub_account_id="a", region_id="eu-1")
    np.testing.assert_array_equal(found[region].amounts, [10, 13.5, np.nan, 10, 10])


def test_a_source_that_was_not_collected_is_a_gap_of_its_own_accounts_alone(tmp_path: Path, database: Path) -> None:
    """Two payers of one provider: of the second one nothing came on the second day, and it ended on the third."""
    del database
    _bill(tmp_path, [(day, "AWS", "a", "EC2", "web", "10") for day in range(1, 6)], settled=date(2026, 9, 5))
    _bill(tmp_path, [(day, "AWS", "b", "EC2", "web", "7") for day in (1, 3)], source="other", settled=date(2026, 9, 5))
    found = _found()
    np.testing.assert_array_equal(found[_service("a", "EC2")].amounts, [10] * 5)
    np.testing.assert_array_equal(found[_service("b", "EC2")].amounts, [7, np.nan, 7])


def test_a_team_is_charged_by_the_rules_over_all_providers_up_to_the_day_that_all_have_settled(
    tmp_path: Path, database: Path
) -> None:
    """Azure is settled a day later than AWS; other spellings of a team are the same one."""
    del database
    days = [date(2026, 9, 1) + timedelta(days=n) for n in range(4)]
    _bill(tmp_path, [(day.day, "AWS", "a", "EC2", "web", "10") for day in days], settled=days[3])
    rows = [(day.day, "Microsoft", "s", "VM", "Web", "5") for day in days]
    _bill(tmp_path, rows, source="azure", settled=days[2])
    found = _found([Rule(by="tag:team", names={"WEB": "web"})])
    np.testing.assert_array_equal(found[Scope(of=Of.TEAM, team="web")].amounts, [15, 15, 15])
    assert len(found[_service("a", "EC2")].amounts) == 4
    assert [scope.team for scope in found if scope.of is Of.TEAM] == ["web"]


def test_tax_credits_corrections_and_other_currencies_are_not_watched(tmp_path: Path, database: Path) -> None:
    """They come when they are written, not when something is used."""
    del database
    _bill(tmp_path, [(1, "AWS", "a", "EC2", "web", "10")])
    start = "2026-09-01T00:00:00Z,2026-09-01T00:00:00Z"
    more = [f"{start},USD,9,9,AWS,a,EC2,eu-1,{kind}," for kind in ("Tax,", "Credit,", "Usage,Correction")]
    file = tmp_path / "payer.csv"
    file.write_text("\n".join([HEADER, *more, f"{start},USD,10,10,AWS,a,EC2,eu-1,Usage,,", ""]))
    ingest("auto", [file], source="payer")
    file.write_text("\n".join([HEADER, f"{start},EUR,4,4,AWS,e,EC2,eu-1,Usage,,", ""]))
    ingest("auto", [file], source="euros")
    with transaction() as session:
        for source in session.query(Source):
            source.settled_through = date(2026, 9, 1)
    assert list(_found(())[_service("a", "EC2")].amounts) == [10]
    assert _service("e", "EC2") not in _found(())


def test_an_empty_ledger_has_nothing_to_watch(database: Path) -> None:
    """No sentence is due yet: whoever watches says it."""
    del database
    assert _found() == {}


def test_the_ledger_and_the_sums_beside_it_tell_the_same(tmp_path: Path, database: Path) -> None:
    """A tag that is not rolled up is answered by the ledger."""
    del database
    rows = [(day, "AWS", f"a{day % 2}", "EC2", f"t{day % 3}", str(day)) for day in range(1, 9)]
    _bill(tmp_path, rows)
    quick = _found()
    with transaction() as session:
        session.connection().exec_driver_sql("update deliveries set cubes = null")
        slow = dict(watched.series(session, SEPTEMBER, currency="USD", teams=(Rule(by="tag:team"),)))
    assert quick.keys() == slow.keys()
    for scope, one in quick.items():
        np.testing.assert_array_equal(one.amounts, slow[scope].amounts)
