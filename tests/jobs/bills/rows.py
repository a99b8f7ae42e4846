"""A row of each provider's bill, small enough to check by hand, to change and to read."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from tests.jobs.bills.normalized import charges

AWS = {
    "identity/LineItemId": "id-1",
    "identity/TimeInterval": "2026-09-01T00:00:00Z/2026-09-01T01:00:00Z",
    "bill/PayerAccountId": "4090136019287",
    "bill/BillType": "Anniversary",
    "bill/InvoiceId": "",
    "bill/BillingPeriodStartDate": "2026-09-01T00:00:00Z",
    "bill/BillingPeriodEndDate": "2026-10-01T00:00:00Z",
    "lineItem/UsageAccountId": "0123456789012",
    "lineItem/LineItemType": "Usage",
    "lineItem/UsageStartDate": "2026-09-01T00:00:00Z",
    "lineItem/UsageEndDate": "2026-09-01T01:00:00Z",
    "lineItem/CurrencyCode": "USD",
    "lineItem/UnblendedCost": "1",
    "pricing/publicOnDemandCost": "2",
    "reservation/ReservationARN": "",
    "reservation/EffectiveCost": "",
    "reservation/UnusedRecurringFee": "",
    "savingsPlan/SavingsPlanARN": "",
    "savingsPlan/SavingsPlanEffectiveCost": "",
}
AZURE = {
    "Id": "same",
    "BillingPeriodStartDate": "09/01/2026",
    "Date": "09/03/2026",
    "CostInBillingCurrency": "1",
    "BillingCurrencyCode": "EUR",
    "MeterCategory": "Storage",
    "MeterId": "m",
    "SubscriptionId": "s",
    "ResourceLocation": "West Europe",
    "ChargeType": "Usage",
    "PricingModel": "OnDemand",
    "BenefitId": "",
    "Tags": "",
}
GOOGLE = {
    "billing_account_id": "A",
    "service": {"description": "Compute Engine"},
    "sku": {"id": "S", "description": "N1"},
    "usage_start_time": "2026-09-01 00:00:00 UTC",
    "usage_end_time": "2026-09-01 01:00:00 UTC",
    "project": {"id": "p"},
    "cost": "1",
    "currency": "USD",
    "credits": [],
    "invoice": {"month": "202609"},
    "cost_type": "regular",
}
FOCUS = {
    "BilledCost": "1",
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-09-01T00:00:00Z",
    "ChargePeriodStart": "2026-09-03T00:00:00Z",
    "ServiceName": "Blocks",
}
Charges = list[dict[str, object]]


def read_csv(path: Path, base: dict[str, str], *rows: dict[str, str], end: str = "\n") -> Charges:
    """Write rows that differ from the base as CSV; return the charges that are read of them."""
    lines = [",".join(base)]
    for row in rows:
        cells = (base | row).values()
        lines.append(",".join(f'"{cell}"' if "," in cell or '"' in cell else cell for cell in cells))
    path.write_text(end.join([*lines, ""]), newline="")
    return charges(path)


def read_json(path: Path, *rows: dict[str, object]) -> Charges:
    """Write rows that differ from Google's as JSON by line; return the charges that are read of them."""
    path.write_text("\n".join(json.dumps(GOOGLE | row) for row in rows))
    return charges(path)


def costs(found: Charges, column: str = "BilledCost") -> list[Decimal]:
    """Return an amount of each charge, exactly."""
    return [Decimal(str(one[column])) for one in found]
