"""Rules that find what nobody uses: idle and oversized machines, unattached disks, idle addresses.

The thresholds are the providers' own, and where those differ, the stricter; days without a measurement count against
a finding, never for it.

- Idle machine: AWS Trusted Advisor calls an instance low in utilization at <= 10 % CPU and <= 5 MB of network on 4 of
  14 days (https://docs.aws.amazon.com/awssupport/latest/user/cost-optimization-checks.html); Azure Advisor shuts down
  at P95 of the maximum CPU < 3 % and outbound network < 2 % over 7 days
  (https://learn.microsoft.com/azure/advisor/advisor-cost-recommendations); Google's idle VM recommender looks at 14
  days (https://cloud.google.com/compute/docs/instances/viewing-and-applying-idle-vm-recommendations).
  Here: on every one of the last 14 days P95 of CPU < 5 %, its maximum < 20 %, and network <= 5 MB.
- Oversized machine: Azure Advisor resizes where the smaller machine would stay under 80 % (40 % for user-facing work).
  Here: on every day P95 of CPU < 40 % and never 80 % or more, so that half of it holds; the saving is half of what it
  costs by the hour. Memory is not measured, which is said in the reason and lowers the confidence.
- Unattached disk: Trusted Advisor's underutilized EBS volumes look at 7 days. Here: unattached for 7 days or more.
- Idle address: unattached, and not known to be so for less than 7 days (Trusted Advisor reports one at once).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from finops.money import EXACT, Money, total
from finops.periods import Period
from finops.recommendations import sizes
from finops.recommendations.actions import action
from finops.recommendations.findings import Finding, RecentCost, RecommendationType
from finops.resources import DailyUtilization, Resource
from finops.tables import percent


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a resource counts as unused. The defaults' sources stand at the top of this module."""

    idle_days: int = 14
    idle_cpu_p95: float = 0.05
    idle_cpu_maximum: float = 0.20
    idle_network_bytes: float = 5_000_000
    small_cpu_p95: float = 0.40
    small_cpu_maximum: float = 0.80
    unattached_days: int = 7
    smallest_saving: Decimal = Decimal(1)


Utilization = Mapping[uuid.UUID, Sequence[DailyUtilization]]
Costs = Mapping[uuid.UUID, RecentCost]
DEFAULT = Thresholds()
CONFIDENCE = {
    RecommendationType.STOP_IDLE_MACHINE: 0.9,
    RecommendationType.DELETE_UNATTACHED_DISK: 0.85,
    RecommendationType.RELEASE_IDLE_ADDRESS: 0.8,
    RecommendationType.RIGHTSIZE_MACHINE: 0.6,  # memory is not measured
}


def find(
    resources: Iterable[Resource],
    utilization: Utilization,
    monthly_costs: Costs,
    *,
    today: date,
    thresholds: Thresholds = DEFAULT,
) -> list[Finding]:
    """Return at most one finding a resource, the largest saving first.

    `monthly_costs` are effective costs of the last 30 days; a resource without one yields nothing. `today` is the day
    after the last complete day.
    """
    everything = list(resources)
    spare = _landing_room(everything, monthly_costs)
    found = []
    for resource in everything:
        cost = monthly_costs.get(resource.key)
        if cost is None:
            continue
        days = utilization.get(resource.key, ())
        case = _Case(resource, days, _marginal(resource, cost, spare), today, thresholds)
        for finding in _rules(case):
            if finding.monthly_saving.amount >= thresholds.smallest_saving:
                found.append(finding)
                break  # stopping beats resizing: one resource, one total
    return sorted(found, key=lambda one: (-one.monthly_saving.amount, str(one.resource_id)))


@dataclass(frozen=True, slots=True)
class _Saved:
    """What the bill would lose, and the evidence for that."""

    money: Money
    halved: Money
    """What it would lose if only half of the resource were paid by the hour."""
    note: str
    evidence: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Case:
    """One resource with all that is known about it."""

    resource: Resource
    days: Sequence[DailyUtilization]
    saved: _Saved
    today: date
    limits: Thresholds

    def measured(self, metric: str) -> list[DailyUtilization] | None:
        """Return the metric of every day of the window, or None if a single day lacks a measurement."""
        window = Period.last_days(self.limits.idle_days, self.today)
        known = {one.day: one for one in self.days if one.metric == metric and one.day in window and one.samples}
        return [known[day] for day in window] if len(known) == window.days else None

    def since(self, *names: str) -> date | None:
        """Return the day on which the resource came into its state, by the first of these that is known."""
        known = next((said for name in names if isinstance(said := self.resource.metadata.get(name), str)), None)
        return datetime.fromisoformat(known).date() if known else None

    def finding(self, kind: RecommendationType, title: str, reason: str, *, numbers: dict[str, Any]) -> Finding | None:
        """Put the finding together, or None for a provider whose commands are not known."""
        resource = self.resource
        steps = action(kind, resource, new_size=str(numbers.get("new_size", "")))
        tags = {name.lower(): value for name, value in resource.tags.items()}
        details = {
            "resource": resource.resource_id,
            "name": resource.name,
            "region": resource.region,
            "sub_account_id": resource.sub_account_id,
            "team": tags.get("team"),
            "owner": tags.get("owner") or tags.get("team"),
            "evidence": {**numbers, **self.saved.evidence},
        }
        if steps is None:
            return None
        return Finding(
            resource_id=resource.key,
            provider=resource.provider,
            recommendation_type=kind,
            title=title,
            reason=reason + self.saved.note,
            monthly_saving=self.saved.halved if kind is RecommendationType.RIGHTSIZE_MACHINE else self.saved.money,
            confidence=CONFIDENCE[kind],
            details=details | {"command": steps.command, "undo": steps.undo, "console_url": steps.console_url},
        )


def _rules(case: _Case) -> Iterator[Finding]:
    """Ask every rule in turn; stopping comes before resizing."""
    for rule in (_idle, _oversized, _unattached, _address):
        found = rule(case)
        if found is not None:
            yield found


def _landing_room(resources: Iterable[Resource], costs: Costs) -> dict[tuple[str, str], Decimal]:
    """Sum what running machines pay without commitment: where freed savings-plan coverage would land."""
    room: dict[tuple[str, str], Decimal] = {}
    for one in resources:
        cost = costs.get(one.key)
        if cost and one.resource_type == "machine" and one.state == "running":
            key = (one.provider, cost.currency)
            room[key] = EXACT.add(room.get(key, Decimal(0)), cost.uncovered)
    return room


def _text(amount: Decimal) -> str:
    return f"{amount.normalize(EXACT):f}"


def _marginal(resource: Resource, cost: RecentCost, spare: Mapping[tuple[str, str], Decimal]) -> _Saved:
    elsewhere = EXACT.subtract(spare.get((resource.provider, cost.currency), Decimal(0)), cost.uncovered)
    lands = cost.flexible <= elsewhere
    kept = cost.bound if lands else total(cost.covered.values())
    amount = EXACT.subtract(cost.effective, kept)
    halved = EXACT.divide(EXACT.subtract(cost.timed or Decimal(0), kept), Decimal(2))
    evidence = {"cost_30_days": _text(cost.effective), "covered_by_commitment": _text(total(cost.covered.values()))}
    notes = []
    if cost.flexible:
        where = "freed coverage lands on other machines" if lands else "nothing else could use it, so it is not counted"
        notes.append(f" {Money(cost.flexible, cost.currency)} of its cost is a savings plan's: {where}.")
    if cost.bound:
        notes.append(f" {Money(cost.bound, cost.currency)} of its cost is reserved and stays, so it is not counted.")
    money, half = (Money(value, cost.currency) for value in (amount, halved))
    return _Saved(money, half, "".join(notes), evidence)


def _numbers(cpu: Sequence[DailyUtilization]) -> dict[str, Any]:
    worst = {"cpu_p95": max(day.p95 for day in cpu), "cpu_maximum": max(day.maximum for day in cpu)}
    return {"days": len(cpu)} | {name: round(value, 4) for name, value in worst.items()}


def _idle(case: _Case) -> Finding | None:
    resource, limits = case.resource, case.limits
    cpu, network = case.measured("cpu"), case.measured("network")
    if (resource.resource_type, resource.state) != ("machine", "running") or cpu is None or network is None:
        return None
    p95, highest = max(day.p95 for day in cpu), max(day.maximum for day in cpu)
    traffic = max(day.mean for day in network)
    if p95 >= limits.idle_cpu_p95 or highest >= limits.idle_cpu_maximum or traffic > limits.idle_network_bytes:
        return None
    reason = (
        f"For {len(cpu)} days its CPU stayed under {percent(limits.idle_cpu_maximum)} (95th percentile"
        f" {percent(p95, 1)}, highest {percent(highest, 1)}) and its network under"
        f" {limits.idle_network_bytes / 1e6:.0f} MB a day ({traffic / 1e6:.1f} MB on its busiest)."
    )
    numbers = _numbers(cpu) | {"network_bytes_a_day": round(traffic)}
    title = f"Stop idle machine {resource.name} ({resource.size})"
    return case.finding(RecommendationType.STOP_IDLE_MACHINE, title, reason, numbers=numbers)


def _oversized(case: _Case) -> Finding | None:
    resource, limits, cpu = case.resource, case.limits, case.measured("cpu")
    smaller = sizes.half(resource.provider, resource.size)
    if (resource.resource_type, resource.state) != ("machine", "running") or cpu is None or smaller is None:
        return None
    p95, highest = max(day.p95 for day in cpu), max(day.maximum for day in cpu)
    if p95 >= limits.small_cpu_p95 or highest >= limits.small_cpu_maximum:
        return None
    reason = (
        f"For {len(cpu)} days the 95th percentile of its CPU was at most {percent(p95)} and the highest"
        f" {percent(highest)}, so {smaller} at half the price an hour would carry it."
        " Memory is not measured: look at it first."
    )
    numbers = _numbers(cpu) | {"new_size": smaller}
    title = f"Halve oversized machine {resource.name} ({resource.size} to {smaller})"
    return case.finding(RecommendationType.RIGHTSIZE_MACHINE, title, reason, numbers=numbers)


def _unattached(case: _Case) -> Finding | None:
    resource, since = case.resource, case.since("state_since", "seen_since")
    if (resource.resource_type, resource.state) != ("disk", "unattached") or since is None:
        return None
    days = (case.today - since).days
    if days < case.limits.unattached_days:
        return None
    reason = f"Attached to nothing for at least {days} days (since {since:%-d %b %Y}), and paid for every day."
    title = f"Delete unattached disk {resource.name} ({resource.size})"
    numbers = {"unattached_since": since.isoformat(), "days": days}
    return case.finding(RecommendationType.DELETE_UNATTACHED_DISK, title, reason, numbers=numbers)


def _machineless(case: _Case, since: date | None) -> str:
    """Say since when an address belongs to no machine, by the provider or by our own inventories, if that is known."""
    if since is not None:
        return f"has belonged to no machine since {since:%-d %b %Y}"
    seen = case.since("seen_since")
    known = seen is not None and seen < case.today
    return f"has belonged to no machine since {seen:%-d %b %Y} or longer" if known else "belongs to no machine"


def _address(case: _Case) -> Finding | None:
    # Most providers do not say since when; then only a change that our own inventories saw speaks against it.
    resource, since = case.resource, case.since("state_since")
    if (resource.resource_type, resource.state) != ("address", "unattached"):
        return None
    if since is not None and (case.today - since).days < case.limits.unattached_days:
        return None
    reason = f"The address {resource.name} {_machineless(case, since)}, and is paid for every hour."
    numbers = {"unattached_since": since.isoformat() if since else None}
    address = resource.metadata.get("address")
    title = f"Release idle address {resource.name}" + (f" ({address})" if address else "")
    return case.finding(RecommendationType.RELEASE_IDLE_ADDRESS, title, reason, numbers=numbers)
