"""The lines of the ledger that are about commitments: what names one, and what of the same SKUs stands beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import CTE, Text, case, column, func, select, values
from sqlalchemy.orm import Session

from finops.anomalies.commitments import Life
from finops.anomalies.on_demand import FEE, UNUSED, Group, Line, What
from finops.commitments import Kind
from finops.focus import ChargeCategory
from storage.models import CostRecord

KEYS = (CostRecord.sub_account_id, CostRecord.service_name, CostRecord.region_id, CostRecord.sku_id)
"""What use is told apart by: what covered it and what now bills it name the same SKU."""
STANDARD = "Standard"
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


Row = tuple[str, str, Line]
"""Provider and id of a commitment, and a line of it."""
Lines = dict[tuple[str, str], list[Line]]
"""By the provider and the id."""


def read(session: Session, lives: Sequence[Life], currency: str) -> Lines:
    """Return what the ledger says of each of these commitments."""
    found: Lines = defaultdict(list)
    if not lives:
        return found
    wanted = values(column("provider", Text), column("id", Text), name="wanted")
    each = wanted.data([(one.provider, one.id) for one in lives])
    mine = select(each.c.provider, each.c.id).cte("mine")
    for ask in (_own, _beside, _credited):
        for provider, name, line in ask(session, mine, currency):
            found[provider, name].append(line)
    return found


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
        (provider, name, Line(day, What(said), group(What(said), keyed), cost, worth))
        for provider, name, day, said, *keyed, cost, worth in rows
    ]


def group(what: What, keys: Sequence[str | None]) -> Group:
    """Return where a line belongs; `keys` are the values of KEYS."""
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
    return [(provider, name, Line(day, What.OPEN, tuple(keys), cost)) for provider, name, day, *keys, cost in rows]


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
        found.append((provider, name, Line(day, What.OPEN, tuple(keys), net)))
        found.append((provider, name, Line(day, What.USED, tuple(keys), Decimal(0), credits_)))
    return found
