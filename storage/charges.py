"""Questions to the ledger: sums by any dimension or tag, over any days, in one currency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, NotRequired, TypedDict, Unpack

from sqlalchemy import Numeric, Select, cast, func, select, text, true
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from finops.focus import Dimension, Metric
from finops.periods import ONE_DAY, Period
from storage import rollups
from storage.models import CostRecord, CostRollup, Delivery, DeliveryStatus, Source
from storage.remembered import Memory
from storage.selecting import TAG, Held, expression, figures, narrowed, of_ledger, of_rollups
from storage.settings import settings

ENDED = timedelta(days=31)
EMPTY: Mapping[str, Sequence[str]] = {}


@dataclass(frozen=True, slots=True)
class CostSum:
    """The cost of one group; `key` uses the words it was grouped by, days and months as ISO text."""

    key: dict[str, str | None]
    cost: Decimal


class Asked(TypedDict):
    """Which costs are asked for: what one who asks the ledger hands on to the next."""

    currency: str
    metric: NotRequired[Metric]
    """Effective cost by default."""
    where: NotRequired[Mapping[str, Sequence[str]]]
    """Values of `Dimension` or `tag:KEY`; an empty text asks for charges that lack the dimension."""
    state: NotRequired[str | None]
    """The ledger's, of which `standing` tells: what was asked of the ledger in it before is remembered."""


def sums(session: Session, *, period: Period, group_by: Sequence[str] = (), **asked: Unpack[Asked]) -> list[CostSum]:
    """Sum the charges of the days of `period`, largest first, by values of `Dimension` or `tag:KEY`.

    Raises UnknownWordError.
    """
    return beside(session, periods=(period,), group_by=group_by, **asked)[0]


def beside(
    session: Session, *, periods: Sequence[Period], group_by: Sequence[str] = (), **asked: Unpack[Asked]
) -> list[list[CostSum]]:
    """Sum as `sums` does, each period apart, by one reading: what is compared is of one moment, and costs half."""
    if unknown := asked.keys() - Asked.__annotations__.keys():  # no page may tell costs that were not narrowed down
        message = f"the ledger is not asked by {', '.join(sorted(unknown))}"
        raise TypeError(message)

    def read() -> list[list[CostSum]]:
        return _read(session, periods, group_by, **asked)

    state = asked.pop("state", None)
    if state is None:
        return read()
    filters = tuple(sorted((word, tuple(sorted(values))) for word, values in asked.get("where", EMPTY).items()))
    key = (state, tuple(periods), asked["currency"], asked.get("metric"), tuple(group_by), filters)
    return [list(one) for one in _ASKED.get(key, read)]


def _read(
    session: Session, periods: Sequence[Period], group_by: Sequence[str], **asked: Unpack[Asked]
) -> list[list[CostSum]]:
    where = asked.get("where", EMPTY)
    words = [*group_by, *where]
    keys = [word.removeprefix(TAG) for word in words if word.startswith(TAG)]
    whole = Period(min(one.start for one in periods), max(one.end for one in periods))
    cube = rollups.cube(session, (word for word in words if not word.startswith(TAG)), whole, tags=keys)
    held: Held = CostRecord if cube is None else CostRollup
    blocks = [] if cube is None else [rollups.blocks(one, words) for one in periods]
    rows = of_ledger(words, periods) if cube is None else of_rollups(cube, blocks, keys)
    if Dimension.SOURCE in words:
        rows = rows.outerjoin(Source, Source.id == held.source_id)
    wanted = figures(asked.get("metric", Metric.EFFECTIVE), periods, blocks)
    groups = [expression(word, held) for word in group_by]
    statement = rows.add_columns(*groups, *(each for one in wanted for each in (one.cost, one.charges)))
    statement = statement.where(held.billing_currency == asked["currency"]).group_by(*groups)
    for word, values in where.items():
        statement = statement.where(narrowed(expression(word, held), values))
    found = session.execute(statement).all()
    return [_ranked(found, group_by, len(groups) + 2 * place) for place in range(len(periods))]


def _ranked(rows: Sequence[Sequence[Any]], words: Sequence[str], place: int) -> list[CostSum]:
    """Read the sums of one period, whose cost and count stand at a place; where no charge is left there is no sum."""
    there = [row for row in rows if row[place] is not None and row[place + 1]]
    found = [CostSum(dict(zip(words, row, strict=False)), row[place]) for row in there]
    return sorted(found, key=lambda one: -one.cost)


_ASKED: Memory[list[list[CostSum]]] = Memory()


@dataclass(frozen=True, slots=True)
class Standing:
    """How the ledger stands: what every answer says of itself, read at once."""

    settled: dict[str, date]
    """The last complete day of each provider, as `settled_through` tells it."""
    currencies: tuple[str, ...]
    """The one with most cost first."""
    days: Period | None
    """From the first charge to the last; None for an empty ledger."""
    state: str
    """Tells this ledger from what it was before any delivery came, or will be after the next."""


def standing(session: Session) -> Standing:
    """Look at it."""
    first, last, whole, currencies, each, state = session.execute(_standing()).one()
    days = rollups.known(first, last, whole=whole) or _spans(session)
    told = [(name, date.fromisoformat(day)) for name, day in each or ()]
    return Standing(_earliest(told), tuple(currencies), days, state or "")


@cache
def _standing() -> Select[Any]:
    each = select(func.jsonb_agg(func.jsonb_build_array(Source.provider, Source.settled_through)))
    settled = each.where(Source.provider.is_not(None), Source.settled_through.is_not(None))
    each_delivery = func.concat_ws(" ", Delivery.id, Delivery.fingerprint, Delivery.loaded_at)
    state = func.md5(func.string_agg(each_delivery, aggregate_order_by(text("','"), Delivery.id)))
    currencies = func.array(_currencies().scalar_subquery())
    return rollups.held().add_columns(currencies, settled.scalar_subquery(), state)


def _currencies() -> Select[str]:
    # The deliveries' control totals know it at once, however long the ledger is.
    each = func.jsonb_each_text(Delivery.billed_cost).table_valued("key", "value").lateral()
    spend = func.sum(func.abs(cast(each.c.value, Numeric)))
    loaded = select(each.c.key).select_from(Delivery).join(each, true()).where(Delivery.status == DeliveryStatus.LOADED)
    return loaded.group_by(each.c.key).order_by(spend.desc(), each.c.key)


def currencies(session: Session) -> list[str]:
    """Return the currencies of the ledger, the one with most cost first."""
    return list(session.scalars(_currencies()))


def currency(session: Session) -> str | None:
    """Return the currency of what is asked without one: COSTS_CURRENCY, or the one with most cost; None without any."""
    return settings().costs_currency or next(iter(currencies(session)), None)


def spans(session: Session) -> Period | None:
    """Return the days that hold charges, from the first to the last, or None for an empty ledger."""
    return rollups.days(session) or _spans(session)


def _spans(session: Session) -> Period | None:
    first = session.scalar(select(func.min(CostRecord.date)))
    last = session.scalar(select(func.max(CostRecord.date)))
    return Period(first, last + ONE_DAY) if first and last else None


def settled_through(session: Session) -> dict[str, date]:
    """Return the last complete day of each provider: the earliest among its sources that still bring charges."""
    known = select(Source.provider, Source.settled_through)
    told = known.where(Source.provider.is_not(None), Source.settled_through.is_not(None))
    return _earliest([(str(provider), day) for provider, day in session.execute(told) if day])


def _earliest(told: Sequence[tuple[str, date]]) -> dict[str, date]:
    days: dict[str, list[date]] = {}
    for provider, day in sorted(told):
        days.setdefault(provider, []).append(day)
    # A source that ended (a closed account, a sample of last year) must not hold back those that go on.
    return {name: min(day for day in each if day >= max(each) - ENDED) for name, each in days.items()}


def inputs(session: Session) -> list[tuple[str, date, str]]:
    """Return what the ledger is made of: source, billing period and fingerprint of every loaded delivery."""
    found = session.execute(
        select(Source.name, Delivery.billing_period, Delivery.fingerprint)
        .join(Source, Source.id == Delivery.source_id)
        .where(Delivery.status == DeliveryStatus.LOADED)
        .order_by(Source.name, Delivery.billing_period)
    )
    return [(name, period, fingerprint) for name, period, fingerprint in found]
