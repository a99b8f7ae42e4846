"""Larkspur's AWS bill: a legacy Cost and Usage Report a month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from jobs.demo.estate import company, tables
from jobs.demo.estate.aws_commitments import RESERVED_APP, covered, reserved
from jobs.demo.estate.aws_fees import fees
from jobs.demo.estate.aws_ids import address_arn, instance_id, region, volume_id
from jobs.demo.estate.aws_services import AWS_OFFERS
from jobs.demo.estate.fleet import Fleet, Habit
from jobs.demo.estate.lines import Line, Offer, alive, apply_spike, daily, usage
from jobs.demo.estate.machines import hours
from jobs.demo.estate.prices import AWS_ADDRESS_HOUR, AWS_SIZES, GP3_GIB_MONTH
from jobs.demo.estate.timeline import Timeline

EC2 = "Amazon Elastic Compute Cloud"
SPIKED = ("AmazonEC2", "NatGateway-Bytes", 3)
SPIKE_AGO, SPIKE_DAYS, SPIKE_TIMES = 12, 3, 9.0
"""A sync job without back-off pulled the catalog through the NAT gateway, again and again, for three days."""


def lines(timeline: Timeline, fleet: Fleet) -> list[Line]:
    """Return every stream of charges, commitments and fees included."""
    machines = list(_machines(timeline, fleet))
    on_demand = [line for line in machines if line.attributes["app"] != RESERVED_APP]
    result = [
        *covered(timeline, on_demand),
        *reserved(timeline, [line for line in machines if line.attributes["app"] == RESERVED_APP]),
        *_disks(timeline, fleet),
        *_addresses(timeline, fleet),
        *_transfer(timeline, fleet),
        *(line for offer in AWS_OFFERS for line in _service(timeline, offer)),
    ]
    return result + fees(timeline, result)


def _common(place: str, tags: Mapping[str, str], resource: str, product: str, title: str) -> dict[str, Any]:
    where = region(place)
    return {
        "type": "Usage",
        "account": company.AWS[place].id,
        "region": where,
        "zone": None,
        "resource": resource,
        "product": product,
        "title": title,
        "term": "OnDemand",
        **{f"tag_{name}": tags.get(name) for name in ("team", "app", "env")},
    }


def _machines(timeline: Timeline, fleet: Fleet) -> Iterator[Line]:
    for one in fleet.machines:
        size = AWS_SIZES[one.size]
        text = f"${size.hour} per On Demand Linux {one.size} Instance Hour"
        attributes = _common(
            one.place, one.tags, instance_id(timeline, one), "AmazonEC2", "Amazon Elastic Compute Cloud"
        )
        attributes |= {
            "usage_type": f"BoxUsage:{one.size}",
            "operation": "RunInstances",
            "unit": "Hrs",
            "text": text,
            "family": "Compute Instance",
            "instance_type": one.size,
            "vcpu": str(size.cores),
            "app": one.app,
            "memory": f"{size.memory} GiB",
            "zone": f"{region(one.place)}a",
            "habit": one.habit,
            "launched": one.launched,
        }
        yield usage(attributes, size.hour, hours(timeline, one))


def _disks(timeline: Timeline, fleet: Fleet) -> Iterator[Line]:
    for disk in fleet.disks:
        attributes = _common(
            disk.place, disk.tags, volume_id(timeline, disk), "AmazonEC2", "Amazon Elastic Compute Cloud"
        )
        attributes |= {
            "usage_type": "EBS:VolumeUsage.gp3",
            "operation": "CreateVolume-Gp3",
            "unit": "GB-Mo",
            "family": "Storage",
            "text": "$0.08 per GB-month of General Purpose (gp3) provisioned storage - US East (N. Virginia)",
        }
        there = alive(timeline, disk.machine.launched if disk.machine else 500)
        yield usage(attributes, GP3_GIB_MONTH, np.where(there, disk.gib / timeline.month_days, 0.0))


def _addresses(timeline: Timeline, fleet: Fleet) -> Iterator[Line]:
    for address in fleet.addresses:
        attributes = _common(
            address.place, address.tags, address_arn(timeline, address), "AmazonVPC", "Amazon Virtual Private Cloud"
        )
        left = np.arange(timeline.days) >= timeline.days - address.left
        there = alive(timeline, address.machine.launched if address.machine else 500)
        for idle in (False, True):
            kind = "IdleAddress" if idle else "InUseAddress"
            attributes = attributes | {
                "usage_type": f"PublicIPv4:{kind}",
                "operation": f"AllocateAddressVPC:{kind}",
                "unit": "Hrs",
                "family": "IP Address",
                "text": f"$0.005 per {'Idle' if idle else 'In-use'} public IPv4 address per hour",
            }
            quantity = np.where(there & (left == idle), 24.0, 0.0)
            if quantity.any():
                yield usage(attributes, AWS_ADDRESS_HOUR, quantity)


def _transfer(timeline: Timeline, fleet: Fleet) -> Iterator[Line]:
    for one in fleet.machines:
        if one.place != "prod" or one.number > 1 or one.habit is Habit.IDLE:
            continue
        attributes = _common(
            one.place, one.tags, instance_id(timeline, one), "AmazonEC2", "Amazon Elastic Compute Cloud"
        )
        attributes |= {
            "usage_type": "DataTransfer-Regional-Bytes",
            "operation": "InterZone-In",
            "unit": "GB",
            "family": "Data Transfer",
            "text": "$0.010 per GB - regional data transfer - in/out/between EC2 AZs",
        }
        gigabytes = 1500 * timeline.pattern("week", f"transfer/{one.name}")
        yield usage(attributes, "0.01", np.where(alive(timeline, one.launched), gigabytes, 0.0))


def _service(timeline: Timeline, offer: Offer) -> Iterator[Line]:
    place = company.AWS[offer.place]
    for use in range(offer.count):
        team, app = offer.apps[use % len(offer.apps)].split("/")
        name = app if use < len(offer.apps) else f"{app}-{use // len(offer.apps) + 1}"
        unique = company.digest(timeline.seed, offer.service, offer.place, offer.details["resource"], use)
        resource = offer.details["resource"].format(
            region=region(offer.place),
            account=place.id,
            name=name,
            id=unique[:16],
            id6=unique[:6],
            ID=unique[:13].upper(),
        )
        common = _common(
            offer.place, company.tags(team, app, place.env, unique), resource, offer.service, offer.details["title"]
        ) | {"family": offer.details["family"]}
        for sku in offer.skus:
            quantity = daily(timeline, sku, offer.monthly, resource)
            if (offer.service, sku.code, use) == SPIKED:
                quantity = apply_spike(timeline, quantity, ago=SPIKE_AGO, days=SPIKE_DAYS, times=SPIKE_TIMES)
            attributes = common | {
                "usage_type": sku.code,
                "operation": sku.title,
                "unit": sku.unit,
                "text": f"${sku.price} per {sku.unit} of {sku.code}",
            }
            yield usage(attributes, sku.price, quantity)


def write(timeline: Timeline, bill: list[Line], folder: Path) -> int:
    """Write a csv.gz a month, as AWS lays them out. Returns the rows."""
    from jobs.demo.estate.aws_columns import ATTRIBUTES, COLUMNS  # noqa: PLC0415  a long table of its own

    def target(month: int) -> Path:
        period = timeline.months[month]
        return folder / f"{period.start:%Y%m%d}-{period.end:%Y%m%d}" / "larkspur-cur-00001.csv.gz"

    return tables.write(timeline, bill, COLUMNS, target, names=ATTRIBUTES)
