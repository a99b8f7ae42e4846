"""Larkspur's Azure bill: an actual-cost export a month of a Microsoft Customer Agreement.

The reservation is paid by the month: its purchases carry the cost, and the use that it covers stands there at 0, as
Microsoft exports it. Column names: https://learn.microsoft.com/azure/cost-management-billing/dataset-schema/cost-usage-details-mca.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from jobs.demo.estate import company, tables
from jobs.demo.estate.azure_ids import address_id, disk_id, group_of, machine_id, resource_id
from jobs.demo.estate.azure_services import AZURE_OFFERS
from jobs.demo.estate.fleet import Fleet
from jobs.demo.estate.lines import UNIT, Line, Offer, Price, alive, daily, once, usage
from jobs.demo.estate.machines import hours
from jobs.demo.estate.prices import AZURE_ADDRESS_HOUR, AZURE_DISKS, AZURE_SIZES
from jobs.demo.estate.timeline import Timeline

RESERVED_APP, RESERVED_COUNT, RESERVED_FROM = "eu-catalog", 4, 3
RESERVED_MONTHLY = 271 * UNIT
"""Each of four Standard_E8s_v5, one year, paid by the month."""
REFUND_MONTH, REFUND_CENTS = 6, 31250
ATTRIBUTES = (
    "account",
    "resource",
    "group",
    "category",
    "sub",
    "meter",
    "product",
    "family",
    "service",
    "unit",
    "price",
    "list_price",
    "charge",
    "frequency",
    "model",
    "term",
    "reservation",
    "reservation_name",
    "tags",
    "info",
    "region",
)


def lines(timeline: Timeline, fleet: Fleet) -> list[Line]:
    """Return every stream of charges."""
    return [
        *_machines(timeline, fleet),
        *_disks(timeline, fleet),
        *_addresses(timeline, fleet),
        *(line for offer in AZURE_OFFERS for line in _service(timeline, offer)),
        *_purchases(timeline),
    ]


def _common(place: str, tags: Mapping[str, str], resource: str, category: str, sub: str) -> dict[str, Any]:
    return {
        "account": place,
        "resource": resource,
        "group": resource.split("/")[4],
        "service": resource.split("/providers/")[1].split("/", maxsplit=1)[0],
        "category": category,
        "sub": sub,
        "charge": "Usage",
        "frequency": "UsageBased",
        "model": "OnDemand",
        "region": "westeurope",
        "tags": json.dumps(dict(tags))[1:-1] or None,  # exports leave the braces out
    }


def _machines(timeline: Timeline, fleet: Fleet) -> Iterator[Line]:
    for one in fleet.machines:
        size = AZURE_SIZES[one.size]
        meter = one.size.removeprefix("Standard_").replace("_", " ")
        attributes = _common(one.place, one.tags, machine_id(one), "Virtual Machines", f"{meter} Series") | {
            "meter": meter,
            "product": f"Virtual Machines {meter} - EU West",
            "family": "Compute",
            "unit": "1 Hour",
            "info": json.dumps({"UsageType": "ComputeHR", "ServiceType": one.size, "VCPUs": size.cores}),
        }
        whole = usage(attributes, size.hour, hours(timeline, one))
        if one.app != RESERVED_APP:
            yield whole
            continue
        inside = np.arange(timeline.days) >= timeline.first(RESERVED_FROM)
        free, paid = np.where(inside, whole.quantity, 0), np.where(inside, 0, whole.quantity)
        benefit = attributes | {"price": "0", "list_price": size.hour, "model": "Reservation", "term": "12"}
        benefit |= {"reservation": _reservation(timeline), "reservation_name": "eu-catalog-e8s-v5"}
        yield Line(whole.attributes, paid, paid * Price(size.hour).number, whole.quantum)
        extra = {"listed": free * Price(size.hour).number}
        yield Line(benefit, free, np.zeros_like(free), whole.quantum, extra=extra)


def _reservation(timeline: Timeline) -> str:
    order, one = company.uuid_text(timeline.seed, "order"), company.uuid_text(timeline.seed, "azure-reservation")
    return f"/providers/Microsoft.Capacity/reservationOrders/{order}/reservations/{one}"


def _disks(timeline: Timeline, fleet: Fleet) -> Iterator[Line]:
    for disk in fleet.disks:
        meter, price = AZURE_DISKS[disk.gib]
        attributes = _common(disk.place, disk.tags, disk_id(disk), "Storage", "Premium SSD Managed Disks") | {
            "meter": f"{meter} LRS Disk",
            "product": f"Premium SSD Managed Disks - {meter} LRS - EU West",
            "family": "Storage",
            "unit": "1/Month",
        }
        there = alive(timeline, disk.machine.launched if disk.machine else 500)
        yield usage(attributes, price, np.where(there, 1 / timeline.month_days, 0.0))


def _addresses(timeline: Timeline, fleet: Fleet) -> Iterator[Line]:
    for address in fleet.addresses:
        attributes = _common(address.place, address.tags, address_id(address), "Virtual Network", "IP Addresses") | {
            "meter": "Standard IPv4 Static Public IP",
            "product": "IP Addresses - Standard IPv4 Static Public IP",
            "family": "Networking",
            "unit": "1 Hour",
        }
        there = alive(timeline, address.machine.launched if address.machine else 500)
        yield usage(attributes, AZURE_ADDRESS_HOUR, np.where(there, 24.0, 0.0))


def _service(timeline: Timeline, offer: Offer) -> Iterator[Line]:
    place = company.AZURE[offer.place]
    for use in range(offer.count):
        team, app = offer.apps[use % len(offer.apps)].split("/")
        unique = company.digest(timeline.seed, "azure", offer.service, offer.place, use)
        path = offer.details["resource"].format(name=app, plain=app.replace("-", ""), id6=unique[:6])
        resource = resource_id(offer.place, group_of(app), path)
        common = _common(
            offer.place, company.tags(team, app, place.env, unique), resource, offer.service, offer.details["sub"]
        )
        for sku in offer.skus:
            attributes = common | {
                "meter": sku.code,
                "product": f"{offer.details['sub']} - {sku.code} - EU West",
                "family": offer.details["family"],
                "unit": sku.unit,
            }
            yield usage(attributes, sku.price, daily(timeline, sku, offer.monthly, resource))


def _purchases(timeline: Timeline) -> Iterator[Line]:
    """Return what is bought: the reservation's months, a support plan, and one refund."""
    bought = {"account": "prod", "charge": "Purchase", "frequency": "Recurring", "region": None, "unit": "1/Month"}
    months = range(len(timeline.months))
    reserved = bought | {
        "category": "Virtual Machines",
        "sub": "Reservation",
        "meter": "E8s v5",
        "family": "Compute",
        "model": "Reservation",
        "product": "Reserved VM Instance, Standard_E8s_v5, EU West, 1 Year",
        "service": "Microsoft.Capacity",
        "term": "12",
        "reservation": _reservation(timeline),
        "reservation_name": "eu-catalog-e8s-v5",
    }
    due = {timeline.first(month): RESERVED_COUNT * RESERVED_MONTHLY for month in months if month >= RESERVED_FROM}
    yield once(reserved, timeline, due)
    support = bought | {
        "category": "Support",
        "sub": "Support",
        "meter": "Professional Direct",
        "product": "Azure Support: Professional Direct",
        "family": "Azure Support",
        "service": "Microsoft.Support",
        "model": "OnDemand",
    }
    yield once(support, timeline, {timeline.first(month): 1000 * UNIT for month in months})
    refund = bought | {
        "charge": "Refund",
        "frequency": "OneTime",
        "category": "Bandwidth",
        "sub": "Bandwidth",
        "model": "OnDemand",
        "meter": "Standard Data Transfer Out",
        "product": "Refund of data transfer",
        "family": "Networking",
        "service": "Microsoft.Network",
    }
    yield once(refund, timeline, {timeline.first(REFUND_MONTH) + 12: -REFUND_CENTS * UNIT // 100})


def write(timeline: Timeline, bill: list[Line], folder: Path) -> int:
    """Write a csv.gz a month, as an export lays them out. Returns the rows."""
    from jobs.demo.estate.azure_columns import COLUMNS  # noqa: PLC0415  a long table of its own

    def target(month: int) -> Path:
        period = timeline.months[month]
        last = min(period.end, timeline.today)
        return folder / f"{period.start:%Y%m%d}-{last:%Y%m%d}" / "part_0_0001.csv.gz"

    return tables.write(timeline, bill, COLUMNS, target, names=ATTRIBUTES)
