"""The demo's bills reconcile exactly; a difference that was planted is found and named by its cause."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from costs import cli
from jobs.bills.ingest import ingest
from jobs.demo import estate
from storage.database import transaction

HEADER = (
    "BillingPeriodStart,ChargePeriodStart,BillingCurrency,BilledCost,EffectiveCost,ProviderName,ServiceName,"
    "ChargeCategory,CommitmentDiscountId,CommitmentDiscountStatus,InvoiceId"
)
ROWS = (
    "2026-08-01,2026-08-03,USD,100.123456789012,100.123456789012,AWS,EC2,Usage,,,INV-1",
    "2026-08-01,2026-08-04,USD,40,40,AWS,S3,Usage,,,INV-1",
    "2026-08-01,2026-08-01,USD,30,0,AWS,EC2,Purchase,plan-1,,INV-1",
    "2026-08-01,2026-08-05,USD,0,28,AWS,EC2,Usage,plan-1,Used,INV-1",
    "2026-08-01,2026-08-05,USD,0,2,AWS,EC2,Usage,plan-1,Unused,INV-1",
    "2026-08-01,2026-08-31,USD,15.5,15.5,AWS,EC2,Tax,,,INV-1",
)


def bill(folder: Path, *rows: str) -> Path:
    """Write a small FOCUS file."""
    file = folder / "bill.csv"
    file.write_text("\n".join([HEADER, *rows, ""]))
    return file


def reconcile(*arguments: str) -> Result:
    """Run the command for August."""
    return CliRunner().invoke(cli, ["reconcile", "--period", "2026-08", *arguments])


def test_the_demo_reconciles_exactly(database: Path, tmp_path: Path) -> None:
    """Three clouds; files, lake and ledger agree to the last digit, and with what is true about the estate."""
    built = estate.build(tmp_path / "demo", today=date(2026, 9, 18))
    for name in ("aws", "azure", "gcp"):
        august = (file for file in built.folder.rglob("*.gz") if re.search("202608(01-|[.])", str(file)))
        ingest("auto", sorted(file for file in august if f"/bills/{name}/" in str(file)), source=name)
    truth = {name: months["2026-08"] for name, months in built.truth["totals"].items()}
    told = reconcile("--json", *[f"--figure={name}={one['billed_cost']}" for name, one in truth.items()])
    assert told.exit_code == 0, told.output
    found = {one["source"]: one for one in json.loads(told.stdout)}
    assert {name: [Decimal(one["residual"]) for one in of["figures"]] for name, of in found.items()} == {
        name: [Decimal(0)] for name in ("aws", "azure", "gcp")
    }
    for name, of in found.items():
        assert of["held"][0]["place"] == "the files, read again"
        assert {Decimal(one["billed"]) for one in of["held"]} == {Decimal(truth[name]["billed_cost"])}
    plan, reservation = sorted(found["aws"]["commitments"], key=lambda one: "reserved" in one["id"])
    assert (Decimal(plan["left"]), plan["causes"]) == (0, [])
    assert reservation["causes"][0]["name"] == "it was paid before 2026-08-01, where what we hold begins"


def test_a_sound_bill_reconciles_and_a_missing_figure_is_asked_for(database: Path, tmp_path: Path) -> None:
    """In words, with the way to give one."""
    ingest("auto", [bill(tmp_path, *ROWS)], source="payer")
    told = reconcile()
    assert told.exit_code == 0
    assert "✓ payer, August 2026, USD: consistent" in told.stdout
    assert "✓ used + unused = purchases" in told.stdout
    assert "--figure payer=AMOUNTUSD" in told.stdout
    assert "✓ payer, August 2026, USD: reconciled" in reconcile("--figure", "payer=185.62").stdout


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            "delete from cost_records where service_name = 'S3'",
            ["the ledger and the lake differ in what is billed", "-40.00", "2026-08-04, S3", "counts 5 charges"],
        ),
        (
            "update cost_records set billed_cost = billed_cost + 0.000000000002 where service_name = 'S3'",
            ["0.000000000002", "2026-08-04, S3"],
        ),
        (
            """update deliveries set billed_cost = '{"USD": "185"}'""",
            ["the delivery's control total and the files, read again differ", "the lake and the delivery's control"],
        ),
    ],
)
def test_what_got_lost_between_files_lake_and_ledger_is_named(
    change: str, told: list[str], database: Path, tmp_path: Path
) -> None:
    """Place, amount, day and service; the exit says that it needs a person."""
    ingest("auto", [bill(tmp_path, *ROWS)], source="payer")
    with transaction() as session:
        session.execute(text(change))
    found = reconcile()
    assert found.exit_code == 1
    assert [one for one in told if one not in found.stdout] == []


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("2026-08-01,2026-08-06,USD,0,5,AWS,EC2,Usage,plan-1,Used,INV-1", "more was used or unused than was ever paid"),
        ("2026-08-01,2026-08-06,USD,9,9,AWS,EC2,Usage,plan-1,Used,INV-1", "usage under a commitment is billed as well"),
        ("2026-08-01,2026-08-06,USD,9,8,AWS,EC2,Tax,,,INV-1", "Tax without a commitment"),
    ],
)
def test_a_bill_that_breaks_the_definitions_is_named(row: str, told: str, database: Path, tmp_path: Path) -> None:
    """By the rule that it breaks."""
    later = "2026-09-01,2026-09-02,USD,1,1,AWS,EC2,Usage,,,"
    earlier = "2026-07-01,2026-07-02,USD,1,1,AWS,EC2,Usage,,,"
    ingest("auto", [bill(tmp_path, earlier, *ROWS, row, later)], source="payer")
    found = reconcile()
    assert (found.exit_code, told in found.stdout) == (1, True)


@pytest.mark.parametrize(
    ("used", "refund", "told"),
    [
        ("2", "-10,0,AWS,EC2,Purchase", "✓ used + unused = purchases less refunds"),
        ("2", "-10,-10,AWS,EC2,Adjustment", "✗ its refund lowers effective cost twice"),
        ("12", "-10,-10,AWS,EC2,Credit", "✓ its refund stands for itself"),
        ("12", "-10,0,AWS,EC2,Credit", "✗ more was used or unused than was ever paid and not refunded"),
    ],
)
def test_a_refund_that_names_a_commitment_is_set_against_its_purchase(
    used: str, refund: str, told: str, database: Path, tmp_path: Path
) -> None:
    """In the ledger, over all months, as in the bridge of one."""
    earlier = "2026-07-01,2026-07-02,USD,1,1,AWS,EC2,Usage,,,"
    rows = ("12,0,AWS,EC2,Purchase,plan-2,", f"0,{used},AWS,EC2,Usage,plan-2,Used", f"{refund},plan-2,")
    of_plan = [f"2026-08-01,2026-08-0{day},USD,{row},INV-1" for day, row in enumerate(rows, 1)]
    ingest("auto", [bill(tmp_path, earlier, *ROWS, *of_plan)], source="payer")
    found = reconcile("--figure", "payer=187.623456789012")
    assert (told in found.stdout, found.exit_code) == (True, int(told.startswith("✗"))), found.stdout
    (values,) = json.loads(reconcile("--json").stdout)
    assert {Decimal(one["refunds"]) for one in values["commitments"]} == {Decimal(0), Decimal(10)}
    assert values["bridge"]["causes"] == []


def test_a_figure_that_leaves_something_out_is_told_what(database: Path, tmp_path: Path) -> None:
    """Tax by name; what nobody can name is unexplained."""
    ingest("auto", [bill(tmp_path, *ROWS)], source="payer")
    found = reconcile("--figure", "payer=170.12USD")
    assert (found.exit_code, "the figure has no tax" in found.stdout) == (0, True)
    found = reconcile("--figure", "payer/INV-1=160")
    assert (found.exit_code, "✗ unexplained: we hold no usage after 2026-08-05" in found.stdout) == (1, True)


def test_files_that_are_gone_and_sources_that_give_no_effective_cost_are_told(database: Path, tmp_path: Path) -> None:
    """Nothing is concluded from what is not known."""
    header = HEADER.replace("EffectiveCost", "x_none")
    file = bill(tmp_path, *ROWS)
    file.write_text(file.read_text().replace(HEADER, header))
    ingest("auto", [file], source="payer")
    file.unlink()
    found = reconcile("--source", "payer")
    assert found.exit_code == 0
    assert "the files were not read again: bill.csv is no longer there" in found.stdout
    assert "this source gives no EffectiveCost" in found.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "Nothing is loaded for 2026-08"),
        (["--source", "nobody"], "Nothing of the source “nobody” is loaded for 2026-08"),
        (["--figure", "nobody=1"], "is loaded for 2026-08"),
        (["--figure", "nobody"], "is no figure"),
    ],
)
def test_what_cannot_be_reconciled_is_told_in_a_sentence(arguments: list[str], told: str, database: Path) -> None:
    """With the way out."""
    found = reconcile(*arguments)
    assert told in str(found.exception)


def test_a_figure_needs_a_currency_that_the_source_has(database: Path, tmp_path: Path) -> None:
    """Currencies are never mixed."""
    ingest("auto", [bill(tmp_path, *ROWS, ROWS[1].replace("USD", "EUR"))], source="payer")
    assert "needs a currency it has: EUR, USD" in str(reconcile("--figure", "payer=12").exception)
    assert "needs a currency it has: EUR, USD" in str(reconcile("--figure", "payer=12NOK").exception)
    assert "Nothing of the source “other”" in str(reconcile("--figure", "other=12NOK").exception)
