"""An answer in words: what a notification, a message and the command line say alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot.answers import CostAnswer
from finops.digests import movers
from finops.focus import Metric
from finops.money import Money, share
from finops.periods import ONE_DAY
from finops.tables import percent


def headline(found: CostAnswer) -> str:
    """Say the whole answer in a sentence that reads well in a notification."""
    spent, before = Money(found.total, found.currency), Money(found.previous, found.currency)
    words = {Metric.BILLED: "Billed", Metric.LIST: "At list prices", Metric.CONTRACTED: "At contracted prices"}
    what = words.get(found.question.metric, "Spent")
    alone = found.end - found.start == ONE_DAY
    when = f"{'on' if alone else 'from'} {_days(found.start, found.end)} {found.end - ONE_DAY:%Y}"
    text = f"{what} {spent} {when}" if found.rows else f"No charges {when}"
    change = spent - before
    if found.previous and found.comparable:
        percent = change.amount / abs(found.previous) * 100
        sign = "+" if change.amount >= 0 else ""
        text += f", {sign}{change} ({sign}{percent:.1f} %) against {_days(found.before_start, found.before_end)}"
        before_year, year = (found.before_end - ONE_DAY).year, (found.end - ONE_DAY).year
        text += f" {before_year}" if before_year != year else ""
    if found.landing is not None:
        text += f"; the month is heading for {Money(found.landing, found.currency)}"
    return text + "."


def _days(start: date, end: date) -> str:
    """Name days as a person does; a year is said where another one would be thought of."""
    last = end - ONE_DAY
    first = f"{start:%-d %b}" if start.year == last.year else f"{start:%-d %b %Y}"
    return f"{last:%-d %b}" if start == last else f"{first} to {last:%-d %b}"


def movers_line(found: CostAnswer) -> str:
    """Name what changed most."""
    if not found.comparable:
        return f"There are too few days before {_days(found.start, found.end)} to compare with."
    return movers(found.movers, found.currency)


def freshness_line(found: CostAnswer) -> str:
    """Say how settled the figures are, and how much of them belongs to nobody."""
    note = " Some of these days are provisional and will still grow." if found.provisional else ""
    other = f" Other currencies in the ledger: {', '.join(found.other_currencies)}." if found.other_currencies else ""
    return f"{settled_line(found.settled_through)}{note}{other}{_unclaimed(found)}"


def _unclaimed(found: CostAnswer) -> str:
    """Say how much belongs to nobody."""
    if found.unclaimed is None:
        return ""
    if not found.unclaimed:
        return " All of it belongs to someone."
    part = share(found.unclaimed, found.total)
    of_it = f", {percent(part, 1)} of it," if part is not None and 0 < part <= 1 else ""
    return f" {Money(found.unclaimed, found.currency)}{of_it} belongs to nobody."


def settled_line(settled: Mapping[str, date]) -> str:
    """Say until which day each provider's figures are complete."""
    return f"Settled through: {', '.join(f'{name} {day}' for name, day in settled.items())}."
