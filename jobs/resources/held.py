"""Resources with all that is kept of them, gathered from inventory, ledger, measurements, prices and advice."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from finops import trend
from finops.errors import CostsError, UnknownWordError
from finops.foreign import shortened
from finops.money import Money
from finops.periods import ONE_DAY, Period
from finops.prices import BilledRate, Price
from finops.resources import DailyUtilization, Resource
from finops.used import Summary
from finops.utilization import Profile
from jobs.prices import snapshot
from storage import accounts, charges, holdings, prices, profiles, resources
from storage.database import transaction
from storage.holdings import Rate, Wanted
from storage.models import CloudResource, Recommendation

COST_DAYS, USED_DAYS = 30, 14
"""Complete days of the ledger that a monthly cost is of; measured days that use is summed up over, as rules do."""
LIST = "`costs resources` lists what there is"


@dataclass(frozen=True, slots=True)
class Held:
    """One resource, what it cost and how much of it was used."""

    resource: Resource
    account: str
    """As people call it."""
    seen: datetime | None
    """When an inventory last listed it; nothing where only a bill names it."""
    closed: datetime | None
    costs: Sequence[Money] = ()
    """Effective cost of the last 30 complete days, by currency, the largest first."""
    used: Mapping[str, Summary] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listing:
    """Some of the resources that were asked for, the dearest first, and what all of them cost."""

    shown: Sequence[Held]
    count: int
    costs: Sequence[Money]
    days: Period | None
    """Of what the costs are; nothing without a ledger."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """One resource and everything that is kept of it."""

    held: Held
    days: Period | None
    daily: Sequence[DailyUtilization]
    weeks: Sequence[Profile]
    listed: Price | None
    """What a price list says of its size in its region."""
    billed: BilledRate | None
    """What one's own bill says of the same, which counts before any list."""
    rates: Sequence[Rate]
    """What the bill charged this very resource."""
    advice: Sequence[Recommendation]


def find(wanted: Wanted, *, top: int | None = None) -> Listing:
    """Return the resources that are wanted. Raises UnknownWordError for a value that none of them has."""
    with transaction() as session:
        wanted = _named(session, wanted)
        rows = holdings.find(session, wanted)
        days = _days(session)
        costs = holdings.costs(session, days) if days else {}
        nothing = [Money(Decimal(0), "")]
        rows.sort(key=lambda row: (-costs.get(row.id, nothing)[0].amount, row.name or row.resource_id, str(row.id)))
        chosen = rows[:top]
        called = accounts.labels(session)
        used = holdings.used(session, USED_DAYS, [row.id for row in chosen])
        shown = [replace(_held(row, called), costs=costs.get(row.id, ()), used=used.get(row.id, {})) for row in chosen]
        return Listing(shown, len(rows), _total(costs[row.id] for row in rows if row.id in costs), days)


def one(text: str) -> Portrait:
    """Return the resource whose id, name or key begins so. Raises UnknownWordError, and CostsError for several."""
    with transaction() as session:
        row = _meant(session, text.strip())
        days = _days(session)
        costs = holdings.costs(session, days, [row.id]).get(row.id, ()) if days else ()
        used = holdings.used(session, USED_DAYS, [row.id]).get(row.id, {})
        held = replace(_held(row, accounts.labels(session)), costs=costs, used=used)
        at = days.end - ONE_DAY if days else datetime.now(UTC).date()
        snapshot.ensure(session)
        where = (row.provider, row.region, row.size or "")
        return Portrait(
            held,
            days,
            _daily(session, row),
            profiles.load(session, [row.id]).get(row.id, ()),
            prices.listed(session, *where, at) if row.size else None,
            prices.billed(session, *where, at) if row.size else None,
            holdings.rates(session, row.id, days) if days else (),
            holdings.advice(session, [row.id]),
        )


def _named(session: Session, wanted: Wanted) -> Wanted:
    """Return what is wanted with accounts by their ids, each value one that there is. Raises UnknownWordError."""
    called = accounts.ids(session)
    given = wanted.columns.get("account", ())
    numbers = [key for value in given for key in called.get(value.casefold(), (value,))]
    wanted = replace(wanted, columns={**wanted.columns, "account": numbers})
    asked = {name: values for name, values in wanted.columns.items() if values}
    if wanted.tags:
        asked["tag"] = [key for key, _ in wanted.tags]
    for name, values in asked.items():
        there = holdings.known(session, name, closed=wanted.closed)
        alike = {value.casefold(): value for value in there}
        for value in values:
            odd = value not in there if name == "tag" else value.casefold() not in alike
            if odd:
                raise _unknown(name, value, there)
    return wanted


def _unknown(name: str, value: str, there: Sequence[str]) -> CostsError:
    if not there:
        return CostsError(f"No inventory listed anything with a {name} yet: `costs run collect` asks the clouds.")
    close = difflib.get_close_matches(value, there, n=1, cutoff=0.5)
    return UnknownWordError(value[:60], close[0] if close else None, f"--{name} {(close or there)[0]}")


def _meant(session: Session, text: str) -> CloudResource:
    found = holdings.named(session, text) if text else []
    if not found:
        raise UnknownWordError(text[:60], None, f"{LIST}; --all also what is gone.")
    if len(found) > 1:
        few = ", ".join(f"{str(row.id)[:8]} ({shortened(row.name or row.resource_id, 40)})" for row in found[:3])
        more = ", …" if len(found) > 3 else ""  # noqa: PLR2004  as many as are named
        message = f"“{text[:60]}” may be several: {few}{more}. Give more letters, or one of these ids."
        raise CostsError(message)
    return found[0]


def _held(row: CloudResource, called: Mapping[str, str]) -> Held:
    account = row.sub_account_id or ""
    return Held(resources.of_row(row), called.get(account, account), row.inventoried_at, row.closed_at)


def _days(session: Session) -> Period | None:
    """Return the complete days that a monthly cost is of; nothing if no bill was read."""
    settled = charges.settled_through(session)
    return Period.last_days(COST_DAYS, trend.complete_through(settled) + ONE_DAY) if settled else None


def _daily(session: Session, row: CloudResource) -> Sequence[DailyUtilization]:
    """Return the newest measured days of each metric."""
    every = resources.utilization(session, Period(date.min, date.max), [row.id]).get(row.id, [])
    last = max((each.day for each in every), default=None)
    return [each for each in every if last and (last - each.day).days < USED_DAYS]


def _total(costs: Iterable[Sequence[Money]]) -> list[Money]:
    sums: dict[str, Money] = {}
    for each in costs:
        for money in each:
            sums[money.currency] = sums[money.currency] + money if money.currency in sums else money
    return sorted(sums.values(), key=lambda money: (-money.amount, money.currency))
