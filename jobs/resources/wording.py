"""Resources in words, for a terminal: what others named is made harmless, and cut where it is long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from finops import used
from finops.foreign import plain, shortened
from finops.money import EXACT, Money
from finops.periods import Period
from finops.resources import DailyUtilization, Resource
from jobs.resources.held import COST_DAYS, Held, Listing, Portrait
from storage.holdings import Rate

ID, NAME, TAGS = 8, 60, 4
"""Letters of a key, letters of a name, and how many tags a list shows."""
INDENT = " " * (ID + 2)
DIGITS = 6
"""Of a rate that count: more than a price list has."""
COLUMNS = {
    "min": "minimum",
    "mean": "mean",
    "P50": "p50",
    "P95": "p95",
    "P99": "p99",
    "P99.5": "p995",
    "max": "maximum",
}


def lines(found: Listing) -> Iterator[str]:
    """Tell resources in two lines each, then how many there are."""
    for one in found.shown:
        yield from _listed(one)
    if found.count:
        some = f"{len(found.shown):,} of " if len(found.shown) < found.count else ""
        noun = "resource" if found.count == 1 else "resources"
        more = f"; --top {found.count} shows all" if some else ""
        cost = f": {_amounts(found.costs)} in {found.days}" if found.days and found.costs else ""
        yield f"{some}{found.count:,} {noun}{cost}{more}"
    else:
        yield "No inventory listed such a resource. `costs run collect` asks the clouds; --all shows what is gone, too."


def _listed(one: Held) -> Iterator[str]:
    thing = one.resource
    where = f"{thing.provider} {shortened(thing.region, NAME)}, {shortened(one.account, NAME)}"
    state = "closed" if one.closed else shortened(thing.state, NAME)
    what = [thing.resource_type, _called(thing), state, shortened(thing.size, NAME), where]
    yield f"{str(thing.key)[:ID]}  {'  '.join(part for part in what if part)}"
    told = [f"{_amounts(one.costs)} in {COST_DAYS} days" if one.costs else "no cost known", used.words(one.used)]
    told += [f"since {thing.created_at:%Y-%m-%d}"]
    told += [f"attached to {shortened(thing.attached_to, NAME)}"] if thing.attached_to else []
    told += [_tags(thing.tags, TAGS)]
    yield f"{INDENT}{'; '.join(part for part in told if part)}"


def _called(thing: Resource) -> str:
    name, own = shortened(thing.name, NAME), shortened(thing.resource_id.rsplit("/", 1)[-1], NAME)
    return f"{name} ({own})" if name and name != own else own


def _tags(tags: Mapping[str, object], most: int | None = None) -> str:
    each = [f"{shortened(key, NAME)}={shortened(str(value), NAME)}" for key, value in sorted(tags.items())]
    rest = len(each) - most if most is not None and len(each) > most else 0
    return " ".join([*each[:most], *([f"and {rest} more tags"] if rest else [])])


def _amounts(costs: Sequence[Money]) -> str:
    return " + ".join(str(money) for money in costs)


def portrait(found: Portrait) -> Iterator[str]:
    """Tell everything that is kept of one resource."""
    thing, held = found.held.resource, found.held
    yield f"{_called(thing)}: {thing.resource_type} in {plain(thing.region)}"
    own = f"{thing.provider} {plain(thing.sub_account_id)}"
    called = plain(held.account)
    facts = {
        "key": str(thing.key),
        "resource": plain(thing.resource_id),
        "account": own if called == plain(thing.sub_account_id) else f"{own} ({called})",
        "size": plain(thing.size),
        "state": _state(held),
        "created" if held.seen else "first on a bill": f"{thing.created_at:%Y-%m-%d}",
        "attached to": plain(thing.attached_to or ""),
        "tags": _tags(thing.tags),
        "last listed": _moment(held.seen) if held.seen else "by no inventory; a bill names it",
        "cost": f"{_amounts(held.costs)} in {found.days}" if held.costs and found.days else "none known",
        "used": used.words(held.used) or "nothing was measured",
    }
    yield from (f"  {name:<16}{value}" for name, value in facts.items() if value)
    yield from _prices(found)
    yield from _charged(found.rates, found.days)
    yield from _measured(found)
    yield from _advice(found)


def _state(held: Held) -> str:
    since = held.resource.metadata.get("state_since")
    state = plain(held.resource.state) + (f", since {plain(str(since))[:10]}" if since and held.resource.state else "")
    return f"closed: gone on {_moment(held.closed)}; before, {state}" if held.closed else state


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _prices(found: Portrait) -> Iterator[str]:
    thing = found.held.resource
    if not found.listed and not found.billed:
        return
    yield f"Price of {plain(thing.size)} in {plain(thing.region)}, on demand"
    if found.billed:
        one = found.billed
        yield f"  your own bill   {_rate(one.rate)} {one.currency} an hour, {one.first} to {one.last}: this one counts"
    if found.listed and found.listed.on_demand is not None:
        says = f"says {plain(found.listed.source)}, from {found.listed.valid_from}"
        counts = "" if found.billed else ": it counts, your bill has no rate of its own"
        unit = f"{found.listed.currency} an {plain(found.listed.unit)}"
        yield f"  list price      {_rate(found.listed.on_demand)} {unit}, {says}{counts}"


def _charged(rates: Sequence[Rate], days: Period | None) -> Iterator[str]:
    if rates and days:
        yield f"What your bill charged for it, {days}: effective rates"
    for one in rates:
        rate = _rate(EXACT.divide(one.cost, one.quantity))
        unit = plain(one.unit) or "unit"
        cost = Money(one.cost, one.currency)
        sku = shortened(one.sku, NAME) or "no SKU"
        yield f"  {cost!s:>14}  {rate} {one.currency} per {unit}, {_rate(one.quantity)} of {sku}"


def _rate(value: Decimal) -> str:
    """Show six digits that count, without an exponent."""
    if not value:
        return "0"
    places = max(DIGITS - 1 - value.adjusted(), 0)
    return f"{round(value, places).normalize():,f}"


def _measured(found: Portrait) -> Iterator[str]:
    weeks = {one.metric: one for one in found.weeks}
    for metric in sorted({one.metric for one in found.daily} | weeks.keys()):
        days = [one for one in found.daily if one.metric == metric]
        yield f"{used.called(metric)} by the day"
        yield from _sums(days) if metric in used.SUMS else _percentiles(days)
        if metric in weeks:
            yield f"{used.called(metric)} in a usual week, by the hour of UTC, through {weeks[metric].through}"
            yield from (f"  {line}" for line in used.week(weeks[metric]))


def _sums(days: Sequence[DailyUtilization]) -> Iterator[str]:
    yield from (f"  {one.day}  {used.shown(one.metric, one.mean):>9}" for one in days)


def _percentiles(days: Sequence[DailyUtilization]) -> Iterator[str]:
    yield f"  {'':10}" + "".join(f"{name:>9}" for name in COLUMNS)
    for one in days:
        values = [getattr(one, name) for name in COLUMNS.values()]
        cells = (used.shown(one.metric, value) if value is not None else "" for value in values)
        yield f"  {one.day}" + "".join(f"{cell:>9}" for cell in cells)


def _advice(found: Portrait) -> Iterator[str]:
    yield "What could be saved" if found.advice else "Nothing to save on it is known."
    for one in found.advice:
        saving = Money(one.potential_savings, one.currency)
        yield f"  {saving!s:>14} a month  {one.state.value}  {plain(one.title)}: {plain(one.reason)}"
