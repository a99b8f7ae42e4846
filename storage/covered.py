"""What commitments covered, as the ledger tells it: since when, until when, and what the same use costs on demand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, case, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from finops.anomalies import on_demand
from finops.anomalies.commitments import Life
from finops.anomalies.merging import Reach
from finops.anomalies.on_demand import FEE, UNUSED, Costs, Group, What
from finops.anomalies.scopes import Scope
from finops.anomalies.series import CannotWatchError, Series
from finops.anomalies.windows import WEEK
from finops.money import EXACT, total
from finops.periods import ONE_DAY, Period
from storage import charges, covered_lines, daily
from storage.covered_lines import KEYS, PAID, USAGE, USED
from storage.models import CostRecord, Source, TagSet

OFTEN = 0.5
"""Of its days a fee without use comes on so many: one a month does not tell the day on which it ended."""


@dataclass(frozen=True, slots=True)
class Covered:
    """A commitment, what it covered by the day and where, and the sum of that as a series."""

    life: Life
    costs: Costs
    series: Series

    @property
    def reach(self) -> Reach:
        """Whose events it explains."""
        fees = self.costs.get(FEE, {})
        fee = EXACT.divide(total(fees.values()), Decimal(max(len(fees), 1)))
        return Reach(frozenset(group[:3] for group in self.costs if group not in {UNUSED, FEE}), fee)


def lives(session: Session, *, currency: str, only: Scope | None = None) -> list[Life]:
    """Return every commitment that the ledger knows: since when and until when it covered something, or was billed.

    Those that are billed once a month, and of which no use is told, are left out.
    """
    spans = {source: daily.spanned(days) for source, days in _collected(session).items()}
    settled = charges.settled_through(session)
    used, paid = (case((mark, CostRecord.date)) for mark in (USED, PAID))
    asked = (
        select(CostRecord.provider, CostRecord.commitment_discount_id, func.min(used), func.max(used))
        .add_columns(func.min(paid), func.max(paid), func.count(paid.distinct()))
        .add_columns(func.array_agg(CostRecord.source_id.distinct()))
        .where(CostRecord.commitment_discount_id.is_not(None), CostRecord.billing_currency == currency)
        .where(*_only(only))
        .group_by(CostRecord.provider, CostRecord.commitment_discount_id)
        .order_by(CostRecord.provider, CostRecord.commitment_discount_id)
    )
    found = []
    for provider, name, first, last, paid_first, paid_last, days, sources in session.execute(asked):
        seen = [spans[one] for one in sources if one in spans]
        often = paid_first and days >= max(WEEK, OFTEN * ((paid_last - paid_first).days + 1))
        ends = (first, last) if first else (paid_first, paid_last) if often else None
        if ends and seen and provider in settled:
            found += _life(provider, name, ends, seen, settled[provider] + ONE_DAY)
    return found


def _life(provider: str, name: str, ends: tuple[date, date], seen: Sequence[Period], settled: date) -> list[Life]:
    """Return its life up to the last settled day of its bills; nothing where it begins after that."""
    start, end = min(one.start for one in seen), min(max(one.end for one in seen), settled)
    first, last = ends
    return [Life(provider, name, first, min(last, end - ONE_DAY), Period(start, end))] if first < end else []


def _collected(session: Session) -> Mapping[int, set[date]]:
    period = charges.spans(session)
    return daily.collected(session, period=period) if period else {}


def _only(scope: Scope | None) -> list[ColumnElement[bool]]:
    if scope is None:
        return []
    return [CostRecord.provider == scope.provider, CostRecord.commitment_discount_id == scope.commitment_id]


def told(session: Session, found: Sequence[Life], *, currency: str) -> list[Covered]:
    """Return what these commitments covered, a day."""
    lines = covered_lines.read(session, found, currency)
    missing = _missing(session, {one.provider for one in found})
    each = ((one, on_demand.costs(one, lines.get((one.provider, one.id), ()))) for one in found)
    return [Covered(one, costs, on_demand.series(one, costs, missing.get(one.provider, ()))) for one, costs in each]


def _missing(session: Session, providers: Collection[str]) -> Mapping[str, set[date]]:
    """Return the days on which nothing of a provider was collected, between its first and its last."""
    asked = select(Source.id, Source.provider).where(Source.provider.in_(providers))
    by = {source: str(provider) for source, provider in session.execute(asked)}
    days: dict[str, set[date]] = defaultdict(set)
    for source, each in _collected(session).items():
        days[by.get(source, "")] |= each
    return {one: {day for day in daily.spanned(each) if day not in each} for one, each in days.items()}


def tags(session: Session, found: Covered, *, currency: str) -> dict[Group, dict[str, str]]:
    """Return the tags that all of what it covered last has in common, by where that is."""
    of = Period(max(found.life.first, found.life.last - on_demand.BESIDE), found.life.inside.end)
    sets = func.array_agg(func.coalesce(TagSet.tags, literal({}, JSONB)).distinct())
    rows = session.execute(
        select(*KEYS, sets)
        .outerjoin(TagSet, TagSet.id == CostRecord.tag_set_id)
        .where(CostRecord.date >= of.start, CostRecord.date < of.end, CostRecord.billing_currency == currency)
        .where(*_only(found.life.scope), USED, USAGE)
        .group_by(*KEYS)
    )
    told = {covered_lines.group(What.USED, keys): [set(each.items()) for each in all_] for *keys, all_ in rows}
    return {group: {key: str(value) for key, value in sorted(set.intersection(*each))} for group, each in told.items()}


def one(session: Session, scope: Scope, *, currency: str) -> Covered:
    """Return what one commitment covered, a day. Raises CannotWatchError."""
    found = told(session, lives(session, currency=currency, only=scope), currency=currency)
    if not found:
        message = f"{scope.name()} covered nothing on a settled day in {currency}: is its id spelt as on the bill?"
        raise CannotWatchError(message)
    return found[0]
