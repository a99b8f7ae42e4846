"""Azure Retail Prices: the pages of https://prices.azure.com/api/retail/prices, saved as JSON.

Spot, low-priority and Windows variants share one armSkuName; they are told apart by product and SKU names. A
reservation is priced for its whole term, savings plans by the hour. Prices in other currencies than USD are for
reference only, by Microsoft's own word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from finops.errors import BadDeliveryError
from finops.prices import HOURS_A_YEAR, Price, a_unit
from jobs.prices.values import amount, day

SOURCE = "Azure Retail Prices"
TERMS = {"1 Year": ("commitment_1y", 1), "3 Years": ("commitment_3y", 3)}


def from_page(page: Mapping[str, Any], *, file: str) -> Iterator[Price]:
    """Read one page. Raises BadDeliveryError."""
    items = page.get("Items")
    if not isinstance(items, list):
        raise BadDeliveryError(file, "expected a page of Azure Retail Prices, found no Items.")
    for number, item in enumerate(items, 1):
        if item.get("serviceName") == "Virtual Machines" and item.get("armSkuName") and _is_plain(item):
            yield from _prices(item, file, number)


def _is_plain(item: Mapping[str, Any]) -> bool:
    """Whether it is a Linux machine by the hour, in the region whose meter it is."""
    names = f"{item.get('productName', '')} {item.get('skuName', '')}"
    return (
        item.get("unitOfMeasure") == "1 Hour"
        and item.get("isPrimaryMeterRegion", True)
        and not any(word in names for word in ("Windows", "Low Priority", "Cloud Services", "Dedicated Host"))
    )


def _prices(item: Mapping[str, Any], file: str, row: int) -> Iterator[Price]:
    value = amount(item.get("retailPrice"), file=file, row=row, column="retailPrice")
    base = Price(
        provider="azure",
        region=str(item.get("armRegionName") or "global"),
        sku=str(item["armSkuName"]),
        instance_type=str(item["armSkuName"]),
        on_demand=None,
        currency=str(item.get("currencyCode") or "USD"),
        valid_from=day(item.get("effectiveStartDate"), file=file, row=row),
        source=SOURCE,
    )
    kind, spot = item.get("type"), "Spot" in str(item.get("skuName"))
    if kind == "Reservation" and item.get("reservationTerm") in TERMS:
        name, years = TERMS[item["reservationTerm"]]
        yield base.priced(name, a_unit(value, years * HOURS_A_YEAR))
    elif kind == "Consumption" and spot:
        yield base.priced("spot", value)
    elif kind == "Consumption":
        yield base.priced("on_demand", value)
        for plan in item.get("savingsPlan") or ():
            if plan.get("term") in TERMS:
                rate = amount(plan.get("retailPrice"), file=file, row=row, column="savingsPlan")
                yield base.priced(TERMS[plan["term"]][0], rate)
