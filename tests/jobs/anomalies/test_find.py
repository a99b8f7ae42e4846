"""The ledger's anomalies are found, kept and told: once each, when they are new, large and no drop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from finops.anomalies.detectors import Kind
from finops.anomalies.estate import Floors
from finops.anomalies.events import Event
from finops.anomalies.feedback import Verdict
from finops.anomalies.scopes import Of, Scope
from finops.periods import Period
from finops.trend import NoChargesError
from jobs.anomalies import explain, find
from jobs.bills.ingest import ingest
from storage import anomalies, runs
from storage.database import transaction
from storage.models import Anomaly, Outbox, Run, Source

START, DAYS = date(2026, 3, 1), 150
LAST = START + timedelta(days=DAYS - 1)
HEADER = "BillingPeriodStart,ChargePeriodStart,BillingCurrency,BilledCost,EffectiveCost,ProviderName,SubAccountId,"
HEADER += "ServiceName,RegionId,ChargeCategory,ChargeClass,Tags"
Costs = Mapping[str, np.ndarray]


def _usual(amount: float = 1000.0) -> np.ndarray:
    return amount * np.random.default_rng(2).normal(1, 0.01, DAYS)


def _spiked(day: int, amount: float = 800.0) -> np.ndarray:
    amounts = _usual()
    amounts[day] += amount
    return amounts


def _bill(folder: Path, costs: Costs, *, currency: str = "USD", source: str = "payer", days: int = DAYS) -> None:
    """Read bills of the first so many days of each service."""
    lines = [
        f"{day:%Y-%m}-01T00:00:00Z,{day}T00:00:00Z,{currency},{amount:.2f},{amount:.2f},AWS,a,{service},eu-1,Usage,,"
        for service, amounts in costs.items()
        for day, amount in zip((START + timedelta(days=number) for number in range(days)), amounts, strict=False)
    ]
    folder.mkdir(exist_ok=True)
    file = folder / f"{source}-{len(list(folder.iterdir()))}.csv"
    file.write_text("\n".join([HEADER, *lines, ""]))
    ingest("auto", [file], source=source, anyway=True)
    with transaction() as session:
        session.query(Source).filter_by(name=source).one().settled_through = START + timedelta(days=days - 1)


def _rows() -> list[Anomaly]:
    with transaction() as session:
        return [*session.scalars(select(Anomaly).order_by(Anomaly.first_day))]


def _messages() -> list[str]:
    with transaction() as session:
        return [
            " and ".join(key for key in ("anomaly", "anomalies") if key in one.payload)
            for one in session.scalars(select(Outbox).order_by(Outbox.id))
        ]


def test_an_empty_ledger_is_told_what_to_do(database: Path) -> None:
    """Nothing is stored."""
    del database
    with pytest.raises(NoChargesError, match="read a bill first"):
        find.run()


@pytest.mark.parametrize(
    ("amounts", "days"),
    [(_usual(), 1), (_usual(), 20), (np.zeros(DAYS), DAYS), (-_usual(), DAYS), (_usual(), DAYS)],
)
def test_where_nothing_is_out_of_order_nothing_is_told(
    tmp_path: Path, database: Path, amounts: np.ndarray, days: int
) -> None:
    """One day, a few weeks, nothing at all, credits alone, a usual half year."""
    del database
    _bill(tmp_path / "bills", {"EC2": amounts}, days=days)
    assert find.run()["USD"]["new"] == 0
    assert (_rows(), _messages()) == ([], [])


def test_a_spike_of_the_last_day_is_told_once(tmp_path: Path, database: Path) -> None:
    """However often the job runs."""
    del database
    _bill(tmp_path / "bills", {"EC2": _spiked(DAYS - 1), "S3": _usual(50)})
    first, again = find.run()["USD"], find.run()["USD"]
    assert (first["series"], first["new"], first["posted"]) == (2, 1, 1)
    assert (again["new"], again["posted"]) == (0, 0)
    [row] = _rows()
    assert (row.kind, row.first_day, row.lasts) == ("spike", LAST, True)
    assert 750 < row.excess < 850
    assert _messages() == ["anomaly"]
    assert (first["explained"], again["explained"]) == (1, 0)
    assert str(row.sentence).startswith("More than before: eu-1, +$8")
    with transaction() as session:
        assert row.run_id is not None
        assert runs.page(session, row.run_id) is not None


def test_an_event_whose_page_cannot_be_made_is_told_without_its_cause(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run tries again, and nobody is told twice."""
    del database
    _bill(tmp_path / "bills", {"EC2": _spiked(DAYS - 1)})
    monkeypatch.setattr(explain, "NOTEBOOK", "no_such_notebook")
    assert find.run()["USD"]["explained"] == 0
    assert (_messages(), _rows()[0].run_id) == (["anomaly"], None)
    monkeypatch.undo()
    assert find.run()["USD"]["explained"] == 1
    assert _messages() == ["anomaly"]


def test_the_past_of_a_first_run_is_told_together_and_never_again(tmp_path: Path, database: Path) -> None:
    """Also when a bill is read again, or more days come."""
    del database
    _bill(tmp_path / "bills", {"EC2": _spiked(100)}, days=DAYS - 5)
    find.run()
    _bill(tmp_path / "bills", {"EC2": _spiked(100)})
    find.run()
    [row] = _rows()
    assert row.first_day == START + timedelta(days=100)
    assert _messages() == ["anomalies"]
    assert (str(row.sentence)[:23], row.run_id) == ("More than before: eu-1,", None)


def test_what_restated_bills_make_vanish_is_withdrawn_and_not_deleted(tmp_path: Path, database: Path) -> None:
    """And a drop that a settled day's missing charges would have been is none, once they have come."""
    del database
    _bill(tmp_path / "bills", {"EC2": _spiked(DAYS - 1)})
    find.run()
    _bill(tmp_path / "bills", {"EC2": _usual()})
    assert find.run()["USD"]["withdrawn"] == 1
    [row] = _rows()
    assert row.withdrawn_at is not None
    with transaction() as session:
        assert anomalies.listed(session) == []


def test_currencies_are_judged_apart(tmp_path: Path, database: Path) -> None:
    """Each by its own spend; amounts are never added."""
    del database
    _bill(tmp_path / "bills", {"EC2": _spiked(DAYS - 1)})
    _bill(tmp_path / "euros", {"EC2": _spiked(DAYS - 2)}, currency="EUR", source="other")
    found = find.run()
    assert {currency: told["new"] for currency, told in found.items()} == {"USD": 1, "EUR": 1}
    assert {row.currency: row.first_day for row in _rows()} == {"USD": LAST, "EUR": LAST - timedelta(days=1)}


def test_a_day_that_was_not_collected_is_no_drop(tmp_path: Path, database: Path) -> None:
    """Nothing at all came of that day."""
    del database
    amounts = _usual()
    lines = {"EC2": amounts}
    _bill(tmp_path / "bills", lines)
    with transaction() as session:
        for record in session.query(Source):
            record.settled_through = LAST + timedelta(days=3)
    assert find.run()["USD"]["new"] == 0


def test_a_rule_decides_what_is_found_and_is_named_with_it(tmp_path: Path, database: Path) -> None:
    """What it ignores is no event; of the rest its name is kept."""
    rules = database / "anomalies.yaml"
    _bill(tmp_path / "bills", {"EC2": _spiked(DAYS - 1), "S3": _spiked(DAYS - 1, 700)})
    try:
        rules.write_text("- {name: quiet, where: {service: S3}, ignore: true}\n- {name: mine, where: {service: EC2}}\n")
        assert find.run()["USD"]["new"] == 1
    finally:
        rules.unlink()
    assert [row.rule for row in _rows()] == ["mine"]


def test_what_people_expect_of_a_series_makes_it_deaf(tmp_path: Path, database: Path) -> None:
    """The verdicts on its events move its threshold, and no other's."""
    del database
    _bill(tmp_path / "bills", {"EC2": _spiked(DAYS - 1), "S3": _usual()})
    with transaction() as session:
        before = find.estate(session, "USD").wanted
    find.run()
    with transaction() as session:
        [row] = session.scalars(select(Anomaly))
        anomalies.say(session, row, Verdict.EXPECTED, who="ULEAD")
        after = find.estate(session, "USD").wanted
    assert {key for key in before if after[key].rate < before[key].rate} == {row.scope}


def test_a_region_is_told_only_when_it_is_new(tmp_path: Path, database: Path) -> None:
    """What else happens in it is told by its services."""
    del database
    _bill(tmp_path / "bills", {"EC2": _spiked(DAYS - 1)})
    find.run()
    assert {Scope.read(row.scope).of for row in _rows()} == {Of.SERVICE}


EVENT = Event(
    name="",
    days=Period(LAST - timedelta(days=1), LAST + timedelta(days=1)),
    kind=Kind.SHIFT,
    expected=Decimal(1000),
    actual=Decimal(1300),
    excess=Decimal(300),
    monthly=Decimal("9131.25"),
    months=Decimal(100),
    lasts=True,
)
LEAST = Floors(told=Decimal(100), found=Decimal(25))


def _scope(name: str) -> Scope:
    return Scope(of=Of.SERVICE, provider="aws", sub_account_id="a", service_name=name)


def _announced(session: Session, events: Mapping[str, Event]) -> int:
    found = [(_scope(name), event) for name, event in events.items()]
    recorded = anomalies.record(session, found, currency="USD", judged=[scope for scope, _ in found])
    return find.announce(session, recorded, LEAST, {scope.written(): LAST for scope, _ in found})


def _since(days: int, **changes: object) -> Event:
    first = LAST - timedelta(days=days)
    return replace(EVENT, days=Period(first, EVENT.days.end), **changes)  # type: ignore[arg-type]


def test_drops_and_small_things_are_listed_and_not_posted(session: Session) -> None:
    """A drop's place is the digest; what costs less a day than the floor is no message's worth."""
    drop = replace(EVENT, kind=Kind.DROP, excess=-EVENT.excess, monthly=-EVENT.monthly)
    small = replace(EVENT, excess=Decimal(99), monthly=Decimal(3013))
    assert _announced(session, {"drop": drop, "small": small}) == 0
    assert len(anomalies.listed(session)) == 2


def test_a_commitment_that_ended_is_posted_by_what_a_month_costs_and_one_that_began_is_not(session: Session) -> None:
    """It is no chance, and it stays until somebody acts; what saves money is no alarm."""
    scope = Scope(of=Of.COMMITMENT, provider="aws", commitment_id="r-1")
    begun = replace(EVENT, kind=Kind.BEGUN, excess=Decimal(-20), monthly=Decimal(-608))
    for event, posted in ((begun, 0), (replace(EVENT, kind=Kind.ENDED, excess=Decimal(20), monthly=Decimal(608)), 1)):
        recorded = anomalies.record(session, [(scope, event)], currency="USD", judged=[scope])
        assert find.announce(session, recorded, LEAST, {scope.written(): LAST}) == posted


def _reserved(tmp_path: Path, *, days: int = 7) -> None:
    """Read a bill of steady use, of which a reservation covered some until so many days before its end."""
    bill = [HEADER + ",ContractedCost,ListCost,PricingCategory,SkuId,CommitmentDiscountId,CommitmentDiscountStatus"]
    for number in range(DAYS):
        day = START + timedelta(days=number)
        start = f"{day:%Y-%m}-01T00:00:00Z,{day}T00:00:00Z,USD"
        rest = "AWS,a,EC2,eu-1,Usage,,"
        bill.append(f"{start},1000,1000,{rest},1000,1000,Standard,m5,,")
        covered = f"0,30,{rest},50,50,Committed,m5,reserved-instances/r-1,Used"
        bill.append(f"{start},{covered if number < DAYS - days else f'50,50,{rest},50,50,Standard,m5,,'}")
    file = tmp_path / "bill.csv"
    file.write_text("\n".join([*bill, ""]))
    ingest("auto", [file], source="payer")
    with transaction() as session:
        session.query(Source).filter_by(name="payer").one().settled_through = LAST


def test_a_reservation_that_ended_is_found_explained_and_told(tmp_path: Path, database: Path) -> None:
    """However small a share of its service it is; and once."""
    del database
    _reserved(tmp_path)
    first, again = find.run()["USD"], find.run()["USD"]
    assert (first["new"], first["explained"], first["posted"]) == (1, 1, 1)
    assert (again["new"], again["explained"], again["posted"]) == (0, 0, 0)
    [row] = _rows()
    assert (row.kind, row.expected, row.actual, row.lasts) == ("ended commitment", 30, 50, True)
    assert str(row.sentence) == (
        "AWS reservation r-1 ended on 22 Jul 2026: what it covered cost $30.00 a day and costs $50.00 without it. "
        "It covered m5, EC2 in eu-1."
    )


def test_the_cause_of_a_commitments_end_is_told_however_long_ago_it_was(tmp_path: Path, database: Path) -> None:
    """Without a page."""
    del database
    _reserved(tmp_path, days=90)
    find.run()
    [row] = _rows()
    assert (row.lasts, row.run_id) == (False, None)
    assert str(row.sentence).startswith("AWS reservation r-1 ended on 30 Apr 2026: what it covered cost $30.00 a day")


def test_a_rule_can_ignore_commitments(tmp_path: Path, database: Path) -> None:
    """By their provider, as all that fits it."""
    rules = database / "anomalies.yaml"
    _reserved(tmp_path)
    try:
        rules.write_text("- {name: quiet, where: {provider: aws}, ignore: true}\n")
        assert find.run()["USD"]["new"] == 0
    finally:
        rules.unlink()


def test_what_grows_large_is_told_when_it_has(session: Session) -> None:
    """However long ago it began, as it was too little to speak of then."""
    small = replace(EVENT, excess=Decimal(60), monthly=Decimal(1800))
    assert _announced(session, {"ramp": small}) == 0
    assert _announced(session, {"ramp": _since(1, kind=Kind.RAMP)}) == 1
    assert _announced(session, {"ramp": _since(1, kind=Kind.RAMP)}) == 0


@pytest.mark.parametrize(("days", "key"), [(6, "anomaly"), (7, "anomalies")])
def test_a_week_old_is_no_news(session: Session, days: int, key: str) -> None:
    """Days before the last settled one."""
    assert _announced(session, {"shift": _since(days)}) == 1
    assert _announced(session, {"shift": _since(days)}) == 0
    [message] = session.scalars(select(Outbox))
    assert key in message.payload


def test_what_a_run_found_that_died_before_it_told_anybody_is_told_together(session: Session) -> None:
    """It was old when it was found, however it goes on."""
    old = {f"s{number}": _since(30) for number in range(3)}
    found = [(_scope(name), event) for name, event in old.items()]
    anomalies.record(session, found, currency="USD", judged=[scope for scope, _ in found])
    assert _announced(session, old) == 1
    [message] = session.scalars(select(Outbox))
    assert len(message.payload["anomalies"]) == 3


def test_what_is_listed_of_late_has_a_page_too(tmp_path: Path, database: Path) -> None:
    """A drop is no message's worth, and yet somebody asks why."""
    del database
    amounts = _usual()
    amounts[DAYS - 1] = 200
    _bill(tmp_path / "bills", {"EC2": amounts})
    found = find.run()["USD"]
    assert (found["new"], found["explained"], found["posted"]) == (1, 1, 0)
    assert _rows()[0].sentence is not None


@pytest.mark.parametrize(
    ("changes", "stale"),
    [
        ({}, False),
        ({"excess": Decimal(1)}, True),
        ({"lasts": False}, True),
        ({"age": timedelta(days=8)}, True),
    ],
    ids=["as it was", "other money", "over", "a week old"],
)
def test_a_page_is_made_anew_once_it_tells_what_is_not_so(
    tmp_path: Path,
    database: Path,
    changes: dict[str, Any],
    stale: bool,  # noqa: FBT001
) -> None:
    """And not each night."""
    del database
    _bill(tmp_path / "bills", {"EC2": _spiked(DAYS - 1)})
    find.run()
    with transaction() as session:
        [row] = session.scalars(select(Anomaly))
        for name, value in changes.items():
            if name == "age":
                session.get_one(Run, row.run_id).started_at -= value
            else:
                setattr(row, name, value)
        session.flush()
        assert bool(explain.due(session, [row])) == stale


def test_many_at_once_are_five_messages_and_one_for_the_rest(session: Session) -> None:
    """The largest each their own; none twice."""
    events = {f"s{number}": replace(EVENT, monthly=Decimal(9000 + number)) for number in range(8)}
    first = {name: replace(one, days=Period(LAST - timedelta(days=2), EVENT.days.end)) for name, one in events.items()}
    assert _announced(session, first) == find.MOST + 1
    assert _announced(session, first) == 0
    together = [one.payload["anomalies"] for one in session.scalars(select(Outbox)) if "anomalies" in one.payload]
    assert [len(one) for one in together] == [3]


def test_the_other_side_of_an_event_is_not_told_by_itself(session: Session) -> None:
    """A team's, which its service's explains."""
    team = Scope(of=Of.TEAM, team="web")
    recorded = anomalies.record(
        session, [(_scope("EC2"), EVENT), (team, EVENT)], currency="USD", judged=[_scope("EC2"), team]
    )
    assert find.announce(session, recorded, LEAST, {_scope("EC2").written(): LAST, team.written(): LAST}) == 1
