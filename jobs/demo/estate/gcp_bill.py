"""Larkspur's Google bill: rows of the detailed BigQuery export, a file an invoice month.

Google bills by Pacific days and rounds each row to a millionth. Machines earn sustained-use credits on what no
commitment covers; a commitment for N2 cores and memory is charged as a fee, and its credits stand on the rows
that it covers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jobs.demo.estate import company, tables
from jobs.demo.estate.fleet import Fleet
from jobs.demo.estate.gcp_ids import REGION, ZONE, global_name
from jobs.demo.estate.gcp_services import COMPUTE, GCP_OFFERS, LATE_SERVICE
from jobs.demo.estate.lines import UNIT, Line, Offer, alive, apply_ramp, by_month, daily, once, usage
from jobs.demo.estate.machines import hours
from jobs.demo.estate.prices import GCP_ADDRESS_HOUR, GCP_CORE, GCP_MEMORY, GCP_SIZES, PD_BALANCED_GIB_MONTH
from jobs.demo.estate.timeline import Ints, Timeline

MICRO = UNIT // 10**6
SUSTAINED_PERCENT = 20
"""N2 machines that run the whole month, https://cloud.google.com/compute/docs/sustained-use-discounts."""
COMMITTED = {"Core": (40, "0.019915"), "Ram": (160, "0.002669")}
"""A one-year commitment of N2 cores and GiB, and its fee an hour."""
RAMPED, RAMP_AGO, RAMP_A_DAY = "Analysis (us-central1)", 45, 0.022
"""A dashboard that scans the whole table once more for every new chart."""
FREE_MONTHS, FREE_PERCENT = 3, 30
"""A trial of Vertex AI, as a promotion."""
SUPPORT_CENTS, TAX_PER_MILLE = 148_000, 66
ATTRIBUTES = (
    "service",
    "title",
    "sku",
    "sku_title",
    "project",
    "resource",
    "resource_name",
    "unit",
    "price",
    "kind",
    "labels",
    "region",
    "zone",
    "commitment",
    "machine",
)


def lines(timeline: Timeline, fleet: Fleet) -> list[Line]:
    """Return every stream of charges."""
    result = [
        *_committed(timeline, list(_machines(timeline, fleet))),
        *_disks(timeline, fleet),
        *_addresses(timeline, fleet),
        *(line for offer in GCP_OFFERS for line in _service(timeline, offer)),
    ]
    return [*result, *_fees(timeline, result)]


def net(line: Line) -> Ints:
    """Return the cost with its credits taken off."""
    credits_: Ints = sum(
        (line.extra[name] for name in ("sustained", "committed", "promotion") if name in line.extra),
        start=np.zeros_like(line.cost),
    )
    return line.cost + credits_


def _round(values: Ints) -> Ints:
    rounded: Ints = (values + MICRO // 2) // MICRO * MICRO
    return rounded


def _common(place: str, tags: Mapping[str, str], service: str, title: str, sku: str) -> dict[str, Any]:
    code = company.digest("sku", service, sku).upper()
    return {
        "service": service,
        "title": title,
        "sku": f"{code[:4]}-{code[4:8]}-{code[8:12]}",
        "sku_title": sku,
        "project": place,
        "labels": [{"key": name, "value": value} for name, value in sorted(tags.items())],
        "region": REGION,
        "kind": "regular",
    }


def _used(attributes: Mapping[str, Any], price: str, quantity: Any, **more: Any) -> Line:  # noqa: ANN401
    line = usage(attributes, price, quantity, **more)
    line.cost = _round(line.cost)
    return line


def _machines(timeline: Timeline, fleet: Fleet) -> Iterator[Line]:
    for one in fleet.machines:
        size, family = GCP_SIZES[one.size], one.size.split("-", 1)[0]
        parts = (("Core", size.cores, GCP_CORE, "hour"), ("Ram", size.memory, GCP_MEMORY, "gibibyte hour"))
        for part, amount, prices, unit in parts:
            sku = f"{family.upper()} Instance {part} running in Americas"
            attributes = _common(one.place, one.tags, COMPUTE, "Compute Engine", sku) | {
                "resource": global_name(timeline, "instances", one),
                "resource_name": one.name,
                "unit": unit,
                "zone": ZONE,
                "machine": one.size,
                "part": part if family == "n2" else None,
            }
            yield _used(attributes, prices[family], hours(timeline, one) * amount)


def _committed(timeline: Timeline, machines: Sequence[Line]) -> list[Line]:
    """Give credits: committed use as far as the commitment reaches, sustained use on the rest."""
    result: list[Line] = []
    for part, (amount, fee) in COMMITTED.items():
        left = np.full(timeline.days, amount * 24, dtype=np.float64)
        for line in (one for one in machines if one.attributes["part"] == part):
            taken = np.minimum(left, line.quantity / line.quantum)
            left -= taken
            covered = np.where(
                line.quantity > 0, line.cost * (taken * line.quantum / np.maximum(line.quantity, 1)), 0.0
            )
            credit = -_round(np.rint(covered).astype(np.int64))
            sustained = -_round((line.cost + credit) * SUSTAINED_PERCENT // 100)
            line.extra = {"committed": credit, "sustained": sustained}
            result.append(line)
        name = "Cpu" if part == "Core" else "Ram"
        unit = "hour" if part == "Core" else "gibibyte hour"
        fees = _common("ml", {}, COMPUTE, "Compute Engine", f"Commitment v1: N2 {name} in Americas for 1 Year")
        fees |= {"unit": unit, "commitment": company.uuid_text(timeline.seed, "cud", part)}
        result.append(_used(fees, fee, np.full(timeline.days, amount * 24.0)))
    return result + [line for line in machines if line.attributes["part"] is None]


def _disks(timeline: Timeline, fleet: Fleet) -> Iterator[Line]:
    for disk in fleet.disks:
        attributes = _common(disk.place, disk.tags, COMPUTE, "Compute Engine", "Balanced PD Capacity") | {
            "resource": global_name(timeline, "disks", disk),
            "resource_name": disk.name,
            "unit": "gibibyte month",
            "zone": ZONE,
        }
        there = alive(timeline, disk.machine.launched if disk.machine else 500)
        yield _used(attributes, PD_BALANCED_GIB_MONTH, np.where(there, disk.gib / timeline.month_days, 0.0))


def _addresses(timeline: Timeline, fleet: Fleet) -> Iterator[Line]:
    for address in fleet.addresses:
        if address.machine is not None:
            continue  # Google charges little for those in use, on the machine's own SKU
        attributes = _common(address.place, address.tags, COMPUTE, "Compute Engine", "Static Ip Charge") | {
            "resource": global_name(timeline, "addresses", address),
            "resource_name": address.name,
            "unit": "hour",
        }
        yield _used(attributes, GCP_ADDRESS_HOUR, np.where(alive(timeline, address.left), 24.0, 0.0))


def _service(timeline: Timeline, offer: Offer) -> Iterator[Line]:
    place, (team, app) = company.GCP[offer.place], offer.apps[0].split("/")
    resource = offer.details["resource"].format(name=app, project=place.id, number=place.number)
    for sku in offer.skus:
        quantity = daily(timeline, sku, offer.monthly, f"gcp/{offer.service}/{offer.place}/{app}")
        if (sku.code, offer.place) == (RAMPED, "analytics"):
            quantity = apply_ramp(timeline, quantity, ago=RAMP_AGO, a_day=RAMP_A_DAY)
        tags = company.tags(team, app, place.env, f"gcp/{offer.service}/{app}")
        attributes = _common(offer.place, tags, offer.service, offer.details["title"], sku.code) | {
            "resource": resource or None,
            "resource_name": app if resource else None,
            "unit": sku.unit,
        }
        line = _used(attributes, sku.price, quantity)
        if offer.details["title"] == "Vertex AI":
            free = timeline.month_of < FREE_MONTHS
            line.extra = {"promotion": -_round(np.where(free, line.cost * FREE_PERCENT // 100, 0))}
        yield line


def invoice_month(timeline: Timeline, line: Line) -> Ints:
    """Return on which month's invoice each day of a stream stands."""
    months = timeline.month_of
    if line.attributes["service"] != LATE_SERVICE or line.attributes["kind"] != "regular":
        return months
    last_day = np.append(months[1:] != months[:-1], [False])
    late: Ints = months + last_day
    return late


def _fees(timeline: Timeline, bill: Sequence[Line]) -> Iterator[Line]:
    """Return support and tax: once a month, on the last day of months that are over, and of no project."""
    last = {month: timeline.first(month) + timeline.months[month].days - 1 for month in timeline.closed()}
    fixed: dict[str, Any] = {"labels": [], "project": None, "region": None}
    support = fixed | {
        "service": "2062-016F-44A2",
        "title": "Support",
        "sku": "1D1A-3E24-7D2B",
        "kind": "regular",
        "sku_title": "Enhanced Support",
        "unit": "count",
    }
    yield once(support, timeline, dict.fromkeys(last.values(), SUPPORT_CENTS * UNIT // 100))
    tax = fixed | {
        "service": "0000-0000-0000",
        "title": "Invoice",
        "sku": "0000-0000-0001",
        "kind": "tax",
        "sku_title": "Tax",
        "unit": "count",
    }
    spent = by_month(timeline, np.sum([net(line) for line in bill], axis=0))
    cent = UNIT // 100
    due = {day: spent[month] * TAX_PER_MILLE // 1000 // cent * cent for month, day in last.items()}
    yield once(tax, timeline, due)


def write(timeline: Timeline, bill: list[Line], folder: Path) -> int:
    """Write newline-delimited JSON, gzipped, an invoice month a file. Returns the rows."""
    from jobs.demo.estate.gcp_columns import COLUMNS, MONTH, instants  # noqa: PLC0415  a long table of its own

    def target(month: int) -> Path:
        return folder / f"gcp_billing_export_resource_v1-{timeline.months[month].start:%Y%m}.json.gz"

    return tables.write(
        timeline, bill, COLUMNS, target, names=ATTRIBUTES, as_json=True, month=MONTH, days=instants(timeline)
    )
