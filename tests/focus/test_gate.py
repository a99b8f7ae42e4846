"""The gate passes what is right, and fails for one bad row, a silent validator and an absent Python."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.counterparts.absent import absent
from tests.focus import gate

DAY = "timestamptz '2026-08-{} 00:00:00+00'"
USAGE = {
    "AvailabilityZone": "'us-east-1a'",
    "BilledCost": "12.5::decimal(38, 18)",
    "BillingAccountId": "'000123456789'",
    "BillingAccountName": "'Larkspur'",
    "BillingAccountType": "'Payer account'",
    "BillingCurrency": "'USD'",
    "BillingPeriodEnd": "timestamptz '2026-09-01 00:00:00+00'",
    "BillingPeriodStart": DAY.format("01"),
    "CapacityReservationId": "null::varchar",
    "CapacityReservationStatus": "null::varchar",
    "ChargeCategory": "'Usage'",
    "ChargeClass": "null::varchar",
    "ChargeDescription": "'An hour of m6i.large'",
    "ChargeFrequency": "'Usage-Based'",
    "ChargePeriodEnd": DAY.format("02"),
    "ChargePeriodStart": DAY.format("01"),
    "CommitmentDiscountCategory": "null::varchar",
    "CommitmentDiscountId": "null::varchar",
    "CommitmentDiscountName": "null::varchar",
    "CommitmentDiscountQuantity": "null::decimal(38, 18)",
    "CommitmentDiscountStatus": "null::varchar",
    "CommitmentDiscountType": "null::varchar",
    "CommitmentDiscountUnit": "null::varchar",
    "ConsumedQuantity": "125::decimal(38, 18)",
    "ConsumedUnit": "'Hours'",
    "ContractedCost": "12.5::decimal(38, 18)",
    "ContractedUnitPrice": "0.1::decimal(38, 18)",
    "EffectiveCost": "12.5::decimal(38, 18)",
    "InvoiceId": "'INV-1'",
    "InvoiceIssuerName": "'AWS'",
    "ListCost": "12.5::decimal(38, 18)",
    "ListUnitPrice": "0.1::decimal(38, 18)",
    "PricingCategory": "'Standard'",
    "PricingCurrency": "'USD'",
    "PricingCurrencyContractedUnitPrice": "0.1::decimal(38, 18)",
    "PricingCurrencyEffectiveCost": "12.5::decimal(38, 18)",
    "PricingCurrencyListUnitPrice": "0.1::decimal(38, 18)",
    "PricingQuantity": "125::decimal(38, 18)",
    "PricingUnit": "'Hours'",
    "ProviderName": "'AWS'",
    "PublisherName": "'AWS'",
    "RegionId": "'us-east-1'",
    "RegionName": "'US East (N. Virginia)'",
    "ResourceId": "'i-1'",
    "ResourceName": "'web'",
    "ResourceType": "'ec2 instance'",
    "ServiceCategory": "'Compute'",
    "ServiceName": "'Amazon Elastic Compute Cloud'",
    "ServiceSubcategory": "'Other (Compute)'",
    "SkuId": "'SKU1'",
    "SkuMeter": "'BoxUsage:m6i.large'",
    "SkuPriceDetails": "null::varchar",
    "SkuPriceId": "'SKU1.PRICE1'",
    "SubAccountId": "'000123456789'",
    "SubAccountName": "'prod'",
    "SubAccountType": "'Linked account'",
    "Tags": """'{"team": "web"}'""",
}
"""A row that breaks no rule."""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes sound rows and, if columns are given, one bad one."""

    def write(**bad: str) -> Path:
        file = tmp_path / "focus.parquet"
        rows = [USAGE] * 20 + ([USAGE | bad] if bad else [])
        selects = " union all ".join(
            "select " + ", ".join(f"{cell} as {name}" for name, cell in row.items()) for row in rows
        )
        duckdb.sql(f"copy ({selects}) to '{file}' (format parquet)")
        return file

    return write


@pytest.fixture
def validator() -> None:
    """Skip where the validator's environment was not made."""
    if not gate.ready():
        absent("the validator is not there: `make focus` brings it (it needs Python 3.12)", reachable=_has_python())


def _has_python() -> bool:
    try:
        return bool(gate.python())
    except gate.GateError:
        return False


@pytest.mark.usefixtures("validator")
def test_sound_rows_pass(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """Every failure that is left has its reason."""
    assert gate.main([str(write())]) == 0
    assert "✓ focus.parquet" in capsys.readouterr().out


@pytest.mark.usefixtures("validator")
def test_one_bad_row_fails(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """By the name of the rule."""
    assert gate.main([str(write(PricingCurrency="null"))]) == 1
    assert "PricingCurrency-C-004-M: fails" in capsys.readouterr().out


def report(tmp_path: Path, count: int, failed: str = "") -> Path:
    """Write a report of rules that passed, and one that failed."""
    cases = "".join(f'<testcase name="Rule-{n} :: Format"/>' for n in range(count))
    cases += f'<testcase name="{failed} :: Format"><failure/></testcase>' if failed else ""
    file = tmp_path / "report.xml"
    file.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    return file


def test_a_report_is_judged_by_its_failures(tmp_path: Path) -> None:
    """The validator itself always exits 0."""
    assert gate.read(report(tmp_path, gate.LEAST)).unexpected == []
    assert gate.read(report(tmp_path, gate.LEAST, "EffectiveCost-C-005-C")).unexpected == []
    assert gate.read(report(tmp_path, gate.LEAST, "Tags-C-001-M")).unexpected == ["Tags-C-001-M"]


def test_a_validator_that_checks_little_or_says_nothing_is_not_believed(tmp_path: Path) -> None:
    """A version that is not known, for example, checks nothing and exits 0."""
    with pytest.raises(gate.GateError, match="Only 3 rules ran"):
        gate.read(report(tmp_path, 3))
    with pytest.raises(gate.GateError, match="no report"):
        gate.read(tmp_path / "none.xml")


def test_without_python_3_12_the_gate_says_so_and_does_not_pass(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one sentence, with the way out."""
    monkeypatch.setenv("FOCUS_PYTHON", "/nowhere/python")
    monkeypatch.setattr(gate, "HOME", tmp_path / "focus")
    assert gate.main([]) == 2
    assert "needs Python 3.12, and there is none" in capsys.readouterr().err


def test_every_failure_that_is_excused_has_a_reason() -> None:
    """Long enough to be one."""
    assert all(len(reason) > 30 for reason in gate.ALLOWED.values())
