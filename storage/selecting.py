"""Where a question's figures are read: the ledger, or the small sums beside it, and what its words are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Date, Select, Text, and_, bindparam, case, cast, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.functions import FunctionElement

from finops.errors import UnknownWordError
from finops.focus import Dimension, Metric
from finops.periods import Period
from storage import rollups
from storage.models import CloudResource, CostRecord, CostRollup, Source, TagSet

TAG = "tag:"

Held = type[CostRecord] | type[CostRollup]
"""Where the amounts stand: the ledger, or the small sums beside it."""
_ELSEWHERE: Mapping[str, InstrumentedAttribute[Any]] = {
    Dimension.RESOURCE: CloudResource.resource_id,
    Dimension.SOURCE: Source.name,
}


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


def of_ledger(words: Sequence[str], periods: Sequence[Period]) -> Select[Any]:
    """Return the ledger's rows of these days, with what the words need beside it."""
    statement = select().select_from(CostRecord).where(or_(*map(_dated, periods)))
    if any(word.startswith(TAG) for word in words):
        statement = statement.outerjoin(TagSet, TagSet.id == CostRecord.tag_set_id)
    if Dimension.RESOURCE in words:
        statement = statement.outerjoin(CloudResource, CloudResource.id == CostRecord.resource_id)
    return statement


def _dated(period: Period) -> ColumnElement[bool]:
    return and_(CostRecord.date >= period.start, CostRecord.date < period.end)


def of_rollups(cube: int, blocks: Sequence[rollups.Blocks], keys: Sequence[str]) -> Select[Any]:
    """Return the sums of a cube over these blocks of days, told apart by the tags of these keys."""
    rows = select().select_from(CostRollup).where(CostRollup.cube == cube, or_(*map(_within, blocks)))
    return rows.where(CostRollup.tags.has_key(keys[0])) if cube & rollups.KEYED else rows


def _within(blocks: rollups.Blocks) -> ColumnElement[bool]:
    each = [
        (CostRollup.days == size) & (CostRollup.start == func.any(bindparam(None, starts, ARRAY(Date))))
        for size, starts in blocks.added.items()
    ]
    return or_(false(), *each)


@dataclass(frozen=True, slots=True)
class Figure:
    """What is selected for one period: its cost, and how many charges that sums."""

    cost: ColumnElement[Any]
    charges: ColumnElement[Any]


def figures(metric: Metric, periods: Sequence[Period], blocks: Sequence[rollups.Blocks]) -> list[Figure]:
    """Return what to select of the rows of these periods: of sums by their blocks, of the ledger where those are none.

    Several periods are told apart; a single one is all of the rows.
    """
    found: list[tuple[ColumnElement[bool], FunctionElement[Any], FunctionElement[Any]]]
    if blocks:
        cost, charges = getattr(CostRollup, metric.value), CostRollup.charges
        found = [(_within(one), func.sum(_signed(cost, one)), func.sum(_signed(charges, one))) for one in blocks]
    else:
        amount = getattr(CostRecord, metric.value)
        found = [(_dated(one), func.sum(amount), func.count(amount)) for one in periods]
    if len(found) == 1:
        return [Figure(cost, many) for _, cost, many in found]
    return [Figure(cost.filter(when), many.filter(when)) for when, cost, many in found]


def _signed(column: InstrumentedAttribute[Any], blocks: rollups.Blocks) -> ColumnElement[Any]:
    """Return a sum's column, below nothing in the block that is to be taken off."""
    if blocks.taken_off is None:
        return column.expression
    off = blocks.taken_off
    return case(((CostRollup.days == off.days) & (CostRollup.start == off.start), -column), else_=column)


def narrowed(column: ColumnElement[Any], values: Sequence[str]) -> ColumnElement[bool]:
    """Only with an empty text are those meant that lack it, and an index is of no use."""
    return (func.coalesce(column, "") if "" in values else column).in_(list(values))
