"""The providers' own sums are asked in each one's words, and stand beside ours."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from costs import cli
from jobs.bills.ingest import ingest
from jobs.reconcile import live
from storage.settings import settings

SOURCES = """
sources:
  - {name: payer, provider: aws, profile: billing, bills: "aws/*.csv"}
  - {name: eu, bills: "azure-usage://subscriptions/1?since=2026-01"}
  - {name: data, bills: "bigquery://p.d.t"}
  - {name: files, bills: "gcp/*.json"}
  - {name: machines, provider: aws, inventory: answers}
"""
BILL = (
    "BillingPeriodStart,ChargePeriodStart,BillingCurrency,BilledCost,ProviderName,ChargeCategory{more}\n"
    "2026-08-01,2026-08-30,USD,12.5,AWS,Usage{value}\n"
)


@pytest.fixture
def asked(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What providers were asked; each answers with the same sums."""
    seen: list[tuple[Any, ...]] = []
    (tmp_path / "sources.yaml").write_text(SOURCES)
    monkeypatch.setenv("COSTS_SOURCES", str(tmp_path / "sources.yaml"))
    settings.cache_clear()

    def module(name: str) -> SimpleNamespace:
        def monthly_totals(*given: object, **named: object) -> live.Sums:
            seen.append((name.rpartition("providers.")[2], *map(str, given), *named.values()))
            return {"USD": {"BilledCost": Decimal("12.5"), "EffectiveCost": Decimal(11), "Credits": Decimal(0)}}

        return SimpleNamespace(monthly_totals=monthly_totals)

    monkeypatch.setattr(live, "import_module", module)
    return seen


def reconcile(*arguments: str) -> Result:
    """Run the command for August."""
    return CliRunner().invoke(cli, ["reconcile", "--period", "2026-08", "--live", *arguments])


def test_each_provider_is_asked_in_its_own_words(asked: list[tuple[Any, ...]]) -> None:
    """AWS by profile, Azure by scope, Google by table; what cannot be asked is not."""
    reconcile()
    month = "2026-08-01 to 2026-08-31"
    assert asked == [
        ("aws.explorer", month, "billing"),
        ("azure.totals", "subscriptions/1", month),
        ("gcp.bigquery", "bigquery://p.d.t", "2026-08"),
    ]


def test_the_providers_sums_stand_beside_ours(asked: list[tuple[Any, ...]], tmp_path: Path) -> None:
    """Billed and effective, each with its residual."""
    file = tmp_path / "bill.csv"
    file.write_text(BILL.format(more=",EffectiveCost", value=",12.5"))
    ingest("auto", [file], source="payer")
    told = reconcile("--source", "payer")
    assert told.exit_code == 1
    assert "the provider's own BilledCost" in told.stdout
    assert "the provider's own EffectiveCost" in told.stdout
    assert "unexplained" in told.stdout


def test_billed_cost_is_never_taken_for_effective(asked: list[tuple[Any, ...]], tmp_path: Path) -> None:
    """A source without EffectiveCost says so."""
    file = tmp_path / "bill.csv"
    file.write_text(BILL.format(more="", value=""))
    ingest("auto", [file], source="payer")
    told = reconcile("--source", "payer")
    assert (told.exit_code, "our source gives no EffectiveCost" in told.stdout) == (0, True)


def test_a_source_that_cannot_be_asked_is_told(asked: list[tuple[Any, ...]]) -> None:
    """With what its entry would need."""
    assert "No provider can be asked for 2026-08" in str(reconcile("--source", "files").exception)
