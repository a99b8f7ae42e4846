"""What is true about the estate, so that analyses can be scored: events, planted waste, exact totals."""

from __future__ import annotations

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
    """Sum each resource's effective cost of the last 30 days."""
    costs: dict[str, int] = {}
    for line in lines:
        resource = line.attributes.get("resource")
        if resource:
            costs[resource] = costs.get(resource, 0) + int(effective(line)[-WINDOW:].sum())
    return costs


def waste(provider: str, fleet: Fleet, named: Named, costs: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return what is planted, with what it wastes in 30 days."""
    kinds = {Habit.IDLE: ("stop_idle_machine", 1), Habit.OVERSIZED: ("rightsize_machine", 2)}
    found = [(*kinds[one.habit], named("machine", one)) for one in fleet.machines if one.habit in kinds]
    found += [
        ("delete_unattached_disk", 1, named("disk", one))
        for one in fleet.disks
        if one.machine is None and one.left >= LEAST_DAYS_OF_A_DISK
    ]
    found += [("release_idle_address", 1, named("address", one)) for one in fleet.addresses if one.machine is None]
    return [
        {
            "provider": provider,
            "recommendation_type": kind,
            "resource_id": resource,
            "monthly_waste": f"{EXACT.divide(Decimal(decimal(costs[resource])), Decimal(part)):f}",
        }
        for kind, part, resource in found
    ]


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
