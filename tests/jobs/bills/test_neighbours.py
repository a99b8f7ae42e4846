"""What a row means does not depend on the files that it is read beside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.jobs.bills.normalized import charges

PLAN = {
    "lineItem/LineItemType": "SavingsPlanRecurringFee",
    "lineItem/UsageStartDate": "2026-09-01T00:00:00Z",
    "bill/PayerAccountId": "1",
    "lineItem/UnblendedCost": "8",
    "savingsPlan/TotalCommitmentToDate": "8",
    "savingsPlan/UsedCommitment": "6",
    "savingsPlan/SavingsPlanEffectiveCost": "6",
    "lineItem/CurrencyCode": "EUR",
    "pricing/publicOnDemandCost": "9",
    "resourceTags/user:team": "web",
}
RESERVATION = {
    "line_item_line_item_type": "RIFee",
    "line_item_usage_start_date": "2026-09-01T00:00:00Z",
    "bill_payer_account_id": "1",
    "line_item_unblended_cost": "8",
    "reservation_effective_cost": "3",
    "reservation_unused_recurring_fee": "2",
    "reservation_reservation_arn": "arn:r",
    "line_item_currency_code": "EUR",
    "resource_tags": '{"team":"web"}',
}
AZURE = {
    "Date": "09/13/2026",  # no thirteenth month: by itself such a row says which part is the day
    "BillingPeriodStartDate": "09/01/2026",
    "CostInBillingCurrency": "1.5",
    "BillingCurrencyCode": "EUR",
    "MeterCategory": "Storage",
    "MeterId": "m",
    "SubscriptionId": "s",
    "ChargeType": "Usage",
    "PricingModel": "OnDemand",
    "EffectivePrice": "2",
    "Quantity": "3",
    "PayGPrice": "4",
    "Tags": '{"team": "web"}',
}
FOCUS = {
    "BilledCost": "5",
    "EffectiveCost": "4",
    "ListCost": "7",
    "ContractedCost": "6",
    "BillingCurrency": "EUR",
    "BillingPeriodStart": "2026-09-01T00:00:00Z",
    "ChargePeriodStart": "2026-09-03T00:00:00Z",
    "ProviderName": "Oracle",
    "ServiceName": "VM",
    "ChargeCategory": "Usage",
    "Tags": '{"team":"web"}',
}
GOOGLE: Mapping[str, object] = {
    "billing_account_id": "A",
    "service": {"description": "Compute Engine"},
    "sku": {"id": "S"},
    "usage_start_time": "2026-09-01 00:00:00 UTC",
    "project": {"id": "p", "labels": [{"key": "team", "value": "web"}]},
    "cost": "5",
    "cost_at_list": "7",
    "currency": "EUR",
    "credits": [{"name": "a", "amount": "-1"}],
    "invoice": {"month": "202609"},
}
COSTS = ("lineItem/UnblendedCost", "line_item_unblended_cost", "CostInBillingCurrency", "BilledCost", "cost")
DATES = ("lineItem/UsageStartDate", "line_item_usage_start_date", "Date")
NEEDED = {*COSTS, *DATES, "lineItem/LineItemType", "credits"}
"""Without them it is another format, or none."""
CASES = [
    (base, column) for base in (PLAN, RESERVATION, AZURE, FOCUS, GOOGLE) for column in base if column not in NEEDED
]


def _write(path: Path, row: Mapping[str, object]) -> Path:
    if row.keys() <= GOOGLE.keys():
        path.write_text(json.dumps(row) + "\n")
    else:
        cells = [str(cell).replace('"', '""') for cell in row.values()]
        path.write_text(",".join(row) + "\n" + ",".join(f'"{cell}"' for cell in cells) + "\n")
    return path


def _told(*paths: Path) -> list[str]:
    """Return the charges, whatever their order, without the number of the file they came from."""
    return sorted(str({name: cell for name, cell in one.items() if name != "x_file"}) for one in charges(*paths))


_ALONE: dict[str, list[str]] = {}
"""What each base tells alone, read once."""


@pytest.mark.parametrize(("base", "column"), CASES, ids=[column for _, column in CASES])
def test_a_file_without_a_column_means_the_same_beside_one_that_has_it(
    home: Path, tmp_path: Path, base: Mapping[str, object], column: str
) -> None:
    """Two files of one delivery are read as each is alone."""
    del home
    whole = _write(tmp_path / "whole", base)
    other = {name: "11" if name in COSTS else cell for name, cell in base.items() if name != column}
    lacking = _write(tmp_path / "lacking", other)
    if str(base) not in _ALONE:
        _ALONE[str(base)] = _told(whole)
    assert _told(whole, lacking) == sorted([*_ALONE[str(base)], *_told(lacking)])
