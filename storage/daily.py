"""Costs of usage a day, of every value of some dimensions at once: what is watched and forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, cast, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from finops.focus import ChargeCategory, Dimension, Metric
from finops.periods import ONE_DAY, Period
from storage import charges, rollups, selecting
from storage.models import CostRecord, CostRollup

SOURCE = "source_id"


@dataclass(frozen=True, slots=True)
class Costs:
    """What one combination of values cost on the days on which it cost anything: floats, as models take them."""

    key: dict[str, str | None]
    source: int
    days: list[date]
    amounts: list[float]


def costs(
    session: Session,
    words: Sequence[str],
    *,
    period: Period,
    currency: str,
    metric: Metric = Metric.EFFECTIVE,
    where: Mapping[str, Sequence[str]] = charges.EMPTY,
) -> list[Costs]:
    """Return the days of every combination of these dimensions or tags and of every source, `where` among these words.

    Usage alone, unused commitments among it: tax, credits, purchases and corrections come when they are written, not
    when something is used. Raises UnknownWordError.
    """
    held, rows = _rows(session, words, period)
    day = CostRecord.date if held is CostRecord else CostRollup.start
    groups = [selecting.expression(word, held).label(f"g{place}") for place, word in enumerate(words)]
    usage = (
        held.billing_currency == currency,
        held.charge_category == ChargeCategory.USAGE,
        held.charge_class.is_(None),
    )
    each = (
        rows.add_columns(
            held.source_id, day.label("day"), cast(func.sum(getattr(held, metric.value)), Float).label("cost")
        )
        .add_columns(*groups)
        .where(*usage, *(selecting.narrowed(selecting.expression(word, held), where[word]) for word in where))
        .group_by(held.source_id, day, *groups)
        .subquery()
    )
    keys: list[ColumnElement[Any]] = [each.c.source_id, *(each.c[group.name] for group in groups)]
    ordered = [func.array_agg(aggregate_order_by(column, each.c.day)) for column in (each.c.day, each.c.cost)]
    found = session.execute(select(*ordered, *keys).group_by(*keys).order_by(*keys))
    told: list[list[Any]] = [[*row] for row in found]
    return [Costs(dict(zip(words, values, strict=True)), source, days, cost) for days, cost, source, *values in told]


def _rows(session: Session, words: Sequence[str], period: Period) -> tuple[selecting.Held, Select[Any]]:
    tags = [word.removeprefix(selecting.TAG) for word in words if word.startswith(selecting.TAG)]
    cube = rollups.cube(session, [word for word in words if not word.startswith(selecting.TAG)], period, tags=tags)
    if cube is None:
        return CostRecord, selecting.of_ledger(words, [period])
    return CostRollup, selecting.of_rollups(cube, [rollups.blocks(period, [Dimension.DAY])], tags)


def collected(session: Session, *, period: Period) -> dict[int, set[date]]:
    """Return the days on which each source has usage, in whatever currency."""
    held, rows = _rows(session, [], period)
    day = CostRecord.date if held is CostRecord else CostRollup.start
    found = session.execute(
        rows.add_columns(held.source_id, func.array_agg(day.distinct()))
        .where(held.charge_category == ChargeCategory.USAGE)
        .group_by(held.source_id)
    )
    return {source: set(days) for source, days in found}


def spanned(days: set[date]) -> Period:
    """Return the days from the first to the last of them."""
    return Period(min(days), max(days) + ONE_DAY)
