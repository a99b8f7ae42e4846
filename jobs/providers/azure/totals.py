"""What Azure itself says that a scope cost in a month: one figure a currency and metric, to hold ours against."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from finops.money import EXACT
from finops.periods import ONE_DAY, Period
from jobs.providers.answers import BadAnswerError, reading
from jobs.providers.azure import clients

QUERY = "Microsoft.CostManagement/query"
VERSION = "2025-03-01"
METRICS = {"BilledCost": "ActualCost", "EffectiveCost": "AmortizedCost"}
"""FOCUS's word, and the list that Azure sums."""


def monthly_totals(scope: str, period: Period) -> dict[str, dict[str, Decimal]]:
    """Return a month's sums by currency and metric (BilledCost, EffectiveCost), as Cost Management adds them up.

    `scope` is `subscriptions/ID` or a billing account, as in the address of usage details. Azure counts by days of use,
    so use that came too late for its bill stands in another month than on the invoice. It sums in binary fractions:
    agreement to the cent is all that can be asked. Raises BadAnswerError, RefusedError.
    """
    found: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for metric, kind in METRICS.items():
        for amount, currency in _rows(scope.strip("/"), _question(kind, period)):
            before = found[currency].get(metric, Decimal(0))
            found[currency][metric] = EXACT.add(before, amount)
    return dict(found)


def _question(kind: str, period: Period) -> dict[str, Any]:
    first, last = period.start, period.end - ONE_DAY
    return {
        "type": kind,
        "timeframe": "Custom",
        "timePeriod": {"from": f"{first}T00:00:00Z", "to": f"{last}T23:59:59Z"},
        "dataset": {"granularity": "None", "aggregation": {"totalCost": {"name": "Cost", "function": "Sum"}}},
    }


def _rows(scope: str, question: dict[str, Any]) -> Iterator[tuple[Decimal, str]]:
    """Return amount and currency of every row of every page."""
    from azure.core.rest import HttpRequest  # noqa: PLC0415  slow, and only for those who use Azure

    what, client = f"{QUERY} of {scope}", clients.consumption()
    link: str | None = f"{clients.management()}/{scope}/providers/{QUERY}?api-version={VERSION}"
    home, seen = urlsplit(link)[:2], set()
    while link:
        if link in seen or urlsplit(link)[:2] != home:
            message = f"{what}: the link to the next page leads in a circle or elsewhere: try again."
            raise BadAnswerError(message)
        seen.add(link)
        with clients.asking(what, needs=f"{QUERY}/read"):
            response = client.send_request(HttpRequest("POST", link, json=question))
            response.raise_for_status()
        with reading(what):
            about = json.loads(response.text(), parse_float=Decimal, parse_int=Decimal)["properties"]
            names = [one["name"] for one in about["columns"]]
            amount, currency = names.index("totalCost" if "totalCost" in names else "Cost"), names.index("Currency")
            yield from ((row[amount], row[currency]) for row in about["rows"])
            link = about.get("nextLink")
