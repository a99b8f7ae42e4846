"""What is true about the estate, so that analyses can be scored: events, planted waste, exact totals."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from finops.money import EXACT
from jobs.demo.estate import aws_bill, gcp_bill, groups
from jobs.demo.estate.aws_commitments import PLAN_MONTH, RESERVED_MONTHS, plan_arn, reservation_arn
from jobs.demo.estate.fleet import Fleet, Habit
from jobs.demo.estate.lines import Line, decimal
from jobs.demo.estate.timeline import Ints, Timeline

LEAST_DAYS_OF_A_DISK = 7
WINDOW = 30
BY_THE_HOUR = " by the hour"

Named = Callable[[str, Any], str]
"""Gives the bill's id of a machine, disk or address."""


def totals(
    timeline: Timeline,
    lines: Sequence[Line],
    *,
    billed: Callable[[Line], Ints],
    effective: Callable[[Line], Ints],
    month_of: Callable[[Line], Ints],
) -> dict[str, dict[str, Any]]:
    """Sum one provider's bill by billing month, exactly."""
    sums = np.zeros((len(timeline.months), 2), dtype=np.int64)
    rows = np.zeros(len(timeline.months), dtype=np.int64)
    for line in lines:
        months = month_of(line)
        np.add.at(sums, months, np.stack([billed(line), effective(line)], axis=1))
        np.add.at(rows, months, line.charged.astype(np.int64))
    return {
        f"{month.start:%Y-%m}": {
            "rows": int(rows[n]),
            "billed_cost": decimal(sums[n, 0]),
            "effective_cost": decimal(sums[n, 1]),
        }
        for n, month in enumerate(timeline.months)
    }


def recent(lines: Sequence[Line], effective: Callable[[Line], Ints]) -> Mapping[str, int]:
    """Sum each resource's effective cost of the last 30 days; under `RESOURCE by the hour` what is priced so."""
    costs: dict[str, int] = {}
    for line in lines:
        resource = line.attributes.get("resource")
        if resource:
            amount = int(effective(line)[-WINDOW:].sum())
            costs[resource] = costs.get(resource, 0) + amount
            if re.search("hour|hrs", str(line.attributes.get("unit")), re.IGNORECASE):
                costs[resource + BY_THE_HOUR] = costs.get(resource + BY_THE_HOUR, 0) + amount
    return costs


def waste(provider: str, fleet: Fleet, named: Named, costs: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return what is planted, with what it wastes in 30 days."""
    kinds = {Habit.IDLE: "stop_idle_machine", Habit.OVERSIZED: "rightsize_machine"}
    found = [(kinds[one.habit], named("machine", one)) for one in fleet.machines if one.habit in kinds]
    found += [
        ("delete_unattached_disk", named("disk", one))
        for one in fleet.disks
        if one.machine is None and one.left >= LEAST_DAYS_OF_A_DISK
    ]
    found += [("release_idle_address", named("address", one)) for one in fleet.addresses if one.machine is None]
    return [
        {
            "provider": provider,
            "recommendation_type": kind,
            "resource_id": resource,
            "monthly_waste": _wasted(kind, resource, costs),
        }
        for kind, resource in found
    ]


def _wasted(kind: str, resource: str, costs: Mapping[str, int]) -> str:
    if kind != "rightsize_machine":
        return decimal(costs[resource])
    return f"{EXACT.divide(Decimal(decimal(costs[resource + BY_THE_HOUR])), Decimal(2)):f}"


def events(timeline: Timeline) -> list[dict[str, Any]]:
    """Return what happened, and when (`until` is exclusive)."""

    def event(kind: str, provider: str, start: int, until: int | None = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        days = {"from": timeline.day(start), "until": None if until is None else timeline.day(until)}
        return (
            {"kind": kind, "provider": provider} | {name: day and day.isoformat() for name, day in days.items()} | more
        )

    service, sku, _ = aws_bill.SPIKED
    spike, ramp = timeline.ago(aws_bill.SPIKE_AGO), timeline.ago(gcp_bill.RAMP_AGO)
    until = spike + aws_bill.SPIKE_DAYS
    claims = next(group for group in groups.AZURE_GROUPS if group.app == "claims-batch")
    expired, bought = timeline.first(RESERVED_MONTHS), timeline.first(PLAN_MONTH)
    return [
        event("spike", "aws", spike, until, service=service, sku=sku, times=aws_bill.SPIKE_TIMES),
        event("ramp", "gcp", ramp, service="BigQuery", sku=gcp_bill.RAMPED, growth_a_day=gcp_bill.RAMP_A_DAY),
        event("step", "azure", timeline.ago(claims.launched), app=claims.app, machines=claims.count),
        event("reservation_expired", "aws", expired, commitment=reservation_arn(timeline)),
        event("savings_plan_bought", "aws", bought, commitment=plan_arn(timeline)),
    ]
