"""The tables of an event's page: what explains it, the largest of what it is made of, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from finops.anomalies.causes import Part
from finops.anomalies.results import AnomalyResult
from finops.anomalies.words import WHAT, once
from finops.money import EXACT, Money, total
from finops.tables import Cell, Change, Percent, Table, Titled

REST = "everything else"
SHOWN = 8
CENT = Decimal("0.01")


def causes(result: AnomalyResult) -> Table:
    """Show each cause with its money a day and its share, and what is left, so that it adds up to the excess."""
    rows = [
        (Titled(one.name, one.why), *_amounts(one.expected, one.actual, result.currency), Percent(one.share, digits=0))
        for one in result.causes
    ]
    rest = _rest(result)
    if any(abs(amount) >= CENT for amount in rest):
        rows.append((Titled(REST, ""), *_amounts(*rest, result.currency), Percent(1 - result.explained, digits=0)))
    return Table(("What explains it, a day", "Before", "Now", "Change", "Share"), rows)


def _rest(result: AnomalyResult) -> tuple[Decimal, Decimal]:
    """Return what everything else was expected to cost, and what it did."""
    expected = EXACT.subtract(result.expected, total(one.expected for one in result.causes))
    return expected, EXACT.subtract(result.actual, total(one.actual for one in result.causes))


def _amounts(before: Decimal, now: Decimal, currency: str) -> tuple[Money, Money, Change]:
    return Money(before, currency), Money(now, currency), Change(Money(EXACT.subtract(now, before), currency))


def largest(parts: Sequence[Part], currency: str) -> Table:
    """Show the resources and SKUs whose cost moved most."""
    summed: dict[tuple[str, ...], tuple[Decimal, Decimal]] = {}
    for part in parts:
        known = dict(part.values)
        key = tuple(known.get(name, "") for name in (*WHAT[:2], "region"))
        before, now = summed.get(key, (Decimal(0), Decimal(0)))
        summed[key] = (EXACT.add(before, part.expected), EXACT.add(now, part.actual))
    ranked = sorted(summed.items(), key=lambda one: (-abs(EXACT.subtract(one[1][1], one[1][0])), one[0]))
    rows = [(Titled(*_titles(*key)), *_amounts(*each, currency)) for key, each in ranked[:SHOWN] if each[0] != each[1]]
    return Table(("What moved most, a day", "Before", "Now", "Change"), rows)


def _titles(resource: str, sku: str, region: str) -> tuple[str, str]:
    """Return what it is, and beneath it of what kind and where."""
    where = region if region not in sku else ""
    known = [one for one in (resource, sku, where) if one]
    return (known[0], ", ".join(known[1:])) if known else (REST, "")


def money(result: AnomalyResult) -> Table:
    """Show what it costs: so far, of late, and a month if it stays."""
    way = "Above" if result.excess > 0 else "Below"
    stays = "A month, if it stays as in its last week" if result.lasts else "A month, had it stayed"
    rows: list[tuple[str, Cell]] = [
        (f"{way} expected so far, in {result.days.days} days", Money(abs(result.so_far), result.currency)),
        (f"{way} expected a day, mean of these days", Money(abs(result.excess), result.currency)),
        (stays, Money(abs(result.monthly), result.currency)),
    ]
    if result.months:
        rows.append((f"By its own past such an event comes {once(result.months)}", ""))
    return Table(("What it costs", ""), rows)
