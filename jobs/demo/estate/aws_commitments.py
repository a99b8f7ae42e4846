"""Larkspur's two AWS commitments, with every row that a Cost and Usage Report writes about them.

A savings plan for the m6i family: no upfront, one year, bought a month after the estate begins and a little too large
for its first weeks. A reservation of four r5.2xlarge: partly upfront, one year from the first day; it ran out on the
first day of the running month, and nobody renewed it. Effective cost used + unused equals what was billed, exactly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from jobs.demo.estate import company
from jobs.demo.estate.aws_ids import region
from jobs.demo.estate.lines import Line, Price, by_month
from jobs.demo.estate.timeline import Ints, Timeline

PLAN_HOURLY = Price("8.50")
PLAN_FAMILY = "m6i"
PLAN_MONTH = 1
PLAN_PERCENT = 70
"""What covered usage costs, in percent of its price on demand."""
RESERVED_APP = "search-cache"
RESERVED_MONTHS = 12
RESERVED_COUNT = 4
UPFRONT, RECURRING = Price("0.1588"), Price("0.159")
"""Of each reserved hour: the share of the fee upfront, and the fee by the month."""
STOPPED = slice(150, 181)
"""One reserved machine was off for a month: the reservation was paid all the same."""


def plan_arn(timeline: Timeline) -> str:
    """Return the savings plan's id."""
    return f"arn:aws:savingsplans::{company.AWS_PAYER}:savingsplan/{company.uuid_text(timeline.seed, 'plan')}"


def reservation_arn(timeline: Timeline) -> str:
    """Return the reservation's id."""
    account, unique = company.AWS["prod"].id, company.uuid_text(timeline.seed, "reservation")
    return f"arn:aws:ec2:{region('prod')}:{account}:reserved-instances/{unique}"


def covered(timeline: Timeline, machines: Sequence[Line]) -> list[Line]:
    """Split machines between the savings plan and the price on demand, and add the plan's own rows."""
    start = timeline.first(PLAN_MONTH)
    hours = 24 * PLAN_HOURLY.quantum
    left = np.where(np.arange(timeline.days) >= start, hours * PLAN_HOURLY.number, 0).astype(np.int64)
    fee, result, negated = left.copy(), [], defaultdict[tuple[str, str], list[Line]](list)
    for line in sorted(machines, key=lambda one: str(one.attributes["app"])):
        attributes = line.attributes
        if not str(attributes["instance_type"]).startswith(PLAN_FAMILY) or attributes["region"] != region("prod"):
            result.append(line)
            continue
        used, rest = _cover(timeline, line, left)
        left -= used.effective_cost
        negated[str(attributes["account"]), str(attributes["instance_type"])].append(used)
        result += [used, rest]
    result += [_negation(same) for same in negated.values()]
    return [*result, _plan_fee(timeline, fee, left)]


def _cover(timeline: Timeline, line: Line, left: Ints) -> tuple[Line, Line]:
    price = Price(str(line.attributes["price"]))
    rate = price.number * PLAN_PERCENT // 100
    quantity = np.minimum(line.quantity, left // rate)
    attributes = {
        **line.attributes,
        "type": "SavingsPlanCoveredUsage",
        "plan_arn": plan_arn(timeline),
        "plan_rate": f"{rate / 10**price.decimals:.4f}",
    }
    effective = quantity * rate
    extra = {"plan_effective": effective}
    used = Line(attributes, quantity, quantity * price.number, line.quantum, effective=effective, extra=extra)
    rest = line.quantity - quantity
    return used, Line(line.attributes, rest, rest * price.number, line.quantum)


def _negation(same: Sequence[Line]) -> Line:
    """Take the price on demand of covered usage away again: one row a day, account and size, without a resource."""
    first = same[0].attributes
    keep = ("account", "region", "product", "title", "usage_type", "operation", "unit", "family", "price", "plan_arn")
    attributes = {name: first[name] for name in keep} | {
        "type": "SavingsPlanNegation",
        "text": f"SavingsPlanNegation used by AccountId : {first['account']} and UsageSku : {first['usage_type']}",
    }
    quantity = np.sum([line.quantity for line in same], axis=0)
    cost = -np.sum([line.cost for line in same], axis=0)
    return Line(attributes, quantity, cost, same[0].quantum, effective=np.zeros_like(cost))


def _plan_fee(timeline: Timeline, fee: Ints, unused: Ints) -> Line:
    attributes = {
        "type": "SavingsPlanRecurringFee",
        "account": company.AWS_PAYER,
        "region": "global",
        "product": "ComputeSavingsPlans",
        "title": "Savings Plans for AWS Compute usage",
        "usage_type": "EC2SP:m6i.1yrNoUpfront",
        "family": "EC2InstanceSavingsPlans",
        "text": "1 year No Upfront m6i EC2 Instance Savings Plan in us-east-1",
        "plan_arn": plan_arn(timeline),
        "unit": "Hrs",
        "plan_start": timeline.months[PLAN_MONTH].start.isoformat(),
        "operation": None,
        "price": PLAN_HOURLY.text,
    }
    hours = np.where(fee > 0, 24 * PLAN_HOURLY.quantum, 0).astype(np.int64)
    extra = {"plan_total": fee, "plan_used": fee - unused}
    return Line(attributes, hours, fee, PLAN_HOURLY.quantum, effective=unused, extra=extra)


def reserved(timeline: Timeline, machines: Sequence[Line]) -> Iterator[Line]:
    """Return the reserved machines' usage, before and after the reservation ran out, and its fees."""
    term = timeline.month_of < RESERVED_MONTHS
    used = np.zeros(timeline.days, dtype=np.int64)
    for number, line in enumerate(machines):
        running = line.quantity.copy()
        if number == 0:
            running[STOPPED] = 0
        inside, after = np.where(term, running, 0), np.where(term, 0, running)
        used += inside
        attributes = {
            **line.attributes,
            "type": "DiscountedUsage",
            "term": "Reserved",
            "reservation_arn": reservation_arn(timeline),
            "text": "r5.2xlarge reserved instance applied",
        }
        parts = {"reserved_upfront": inside * UPFRONT.number, "reserved_recurring": inside * RECURRING.number}
        effective = parts["reserved_upfront"] + parts["reserved_recurring"]
        price = Price(str(line.attributes["price"])).number
        extra = parts | {"reserved_effective": effective, "reserved_list": inside * price}
        yield Line(attributes, inside, np.zeros_like(inside), line.quantum, effective=effective, extra=extra)
        yield Line(line.attributes, after, after * price, line.quantum)
    yield from _reservation_fees(timeline, np.where(term, 24 * RESERVED_COUNT * UPFRONT.quantum, 0) - used)


def _bought(timeline: Timeline) -> dict[str, str]:
    return {
        "account": company.AWS["prod"].id,
        "region": region("prod"),
        "product": "AmazonEC2",
        "unit": "Hrs",
        "title": "Amazon Elastic Compute Cloud",
        "usage_type": "HeavyUsage:r5.2xlarge",
        "operation": "RunInstances",
        "reservation_arn": reservation_arn(timeline),
        "term": "Reserved",
        "family": "Compute Instance",
        "instance_type": "r5.2xlarge",
        "reserved_count": str(RESERVED_COUNT),
        "reserved_start": timeline.start.isoformat(),
        "reserved_end": timeline.months[RESERVED_MONTHS].start.isoformat(),
    }


def _reservation_fees(timeline: Timeline, unused: Ints) -> Iterator[Line]:
    """Write the fee upfront once and the recurring fee a month, with what of both nobody used."""
    bought = _bought(timeline)
    hours = [24 * month.days * RESERVED_COUNT for month in timeline.months]
    nothing = np.zeros(timeline.days, dtype=np.int64)
    fee = nothing.copy()
    fee[0] = sum(hours[:RESERVED_MONTHS]) * UPFRONT.quantum * UPFRONT.number
    text = "Sign up charge for subscription: r5.2xlarge, Linux/UNIX, 1 year, Partial Upfront"
    once = (fee != 0).astype(np.int64) * RESERVED_COUNT
    yield Line(bought | {"type": "Fee", "text": text, "unit": "Quantity"}, once, fee, effective=nothing)
    spare = by_month(timeline, unused)
    columns: dict[str, Ints] = {name: nothing.copy() for name in ("cost", "upfront", "recurring", "hours", "paid")}
    for month in range(RESERVED_MONTHS):
        day = timeline.first(month)
        columns["hours"][day] = hours[month] * RECURRING.quantum
        columns["cost"][day] = columns["hours"][day] * RECURRING.number
        columns["paid"][day] = columns["hours"][day] * UPFRONT.number
        columns["upfront"][day] = spare[month] * UPFRONT.number
        columns["recurring"][day] = spare[month] * RECURRING.number
    extra = {
        "unused_upfront": columns["upfront"],
        "unused_recurring": columns["recurring"],
        "upfront_for_period": columns["paid"],
    }
    text = "USD 0.159 hourly fee per Linux/UNIX (Amazon VPC), r5.2xlarge instance"
    effective = columns["upfront"] + columns["recurring"]
    attributes = bought | {"type": "RIFee", "text": text, "price": RECURRING.text}
    yield Line(
        attributes, columns["hours"], columns["cost"], RECURRING.quantum, effective=effective, monthly=True, extra=extra
    )
