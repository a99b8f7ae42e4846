"""A reservation's end is found, explained and told, however small a share of its service it is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from jobs.anomalies import find
from jobs.bills.ingest import ingest
from storage.database import transaction
from storage.models import Source
from tests.jobs.anomalies.billed import DAYS, HEADER, LAST, START, rows


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
    [row] = rows()
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
    [row] = rows()
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
