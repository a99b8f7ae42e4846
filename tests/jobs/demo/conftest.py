"""The fictional company, built once for all tests of it, and its bills, read by nothing of ours."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from jobs.demo import estate
from jobs.demo.estate import Estate
from tests.jobs.demo.days import TODAY

AWS_COLUMNS = {
    "bill/BillingPeriodStartDate",
    "lineItem/LineItemType",
    "lineItem/ResourceId",
    "lineItem/UnblendedCost",
    "lineItem/UsageAmount",
    "lineItem/UsageStartDate",
    "lineItem/UsageType",
    "reservation/EffectiveCost",
    "reservation/ReservationARN",
    "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod",
    "reservation/UnusedRecurringFee",
    "savingsPlan/SavingsPlanARN",
    "savingsPlan/SavingsPlanEffectiveCost",
    "savingsPlan/TotalCommitmentToDate",
    "savingsPlan/UsedCommitment",
}


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    """One estate for all these tests."""
    return estate.build(tmp_path_factory.mktemp("estate") / "demo", today=TODAY)


def opened(file: Path) -> io.StringIO:
    """Return a gzipped file's text, read by nothing of ours."""
    return io.StringIO(gzip.decompress(file.read_bytes()).decode())


@pytest.fixture(scope="module")
def aws_rows(built: Estate) -> list[dict[str, str]]:
    """AWS's report, read once, without the columns that no test looks at."""
    found: list[dict[str, str]] = []
    for file in sorted(built.folder.glob("bills/aws/*/*.csv.gz")):
        rows = csv.reader(opened(file))
        places = {name: number for number, name in enumerate(next(rows)) if name in AWS_COLUMNS}
        found += [{name: row[number] for name, number in places.items()} for row in rows]
    return found


@pytest.fixture(scope="module")
def azure_rows(built: Estate) -> list[tuple[str, str, str, str]]:
    """Azure's exports, read once: billing period, day, resource and cost."""
    names = ("billingPeriodStartDate", "date", "ResourceId", "costInBillingCurrency")
    files = sorted(built.folder.glob("bills/azure/*/*.csv.gz"))
    return [tuple(row[name] for name in names) for file in files for row in csv.DictReader(opened(file))]  # type: ignore[misc]


@pytest.fixture(scope="module")
def gcp_rows(built: Estate) -> list[dict[str, Any]]:
    """Google's export, read once."""
    return [json.loads(line) for file in sorted(built.folder.glob("bills/gcp/*.json.gz")) for line in opened(file)]
