"""Questions to the ledger: sums by any dimension or tag, over any days, in one currency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Numeric,
    Select,
    Text,
    bindparam,
    case,
    cast,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from finops.errors import UnknownWordError
from finops.focus import Dimension, Metric
from finops.periods import ONE_DAY, Period
from storage import rollups
from storage.models import CloudResource, CostRecord, CostRollup, Delivery, DeliveryStatus, Source, TagSet
from storage.settings import settings

TAG = "tag:"
ENDED = timedelta(days=31)
EMPTY: Mapping[str, Sequence[str]] = {}

Held = type[CostRecord] | type[CostRollup]
"""Where the amounts stand: the ledger, or the small sums beside it."""
_ELSEWHERE: Mapping[str, InstrumentedAttribute[Any]] = {
    Dimension.RESOURCE: CloudResource.resource_id,
    Dimension.SOURCE: Source.name,
}


@dataclass(frozen=True, slots=True)
class CostSum:
    """The cost of one group; `key` uses the words it was grouped by, days and months as ISO text."""

    key: dict[str, str | None]
    cost: Decimal


def expression(word: str, held: Held) -> ColumnElement[Any]:
    """Return what a dimension or tag is in the ledger, or in the sums beside it. Raises UnknownWordError."""
    if word.startswith(TAG):
        tags = TagSet.tags if held is CostRecord else CostRollup.tags
        tag: ColumnElement[Any] = tags[word.removeprefix(TAG)].astext
        return tag
    day = CostRecord.date if held is CostRecord else CostRollup.start
    if word == Dimension.DAY:
        return cast(day, Text)
    if word == Dimension.MONTH:
        return func.to_char(day, "YYYY-MM")
    if word not in set(Dimension):
        raise UnknownWordError(word, None, "costs ask 'by service'")
    column: InstrumentedAttribute[Any] = _ELSEWHERE.get(word) or getattr(held, word)
    return column.expression


def of_ledger(words: Sequence[str], period: Period) -> Select[Any]:
    """Return the ledger's rows of these days, with what the words need beside it."""
    statement = select().select_from(CostRecord).where(CostRecord.date >= period.start, CostRecord.date < period.end)
    if any(word.startswith(TAG) for word in words):
        statement = statement.outerjoin(TagSet, TagSet.id == CostRecord.tag_set_id)
    if Dimension.RESOURCE in words:
        statement = statement.outerjoin(CloudResource, CloudResource.id == CostRecord.resource_id)
    return statement


def of_rollups(cube: int, blocks: rollups.Blocks, keys: Sequence[str]) -> Select[Any]:
    """Return the sums of a cube over these blocks of days, told apart by the tags of these keys."""
    each = [
        (CostRollup.days == size) & (CostRollup.start == func.any(bindparam(None, starts, ARRAY(Date))))
        for size, starts in blocks.added.items()
    ]
    rows = select().select_from(CostRollup).where(CostRollup.cube == cube, or_(false(), *each))
    return rows.where(CostRollup.tags.has_key(keys[0])) if cube & rollups.KEYED else rows


def _signed(column: InstrumentedAttribute[Any], blocks: rollups.Blocks | None) -> ColumnElement[Any]:
    """Return a sum's column, below nothing in the block that is to be taken off."""
    if blocks is None or blocks.taken_off is None:
        return column.expression
    off = blocks.taken_off
    return case(((CostRollup.days == off.days) & (CostRollup.start == off.start), -column), else_=column)


def narrowed(column: ColumnElement[Any], values: Sequence[str]) -> ColumnElement[bool]:
    """Only with an empty text are those meant that lack it, and an index is of no use."""
    return (func.coalesce(column, "") if "" in values else column).in_(list(values))


def sums(
    session: Session,
    *,
    period: Period,
    currency: str,
    metric: Metric = Metric.EFFECTIVE,
    group_by: Sequence[str] = (),
    where: Mapping[str, Sequence[str]] = EMPTY,
) -> list[CostSum]:
    """Sum the charges of the days of `period`, largest first.

    `group_by` and `where` take values of `Dimension` or `tag:KEY`. An empty text in `where` asks for charges that lack
    the dimension. Raises UnknownWordError.
    """
    words = [*group_by, *where]
    keys = [word.removeprefix(TAG) for word in words if word.startswith(TAG)]
    cube = rollups.cube(session, (word for word in words if not word.startswith(TAG)), period, tags=keys)
    held: Held = CostRecord if cube is None else CostRollup
    blocks = None if cube is None else rollups.blocks(period, words)
    rows = of_ledger(words, period) if cube is None or blocks is None else of_rollups(cube, blocks, keys)
    if Dimension.SOURCE in words:
        rows = rows.outerjoin(Source, Source.id == held.source_id)
    amount = func.sum(_signed(getattr(held, metric.value), blocks))
    groups = [expression(word, held) for word in group_by]
    statement = (
        rows.add_columns(amount, *groups)
        .where(held.billing_currency == currency)
        .group_by(*groups)
        .order_by(amount.desc())
    )
    if blocks and blocks.taken_off:
        statement = statement.having(func.sum(_signed(CostRollup.charges, blocks)) != 0)
    for word, values in where.items():
        statement = statement.where(narrowed(expression(word, held), values))
    return [
        CostSum(dict(zip(group_by, keys, strict=True)), cost)
        for cost, *keys in session.execute(statement)
        if cost is not None
    ]


def currencies(session: Session) -> list[str]:
    """Return the currencies of the ledger, the one with most cost first."""
    # The deliveries' control totals know it at once, however long the ledger is.
    each = func.jsonb_each_text(Delivery.billed_cost).table_valued("key", "value").lateral()
    spend = func.sum(func.abs(cast(each.c.value, Numeric)))
    loaded = select(each.c.key).select_from(Delivery).join(each, true()).where(Delivery.status == DeliveryStatus.LOADED)
    return list(session.scalars(loaded.group_by(each.c.key).order_by(spend.desc(), each.c.key)))


def currency(session: Session) -> str | None:
    """Return the currency of what is asked without one: COSTS_CURRENCY, or the one with most cost; None without any."""
    return settings().costs_currency or next(iter(currencies(session)), None)


def spans(session: Session) -> Period | None:
    """Return the days that hold charges, from the first to the last, or None for an empty ledger."""
    if known := rollups.days(session):
        return known
    first = session.scalar(select(func.min(CostRecord.date)))
    last = session.scalar(select(func.max(CostRecord.date)))
    return Period(first, last + ONE_DAY) if first and last else None


def settled_through(session: Session) -> dict[str, date]:
    """Return the last complete day of each provider: the earliest among its sources that still bring charges."""
    known = select(Source.provider, Source.settled_through).where(Source.provider.is_not(None))
    days: dict[str, list[date]] = {}
    for provider, day in session.execute(known.order_by(Source.provider)):
        if day is not None:
            days.setdefault(str(provider), []).append(day)
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
