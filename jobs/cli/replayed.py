"""A replayed rule as people read it in a terminal, and as JSON: what it would have told, and what that changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from finops.anomalies.feedback import Verdict
from finops.anomalies.replay import Sum, Told, summed
from finops.foreign import plain
from finops.money import Money
from finops.tables import days, percent
from jobs.anomalies.replay import Replayed

LARGEST = 10
"""Events that are listed of each kind."""


def lines(one: Replayed) -> list[str]:
    """Return what a person decides by: how many a month, what they cost, and what is new or missed."""
    found = one.found
    if not (found.series or found.missed):
        return [f"Rule “{plain(one.rule.name)}” decides on no series: none fits it, or rules before it fit them all."]
    whole = summed(found.told)
    over = f"{days(found.period)} on {_count(found.series, 'series', 'series')} in {one.currency}"
    cost = f"{_money(whole.above, one)} above and {_money(whole.below, one)} below what was expected"
    told = [
        f"Rule “{plain(one.rule.name)}”: {_asked(one)}.",
        f"Replayed over {over}: {_count(whole.events, 'event', 'events')}, {found.a_month:.1f} a month; {cost}.",
        f"Against the rules as they are: {len(found.new)} new, {len(found.missed)} missed.",
        "",
        f"{'MONTH':<9}{'EVENTS':>7}{'ABOVE':>15}{'BELOW':>15}{'EXPECTED':>10}{'REAL':>6}{'FIXED':>7}",
        *(_row(f"{month.start:%Y-%m}", each, one) for month, each in found.months().items()),
        _row("in all", whole, one),
    ]
    for title, events in (("The largest", found.told), ("New", found.new), ("Missed", found.missed)):
        told += _listed(title, events, one)
    return told


def _asked(one: Replayed) -> str:
    if one.rule.ignore:
        return "nothing is told of its series"
    kinds = ", ".join(one.rule.kinds) or "all kinds"
    way = {None: "up and down", "up": "up only", "down": "down only"}[one.rule.direction]
    wanted = one.wanted
    return (
        f"{kinds}, {way}; {wanted.rate.normalize():f} false alarms a month and series, at least "
        f"{percent(wanted.share)} of its level and {_money(wanted.amount, one)} a day"
    )


def _count(number: int, single: str, several: str) -> str:
    return f"{number:,} {single if number == 1 else several}"


def _row(name: str, each: Sum, one: Replayed) -> str:
    said = each.verdicts
    amounts = f"{_money(each.above, one):>15}{_money(each.below, one):>15}"
    verdicts = f"{said[Verdict.EXPECTED]:>10}{said[Verdict.REAL]:>6}{said[Verdict.FIXED]:>7}"
    return f"{name:<9}{each.events:>7}{amounts}{verdicts}"


def _listed(title: str, events: Sequence[Told], one: Replayed) -> Iterator[str]:
    if not events:
        return
    shown = sorted(events, key=lambda told: -abs(told.so_far))[:LARGEST]
    yield ""
    yield f"{title}{f', {LARGEST} of {len(events)}' if len(events) > LARGEST else ''}:"
    for told in shown:
        event = told.event
        way = "above" if event.excess > 0 else "below"
        said = f", {told.verdict}" if told.verdict else ""
        yield (
            f"  {days(event.days)}: {told.scope.name(one.called)}, {event.kind}, "
            f"{_money(abs(told.so_far), one)} {way} expected{said}"
        )


def _money(amount: Decimal, one: Replayed) -> str:
    return str(Money(amount, one.currency))


def values(one: Replayed) -> dict[str, Any]:
    """Return the same for scripts; amounts as text."""
    found, wanted = one.found, one.wanted
    return {
        "rule": one.rule.model_dump(mode="json", exclude_defaults=True),
        "currency": one.currency,
        "from": str(found.period.start),
        "until": str(found.period.end),
        "series": found.series,
        "rate": str(wanted.rate),
        "share": str(wanted.share),
        "amount": str(wanted.amount),
        "a_month": round(found.a_month, 2),
        "all": _sum(summed(found.told)),
        "months": {f"{month.start:%Y-%m}": _sum(each) for month, each in found.months().items()},
        "events": [_event(told, one) for told in found.told],
        "new": [_event(told, one) for told in found.new],
        "missed": [_event(told, one) for told in found.missed],
    }


def _sum(each: Sum) -> dict[str, Any]:
    said = {verdict.value: count for verdict, count in each.verdicts.items()}
    return {"events": each.events, "above": str(each.above), "below": str(each.below), **said}


def _event(told: Told, one: Replayed) -> dict[str, Any]:
    event = told.event
    return {
        "scope": told.scope.model_dump(mode="json", exclude_none=True),
        "name": told.scope.name(one.called),
        "from": str(event.days.start),
        "until": str(event.days.end),
        "kind": event.kind.value,
        "excess": str(event.excess),
        "so_far": str(told.so_far),
        "lasts": event.lasts,
        "verdict": told.verdict.value if told.verdict else None,
    }
