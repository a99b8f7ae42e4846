"""An exported file passes for FOCUS 1.2 with others; the amounts in it are the bill's."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from costs import cli
from finops.errors import CostsError, UnavailableError
from jobs.bills.cells import FORMULA, TEXTS
from jobs.bills.export import focus
from jobs.bills.ingest import ingest
from storage.database import transaction
from storage.models import Delivery
from storage.settings import settings

HEADER = (
    "BillingPeriodStart,ChargePeriodStart,BillingCurrency,BilledCost,EffectiveCost,ProviderName,InvoiceIssuerName,"
    "ServiceName,ServiceCategory,ChargeCategory,ResourceId,SkuId,SkuPriceId,PricingQuantity,PricingUnit,SubAccountId"
)
ROWS = (
    'AWS,"Amazon Web Services, Inc.",EC2,Compute,Usage,i-1,SKU1,PRICE,3,Hrs,0012',
    "AWS,A Reseller,EC2,Compute,Usage,arn:aws:ec2:us-east-1:0012:natgateway/nat-1,SKU2,PRICE,3,GB-Mo,0012",
    "AWS,,Support,Other,Purchase,,SKU3,,,,",
    "AWS,,EC2,Compute,Tax,,SKU1,,1,Hrs,0012",
)


@pytest.fixture
def exported(database: Path, tmp_path: Path) -> list[dict[str, object]]:
    """What comes out of four rows, by service and category."""
    bill, out = tmp_path / "bill.csv", tmp_path / "focus.parquet"
    rows = [f"2026-09-01,2026-09-0{day},USD,1.25,1,{row}" for day, row in enumerate(ROWS, 1)]
    bill.write_text("\n".join([HEADER, *rows, ""]))
    ingest("auto", [bill], source="payer")
    assert focus("2026-09", out).rows == 4
    columns = "* exclude (BillingPeriodStart, BillingPeriodEnd, ChargePeriodStart, ChargePeriodEnd)"
    found = duckdb.execute(f"select {columns} from read_parquet(?) order by ChargePeriodStart", [str(out)])  # noqa: S608
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def test_gaps_are_filled_by_focus_rules(exported: list[dict[str, object]]) -> None:
    """Names by ids, units as FOCUS spells them, types of resources by what their ids say."""
    instance, gateway, support, tax = exported
    assert [one["InvoiceIssuerName"] for one in exported] == ["AWS", "A Reseller", "AWS", "AWS"]
    assert (instance["ResourceType"], gateway["ResourceType"]) == ("ec2 instance", "ec2 natgateway")
    assert (instance["PricingUnit"], gateway["PricingUnit"]) == ("Hours", "GB-Months")
    assert (support["PricingQuantity"], support["PricingUnit"], support["SubAccountName"]) == (1, "Units", None)
    assert (tax["PricingQuantity"], tax["PricingUnit"], tax["SkuId"]) == (None, None, None)
    assert instance["SubAccountName"] == "0012"
    assert instance["ServiceSubcategory"] == "Other (Compute)"
    assert (instance["PricingCurrency"], instance["PricingCurrencyEffectiveCost"]) == ("USD", 1)
    assert (instance["SkuPriceId"], gateway["SkuPriceId"]) == ("SKU1/PRICE", "SKU2/PRICE")


def test_amounts_are_the_bills(exported: list[dict[str, object]]) -> None:
    """Filling gaps touches no cost."""
    assert {one["BilledCost"] for one in exported} == {Decimal("1.25")}
    assert {one["EffectiveCost"] for one in exported} == {Decimal(1)}


def test_what_cannot_be_exported_is_told(database: Path, tmp_path: Path) -> None:
    """In a sentence."""
    with pytest.raises(CostsError, match="holds no charges"):
        focus("2031-01", tmp_path / "focus.parquet")
    with pytest.raises(CostsError, match="no billing period"):
        focus("2031", tmp_path / "focus.parquet")
    with pytest.raises(CostsError, match="the ending says the format"):
        focus("2031-01", tmp_path / "focus.xlsx")


def test_a_lake_that_is_damaged_or_gone_is_told(exported: list[dict[str, object]], tmp_path: Path) -> None:
    """By the file, and not as a full disk."""
    del exported
    with transaction() as session:
        [address] = session.scalars(select(Delivery.lake_address))
    held = Path(settings().lake_address) / str(address)
    whole = held.read_bytes()
    try:
        held.write_bytes(whole[:-20])
        with pytest.raises(UnavailableError, match=f"The charge lake is damaged .*{held.name}.*from a backup"):
            focus("2026-09", tmp_path / "again.parquet")
        held.unlink()
        with pytest.raises(UnavailableError, match=f"{held.name} is gone from the charge lake: restore"):
            focus("2026-09", tmp_path / "again.parquet")
    finally:
        held.write_bytes(whole)


EVIL = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1")  # noqa: RUF001  a wide sign
PLAIN = ("i-1", "'=1", "a=1", "1-1", "x =1")


@pytest.fixture
def hostile(database: Path, tmp_path: Path) -> Path:
    """A bill whose resources have such names, one with a credit."""
    bill = tmp_path / "bill.csv"
    with bill.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow([*HEADER.split(",")[:6], "ResourceName", "ResourceId"])
        for number, name in enumerate((*EVIL, *PLAIN)):
            rows.writerow(["2026-09-01", "2026-09-02", "USD", f"-{number}.25", "-1", "AWS", name, number])
    ingest("auto", [bill], source="payer")
    return bill


def _table(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as text:
        return sorted(csv.DictReader(text), key=lambda row: int(row["ResourceId"]))


def test_text_that_a_spreadsheet_would_run_is_marked_and_amounts_stay_numbers(hostile: Path, tmp_path: Path) -> None:
    """Nothing else is touched."""
    out = tmp_path / "out.csv"
    done = focus("2026-09", out)
    held = {row["ResourceId"]: row["ResourceName"] for row in _table(hostile)}
    rows = _table(out)
    evil = [row for row in rows if row["ResourceName"] != held[row["ResourceId"]].strip(" ")]
    assert [row["ResourceName"] for row in evil] == [f"'{name}" for name in EVIL]
    assert done.marked == len(EVIL)
    assert [Decimal(row["BilledCost"]) for row in rows] == [Decimal(f"-{number}.25") for number in range(12)]
    assert not [cell for row in rows for name, cell in row.items() if name in TEXTS and cell[:1] in FORMULA and cell]


def test_an_export_reads_back_to_the_same_totals(hostile: Path, tmp_path: Path) -> None:
    """Marked or verbatim."""
    [before] = ingest("auto", [hostile], source="payer").periods
    for verbatim in (False, True):
        out = tmp_path / f"{verbatim}.csv"
        assert focus("2026-09", out, source="payer", verbatim=verbatim).marked == (0 if verbatim else len(EVIL))
        [again] = ingest("auto", [out], source=f"again-{verbatim}").periods
        assert (again.rows, again.billed_cost, again.effective_cost) == (12, before.billed_cost, before.effective_cost)
    assert [row["ResourceName"] for row in _table(out)][:4] == list(EVIL[:4])


def test_parquet_is_never_marked_and_the_command_tells_what_was(hostile: Path, tmp_path: Path) -> None:
    """With the way to have it as it is."""
    assert focus("2026-09", tmp_path / "out.parquet").marked == 0
    asked = ["export", "focus", "--period", "2026-09", "--out", str(tmp_path / "out.csv")]
    told = CliRunner().invoke(cli, asked).stdout
    assert "7 cells begin like a formula and got an apostrophe; --verbatim, or Parquet" in told
    assert json.loads(CliRunner().invoke(cli, [*asked, "--json"]).stdout)["marked"] == 7
    assert "apostrophe" not in CliRunner().invoke(cli, [*asked, "--verbatim"]).stdout
