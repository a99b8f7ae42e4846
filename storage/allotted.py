"""Questions to the ledger by team, owner or whatever `allocation.yaml` has rules for: those decide, not the tag."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from sqlalchemy.orm import Session

from finops import allotted
from finops.allocation import Rule, needed
from finops.allotted import Rules, Weights
from finops.focus import Metric
from finops.periods import Period
from storage import allocation, charges
from storage.charges import EMPTY, Asked, CostSum
from storage.selecting import TAG
from storage.settings import settings

ALSO = {"tag:env": ("env", "environment"), "tag:environment": ("environment", "env")}
"""A name that people shorten."""


def rules(words: Sequence[str]) -> dict[str, tuple[Rule, ...]]:
    """Return the rules of those words that the file has rules for. Raises BadSettingError.

    `by team` and `by tag:team` are the same question, so its answer never contradicts `costs allocation team`.
    """
    if not any(word.startswith(TAG) for word in words):
        return {}
    known = allocation.named(settings().home)
    found = {word: next((name for name in _names(word) if name in known), None) for word in dict.fromkeys(words)}
    return {word: allocation.rules(settings().home, name) for word, name in found.items() if name}


def _names(word: str) -> Sequence[str]:
    return ALSO.get(word, (word.removeprefix(TAG),)) if word.startswith(TAG) else ()


def sums(
    session: Session,
    *,
    period: Period,
    group_by: Sequence[str] = (),
    shared_over: Period | None = None,
    **asked: Unpack[Asked],
) -> list[CostSum]:
    """Sum as `charges.sums` does, but words that have rules by those. Largest first.

    What is shared is split by what each costs over `shared_over`, or else over the period, whatever `where` leaves out.
    Raises UnknownWordError, BadSettingError.
    """
    return beside(session, periods=(period,), group_by=group_by, shared_over=shared_over, **asked)[0]


def beside(
    session: Session,
    *,
    periods: Sequence[Period],
    group_by: Sequence[str] = (),
    shared_over: Period | None = None,
    **asked: Unpack[Asked],
) -> list[list[CostSum]]:
    """Sum as `charges.beside` does, but words that have rules by those."""
    where = asked.get("where", EMPTY)
    told = rules((*group_by, *where))
    looked_at = [word for each in told.values() for word in needed(each)]
    by = list(dict.fromkeys([*(word for word in group_by if word not in told), *looked_at]))
    asked["where"] = {word: values for word, values in where.items() if word not in told}
    found = charges.beside(session, periods=periods, group_by=by if told else group_by, **asked)
    if not told:
        return found
    owners = {word: values for word, values in where.items() if word in told}
    whole = []
    shares = {
        period: _shares(session, told, period, asked) for period in ({shared_over} if shared_over else set(periods))
    }
    for period, each in zip(periods, found, strict=True):
        split = shares[shared_over or period]
        rows = allotted.allotted(told, ((one.key, one.cost) for one in each), split, by=group_by, where=owners)
        ranked = sorted(rows.items(), key=lambda row: -row[1])
        whole.append([CostSum(dict(zip(group_by, key, strict=True)), cost) for key, cost in ranked])
    return whole


def _shares(session: Session, told: Rules, period: Period, asked: Asked) -> dict[str, Weights]:
    whole: Asked = {"currency": asked["currency"], "metric": asked.get("metric", Metric.EFFECTIVE)}
    shares: dict[str, Weights] = {}
    for word, each in told.items():
        if allotted.pooled(each):
            all_costs = charges.sums(session, period=period, group_by=needed(each), **whole)
            shares[word] = allotted.shared(each, ((one.key, one.cost) for one in all_costs))
    return shares
