"""The ledger's anomalies are found and kept: once each, in their own currency, as the rules want it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from finops.anomalies.feedback import Verdict
from finops.anomalies.scopes import Of, Scope
from finops.trend import NoChargesError
from jobs.anomalies import find
from storage import anomalies, runs
from storage.database import transaction
from storage.models import Anomaly, Source
from tests.jobs.anomalies.billed import DAYS, LAST, START, bill, messages, rows, spiked, usual


def test_an_empty_ledger_is_told_what_to_do(database: Path) -> None:
    """Nothing is stored."""
    del database
    with pytest.raises(NoChargesError, match="read a bill first"):
        find.run()


@pytest.mark.parametrize(
    ("amounts", "days"),
    [(usual(), 1), (usual(), 20), (np.zeros(DAYS), DAYS), (-usual(), DAYS), (usual(), DAYS)],
)
def test_where_nothing_is_out_of_order_nothing_is_told(
    tmp_path: Path, database: Path, amounts: np.ndarray, days: int
) -> None:
    """One day, a few weeks, nothing at all, credits alone, a usual half year."""
    del database
    bill(tmp_path / "bills", {"EC2": amounts}, days=days)
    assert find.run()["USD"]["new"] == 0
    assert (rows(), messages()) == ([], [])


def test_a_spike_of_the_last_day_is_told_once(tmp_path: Path, database: Path) -> None:
    """However often the job runs."""
    del database
    bill(tmp_path / "bills", {"EC2": spiked(DAYS - 1), "S3": usual(50)})
    first, again = find.run()["USD"], find.run()["USD"]
    assert (first["series"], first["new"], first["posted"]) == (2, 1, 1)
    assert (again["new"], again["posted"]) == (0, 0)
    [row] = rows()
    assert (row.kind, row.first_day, row.lasts) == ("spike", LAST, True)
    assert 750 < row.excess < 850
    assert messages() == ["anomaly"]
    assert (first["explained"], again["explained"]) == (1, 0)
    assert str(row.sentence).startswith("More than before: eu-1, +$8")
    with transaction() as session:
        assert row.run_id is not None
        assert runs.page(session, row.run_id) is not None


def test_the_past_of_a_first_run_is_told_together_and_never_again(tmp_path: Path, database: Path) -> None:
    """Also when a bill is read again, or more days come."""
    del database
    bill(tmp_path / "bills", {"EC2": spiked(100)}, days=DAYS - 5)
    find.run()
    bill(tmp_path / "bills", {"EC2": spiked(100)})
    find.run()
    [row] = rows()
    assert row.first_day == START + timedelta(days=100)
    assert messages() == ["anomalies"]
    assert (str(row.sentence)[:23], row.run_id) == ("More than before: eu-1,", None)


def test_what_restated_bills_make_vanish_is_withdrawn_and_not_deleted(tmp_path: Path, database: Path) -> None:
    """And a drop that a settled day's missing charges would have been is none, once they have come."""
    del database
    bill(tmp_path / "bills", {"EC2": spiked(DAYS - 1)})
    find.run()
    bill(tmp_path / "bills", {"EC2": usual()})
    assert find.run()["USD"]["withdrawn"] == 1
    [row] = rows()
    assert row.withdrawn_at is not None
    with transaction() as session:
        assert anomalies.listed(session) == []


def test_currencies_are_judged_apart(tmp_path: Path, database: Path) -> None:
    """Each by its own spend; amounts are never added."""
    del database
    bill(tmp_path / "bills", {"EC2": spiked(DAYS - 1)})
    bill(tmp_path / "euros", {"EC2": spiked(DAYS - 2)}, currency="EUR", source="other")
    found = find.run()
    assert {currency: told["new"] for currency, told in found.items()} == {"USD": 1, "EUR": 1}
    assert {row.currency: row.first_day for row in rows()} == {"USD": LAST, "EUR": LAST - timedelta(days=1)}


def test_a_day_that_was_not_collected_is_no_drop(tmp_path: Path, database: Path) -> None:
    """Nothing at all came of that day."""
    del database
    amounts = usual()
    lines = {"EC2": amounts}
    bill(tmp_path / "bills", lines)
    with transaction() as session:
        for record in session.query(Source):
            record.settled_through = LAST + timedelta(days=3)
    assert find.run()["USD"]["new"] == 0


def test_a_rule_decides_what_is_found_and_is_named_with_it(tmp_path: Path, database: Path) -> None:
    """What it ignores is no event; of the rest its name is kept."""
    rules = database / "anomalies.yaml"
    bill(tmp_path / "bills", {"EC2": spiked(DAYS - 1), "S3": spiked(DAYS - 1, 700)})
    try:
        rules.write_text("- {name: quiet, where: {service: S3}, ignore: true}\n- {name: mine, where: {service: EC2}}\n")
        assert find.run()["USD"]["new"] == 1
    finally:
        rules.unlink()
    assert [row.rule for row in rows()] == ["mine"]


def test_what_people_expect_of_a_series_makes_it_deaf(tmp_path: Path, database: Path) -> None:
    """The verdicts on its events move its threshold, and no other's."""
    del database
    bill(tmp_path / "bills", {"EC2": spiked(DAYS - 1), "S3": usual()})
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
    bill(tmp_path / "bills", {"EC2": spiked(DAYS - 1)})
    find.run()
    assert {Scope.read(row.scope).of for row in rows()} == {Of.SERVICE}
