"""An answer in words: what a notification, a message and the command line say alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from bot.answers import ONCE, CostAnswer
from finops.allocation import TAG
from finops.digests import movers, signed
from finops.focus import Metric
from finops.foreign import plain
from finops.money import Money, share
from finops.periods import ONE_DAY, Period
from finops.tables import PROVIDERS, dated, percent

OWNING = frozenset({"team", "owner"})
METRICS = {Metric.BILLED: "Billed", Metric.LIST: "At list prices", Metric.CONTRACTED: "At contracted prices"}


def headline(found: CostAnswer) -> str:
    """Say the whole answer in a sentence that reads well in a notification: whose costs, how much, when, the change."""
    what = f"{METRICS.get(found.question.metric, 'Spent')} {Money(found.total, found.currency)}"
    text = f"{what if found.rows else 'No charges'} {_when(found)}{_change(found)}"
    if found.landing is not None:
        text += f"; the month is heading for {Money(found.landing, found.currency)}"
    return f"{found.about}: {text[0].lower()}{text[1:]}." if found.about else f"{text}."


def _when(found: CostAnswer) -> str:
    """Name the days; where bills begin within them, only those that are known, and that they do."""
    first = found.first if found.rows else found.start
    text = dated(Period(first, found.end))
    begins = found.since is not None and found.start < found.since
    return f"{text} (bills begin {_day(found.since)})" if begins and found.since else text


def _change(found: CostAnswer) -> str:
    """Say the change, unless one of both is not wholly known."""
    if found.unsettled and not found.rows:
        return f" yet: bills are complete through {_day(found.through)}"
    if found.unsettled:
        return ", not complete yet"
    if not found.previous or not found.comparable:
        return ""
    change = Money(found.total, found.currency) - Money(found.previous, found.currency)
    percent = change.amount / abs(found.previous) * 100
    sign = "+" if change.amount >= 0 else ""
    before_year, year = (found.before_end - ONE_DAY).year, (found.end - ONE_DAY).year
    against = _days(found.before_start, found.before_end) + (f" {before_year}" if before_year != year else "")
    return f", {sign}{change} ({sign}{percent:.1f} %) against {against}"


def _days(start: date, end: date) -> str:
    """Name days as a person does; a year is said where another one would be thought of."""
    last = end - ONE_DAY
    first = f"{start:%-d %b}" if start.year == last.year else _day(start)
    return f"{last:%-d %b}" if start == last else f"{first} to {last:%-d %b}"


def _day(day: date) -> str:
    return f"{day:%-d %b %Y}"


def movers_line(found: CostAnswer) -> str:
    """Name what changed most."""
    if found.unsettled or not (found.rows or found.movers):
        return ""
    if found.comparable and _is_whole(found):
        return f"{apart}." if (apart := _apart(found)) else ""
    if not found.comparable:
        return "Bills do not reach back far enough to compare this with the time before."
    return _beside_rows(found) if found.in_rows else _by_service(found)


def _beside_rows(found: CostAnswer) -> str:
    """Name the rows that changed most: fees and the like are in them."""
    told = movers(found.movers, found.currency)
    if apart := _apart(found):
        return f"{apart}. {told}".strip()
    return f"{told} {_capital(ONCE)} in that: {signed(Money(found.once, found.currency))}." if found.once else told


def _by_service(found: CostAnswer) -> str:
    """Name the services whose usage changed most, fees and the like as one part beside them."""
    usage = [one for one in found.movers if one[0] != ONCE]
    text = movers(usage, found.currency, "largest changes of usage").rstrip(".")
    if apart := _apart(found):
        return f"{apart} ({text})." if text else f"{apart}."
    rest = [f"{name} {signed(Money(moved, found.currency))}" for name, moved in found.movers if name == ONCE]
    said = "; ".join(one for one in (text, *rest) if one)
    return f"{_capital(said)}." if said else ""


def _apart(found: CostAnswer) -> str:
    """Say how usage alone changed, where all else explains or hides most of that; nothing elsewhere."""
    change = Money(found.total, found.currency) - Money(found.previous, found.currency)
    once = Money(found.once or Decimal(0), found.currency)
    usage = change - once
    if not usage.amount or abs(once.amount) * 2 <= abs(change.amount):
        return ""
    way = "rose" if usage.amount > 0 else "fell"
    return f"Usage {way} by {Money(abs(usage.amount), found.currency)}; {ONCE} {signed(once)}"


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _is_whole(found: CostAnswer) -> bool:
    """Whether what changed most is all that was asked about: the headline has told its change."""
    if len(found.movers) != 1:
        return False
    named = {plain(one).casefold() for values in found.question.where.values() for one in values}
    alone = bool(found.question.group_by) and len(found.rows) == 1 and not found.others and found.question.page == 1
    return alone or (len(named) == 1 and found.movers[0][0].casefold() in named)


def freshness_line(found: CostAnswer) -> str:
    """Say how settled the figures are, and how much of them belongs to nobody."""
    note = " Some of these days are provisional and will still grow." if found.provisional else ""
    other = f" Other currencies in the ledger: {', '.join(found.other_currencies)}." if found.other_currencies else ""
    return f"{settled_line(found.settled_through)}{note}{other}{_unclaimed(found)}"


def _unclaimed(found: CostAnswer) -> str:
    """Say how much belongs to nobody."""
    if found.unclaimed is None:
        return ""
    tags = [name.removeprefix(TAG) for name in found.question.group_by if name.startswith(TAG)]
    other = next((plain(tag) for tag in tags if tag not in OWNING), None)  # of an environment nobody is the owner
    if not found.unclaimed:
        return f" All of it has a tag {other}." if other else " All of it belongs to someone."
    part = share(found.unclaimed, found.total)
    of_it = f", {percent(part, 1)} of it," if part is not None and 0 < part <= 1 else ""
    return (
        f" {Money(found.unclaimed, found.currency)}{of_it} {f'has no {other} tag' if other else 'belongs to nobody'}."
    )


def settled_line(settled: Mapping[str, date]) -> str:
    """Say until which day each provider's figures are complete."""
    each = (f"{PROVIDERS.get(name, plain(name))} {_day(day)}" for name, day in settled.items())
    return f"Settled through: {', '.join(each)}."
