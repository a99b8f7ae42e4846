"""Resources as JSON's values: amounts are text, never floats; measurements are numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from finops.money import EXACT, Money
from finops.prices import BilledRate, Price
from finops.utilization import Profile
from jobs.resources.held import Held, Listing, Portrait
from storage.holdings import Rate


def listing(found: Listing) -> dict[str, Any]:
    """Return resources, how many there are, and what all of them cost."""
    return {
        "count": found.count,
        "cost": _amounts(found.costs),
        "days": found.days and {"start": str(found.days.start), "end": str(found.days.end)},
        "resources": [_held(one) for one in found.shown],
    }


def _amounts(costs: Sequence[Money]) -> dict[str, str]:
    return {money.currency: f"{money.amount:f}" for money in costs}


def _held(one: Held) -> dict[str, Any]:
    thing = one.resource
    return {
        "key": str(thing.key),
        "provider": thing.provider,
        "resource_id": thing.resource_id,
        "type": thing.resource_type,
        "name": thing.name,
        "account_id": thing.sub_account_id,
        "account": one.account,
        "region": thing.region,
        "state": thing.state,
        "size": thing.size,
        "created_at": thing.created_at.isoformat(),
        "attached_to": thing.attached_to,
        "tags": thing.tags,
        "listed_at": one.seen and one.seen.isoformat(),
        "closed_at": one.closed and one.closed.isoformat(),
        "cost": _amounts(one.costs),
        "utilization": {metric: _without_metric(asdict(each)) for metric, each in one.used.items()},
    }


def _without_metric(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "metric"}


def portrait(found: Portrait) -> dict[str, Any]:
    """Return everything that is kept of one resource."""
    days = [{**_without_metric(asdict(one)), "metric": one.metric, "day": str(one.day)} for one in found.daily]
    for one in days:
        del one["hours"], one["resource_id"]
    return {
        **_held(found.held),
        "metadata": found.held.resource.metadata,
        "cost_days": found.days and {"start": str(found.days.start), "end": str(found.days.end)},
        "list_price": found.listed and _listed(found.listed),
        "billed_rate": found.billed and _billed(found.billed),
        "counts": "billed_rate" if found.billed else "list_price" if found.listed else None,
        "rates": [_rate(one) for one in found.rates],
        "days": days,
        "weeks": [_week(one) for one in found.weeks],
        "recommendations": [
            {
                "id": str(one.id),
                "type": one.recommendation_type,
                "title": one.title,
                "reason": one.reason,
                "state": one.state.value,
                "potential_savings": f"{one.potential_savings:f}",
                "currency": one.currency,
            }
            for one in found.advice
        ],
    }


def _listed(one: Price) -> dict[str, Any]:
    amount = None if one.on_demand is None else f"{one.on_demand:f}"
    told = {"currency": one.currency, "unit": one.unit, "valid_from": str(one.valid_from), "source": one.source}
    return {"on_demand": amount, **told}


def _billed(one: BilledRate) -> dict[str, Any]:
    return {"rate": f"{one.rate:f}", "currency": one.currency, "first": str(one.first), "last": str(one.last)}


def _rate(one: Rate) -> dict[str, Any]:
    rate = EXACT.divide(one.cost, one.quantity)
    amounts = {"quantity": f"{one.quantity:f}", "cost": f"{one.cost:f}", "rate": f"{rate:f}"}
    return {"sku": one.sku, "unit": one.unit, "currency": one.currency, **amounts}


def _week(one: Profile) -> dict[str, Any]:
    means = [mean if count else None for mean, count in zip(one.means, one.counts, strict=True)]
    return {"metric": one.metric, "through": str(one.through), "means": means, "weeks": list(one.counts)}
