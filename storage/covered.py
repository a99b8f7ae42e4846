"""What commitments covered, as the ledger tells it: since when, until when, and what the same use costs on demand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import CTE, ColumnElement, Text, case, column, func, literal, select, values
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from finops.anomalies import commitments
from finops.anomalies.commitments import FEE, UNUSED, Costs, Group, Life, Line, What
from finops.anomalies.merging import Reach
from finops.anomalies.scopes import Scope
from finops.anomalies.series import CannotWatchError, Series
from finops.anomalies.windows import WEEK
from finops.commitments import Kind
from finops.focus import ChargeCategory
from finops.money import EXACT, total
from finops.periods import ONE_DAY, Period
from storage import charges, daily
from storage.models import CostRecord, Source, TagSet

KEYS = (CostRecord.sub_account_id, CostRecord.service_name, CostRecord.region_id, CostRecord.sku_id)
"""What use is told apart by: what covered it and what now bills it name the same SKU."""
STANDARD = "Standard"
OFTEN = 0.5
"""Of its days a fee without use comes on so many: one a month does not tell the day on which it ended."""
WORTH = case((CostRecord.contracted_cost != 0, CostRecord.contracted_cost), else_=CostRecord.list_cost)
"""On demand: some bills write what is covered at a contracted cost of nothing."""
USED = (CostRecord.commitment_discount_status == Kind.USED.value) & (WORTH != 0)
PAID = (CostRecord.charge_category == ChargeCategory.PURCHASE) & (CostRecord.effective_cost != 0)
USAGE = (CostRecord.charge_category == ChargeCategory.USAGE) & CostRecord.charge_class.is_(None)
ON_DEMAND = (
    USAGE
    & CostRecord.commitment_discount_id.is_(None)
    & (func.coalesce(CostRecord.pricing_category, STANDARD) == STANDARD)
)


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
    lines: dict[tuple[str, str], list[Line]] = defaultdict(list)
    if found:
        wanted = values(column("provider", Text), column("id", Text), name="wanted").data(
            [(one.provider, one.id) for one in found]
        )
        mine = select(wanted.c.provider, wanted.c.id).cte("mine")
        for read in (_own, _beside, _credited):
            for provider, name, day, what, group, cost, worth in read(session, mine, currency):
                lines[provider, name].append(Line(day, what, group, cost, worth))
    missing = _missing(session, {one.provider for one in found})
    each = ((one, commitments.costs(one, lines[one.provider, one.id])) for one in found)
    return [Covered(one, costs, commitments.series(one, costs, missing.get(one.provider, ()))) for one, costs in each]


def _missing(session: Session, providers: Collection[str]) -> Mapping[str, set[date]]:
    """Return the days on which nothing of a provider was collected, between its first and its last."""
    asked = select(Source.id, Source.provider).where(Source.provider.in_(providers))
    by = {source: str(provider) for source, provider in session.execute(asked)}
    days: dict[str, set[date]] = defaultdict(set)
    for source, each in _collected(session).items():
        days[by.get(source, "")] |= each
    return {one: {day for day in daily.spanned(each) if day not in each} for one, each in days.items()}


Row = tuple[str, str, date, What, Group, Decimal, Decimal]


def _own(session: Session, mine: CTE, currency: str) -> list[Row]:
    """Return what names a commitment itself: what it was used for, what of it nobody used, fees that are not spread."""
    what = case((USED, What.USED.value), (PAID, What.FEE.value), else_=What.UNUSED.value)
    unused = CostRecord.commitment_discount_status == Kind.UNUSED.value
    keys = [case((USED, key)).label(key.key) for key in KEYS]
    rows = session.execute(
        select(mine.c.provider, mine.c.id, CostRecord.date, what.label("what"), *keys)
        .add_columns(func.sum(CostRecord.effective_cost), func.sum(WORTH))
        .join(mine, (mine.c.id == CostRecord.commitment_discount_id) & (mine.c.provider == CostRecord.provider))
        .where(CostRecord.billing_currency == currency, (USED & USAGE) | (unused & USAGE) | PAID)
        .group_by(mine.c.provider, mine.c.id, CostRecord.date, what, *keys)
    )
    return [
        (provider, name, day, What(said), _group(What(said), keyed), cost, worth)
        for provider, name, day, said, *keyed, cost, worth in rows
    ]


def _group(what: What, keys: Sequence[str | None]) -> Group:
    return {What.UNUSED: UNUSED, What.FEE: FEE}.get(what) or tuple(one or "" for one in keys)


def _beside(session: Session, mine: CTE, currency: str) -> list[Row]:
    """Return the use at standard prices of what they cover somewhere, sometime."""
    names = [func.coalesce(key, "").label(key.key) for key in KEYS]
    groups = (
        select(mine.c.provider, mine.c.id, *names)
        .join(CostRecord, (mine.c.id == CostRecord.commitment_discount_id) & (mine.c.provider == CostRecord.provider))
        .where(CostRecord.billing_currency == currency, USED, USAGE)
        .distinct()
        .cte("groups")
    )
    same = [func.coalesce(key, "") == groups.c[key.key] for key in KEYS]
    rows = session.execute(
        select(groups.c.provider, groups.c.id, CostRecord.date, *(groups.c[key.key] for key in KEYS))
        .add_columns(func.sum(CostRecord.effective_cost))
        .join(groups, (groups.c.provider == CostRecord.provider) & same[0] & same[1] & same[2] & same[3])
        .where(CostRecord.billing_currency == currency, ON_DEMAND)
        .group_by(groups.c.provider, groups.c.id, CostRecord.date, *(groups.c[key.key] for key in KEYS))
    )
    return [
        (provider, name, day, What.OPEN, tuple(keys), cost, Decimal(0)) for provider, name, day, *keys, cost in rows
    ]


def _credited(session: Session, mine: CTE, currency: str) -> list[Row]:
    """Return the use that credits make cheaper, for commitments whose fee is billed and whose use is not told.

    It is of the fee's service, region and unit (cores, or memory); the credits are the worth of what is covered.
    """
    fees = (
        select(mine.c.provider, mine.c.id, CostRecord.service_name, CostRecord.region_id, CostRecord.pricing_unit)
        .join(CostRecord, (mine.c.id == CostRecord.commitment_discount_id) & (mine.c.provider == CostRecord.provider))
        .where(CostRecord.billing_currency == currency)
        .group_by(mine.c.provider, mine.c.id, CostRecord.service_name, CostRecord.region_id, CostRecord.pricing_unit)
        .having(func.bool_or(PAID) & ~func.bool_or(func.coalesce(CostRecord.commitment_discount_status, "") != ""))
        .cte("fees")
    )
    where = (fees.c.region_id.is_(None)) | (fees.c.region_id == CostRecord.region_id)
    names = [func.coalesce(key, "").label(key.key) for key in KEYS]
    cost, credit = func.sum(CostRecord.effective_cost), func.sum(CostRecord.contracted_cost - CostRecord.effective_cost)
    rows = session.execute(
        select(fees.c.provider, fees.c.id, CostRecord.date, *names, cost, credit)
        .join(
            fees,
            (fees.c.provider == CostRecord.provider)
            & (fees.c.service_name == CostRecord.service_name)
            & (fees.c.pricing_unit == CostRecord.pricing_unit)
            & where,
        )
        .where(CostRecord.billing_currency == currency, ON_DEMAND)
        .group_by(fees.c.provider, fees.c.id, CostRecord.date, *names)
    )
    found: list[Row] = []
    for provider, name, day, *keys, net, credits_ in rows:
        found.append((provider, name, day, What.OPEN, tuple(keys), net, Decimal(0)))
        found.append((provider, name, day, What.USED, tuple(keys), Decimal(0), credits_))
    return found


def tags(session: Session, found: Covered, *, currency: str) -> dict[Group, dict[str, str]]:
    """Return the tags that all of what it covered last has in common, by where that is."""
    of = Period(max(found.life.first, found.life.last - commitments.BESIDE), found.life.inside.end)
    sets = func.array_agg(func.coalesce(TagSet.tags, literal({}, JSONB)).distinct())
    rows = session.execute(
        select(*KEYS, sets)
        .outerjoin(TagSet, TagSet.id == CostRecord.tag_set_id)
        .where(CostRecord.date >= of.start, CostRecord.date < of.end, CostRecord.billing_currency == currency)
        .where(*_only(found.life.scope), USED, USAGE)
        .group_by(*KEYS)
    )
    told = {_group(What.USED, keys): [set(each.items()) for each in all_] for *keys, all_ in rows}
    return {group: {key: str(value) for key, value in sorted(set.intersection(*each))} for group, each in told.items()}


def one(session: Session, scope: Scope, *, currency: str) -> Covered:
    """Return what one commitment covered, a day. Raises CannotWatchError."""
    found = told(session, lives(session, currency=currency, only=scope), currency=currency)
    if not found:
        message = f"{scope.name()} covered nothing on a settled day in {currency}: is its id spelt as on the bill?"
        raise CannotWatchError(message)
    return found[0]
