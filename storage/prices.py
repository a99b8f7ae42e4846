"""List prices that were imported, and what the customer's own bill says of the same thing, which counts more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date, timedelta
from operator import attrgetter
from typing import Any, cast

from psycopg import Connection
from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from finops.periods import ONE_DAY
from finops.prices import BilledRate, Price, prefer
from storage.models import CloudResource, CostRecord, ListPrice

COLUMNS = tuple(field.name for field in fields(Price) if field.name != "billed")
KEY = ("provider", "region", "sku", "currency", "valid_from", "source")
LOOK_BACK = timedelta(days=30)
"""How much of the bill a rate is taken from."""
BY_THE_HOUR = "^(1 )?(hrs?|hours?)$"
PARTS = ("gcp",)
"""Providers that bill a machine's parts, so that an hour on the bill is one of a core."""


def save(session: Session, prices: Iterable[Price]) -> int:
    """Keep prices; one of the same SKU, region, currency, day and source is replaced. Returns how many."""
    names = ", ".join(COLUMNS)
    session.execute(
        text("create temp table if not exists new_prices (like list_prices including defaults) on commit drop")
    )
    session.execute(text("truncate new_prices"))
    session.execute(text("alter table new_prices alter column id drop not null"))
    connection = cast("Connection[Any]", session.connection().connection.driver_connection)
    count, row = 0, attrgetter(*COLUMNS)
    with connection.cursor() as cursor, cursor.copy(f"copy new_prices ({names}) from stdin") as into:
        for one in prices:
            into.write_row(row(one))
            count += 1
    others = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name not in KEY)
    session.execute(
        text(f"insert into list_prices ({names}) select {names} from new_prices "  # noqa: S608  names of ours
             f"on conflict ({', '.join(KEY)}) do update set {others}")
    )  # fmt: skip
    return count


def known(session: Session) -> list[tuple[str, str, date, int]]:
    """Return which lists are kept: provider, source, the newest day and the number of prices."""
    kept = select(ListPrice.provider, ListPrice.source, func.max(ListPrice.valid_from), func.count())
    found = session.execute(kept.group_by(ListPrice.provider, ListPrice.source).order_by(ListPrice.provider))
    return [(provider, source, day, count) for provider, source, day, count in found]


def listed(session: Session, provider: str, region: str, name: str, at: date) -> Price | None:
    """Return the newest list price of an instance type or SKU that holds on a day; nothing if there is none."""
    called = (ListPrice.instance_type == name) | (ListPrice.sku == name)
    found = session.scalar(
        select(ListPrice)
        .where(ListPrice.provider == provider, ListPrice.region == region, called, ListPrice.valid_from <= at)
        .order_by(ListPrice.valid_from.desc(), ListPrice.source)
        .limit(1)
    )
    return Price(**{column: getattr(found, column) for column in COLUMNS}) if found else None


def billed(session: Session, provider: str, region: str, name: str, at: date) -> BilledRate | None:
    """Return what an hour of an instance type, or a unit of a SKU, cost lately on the bill outside any commitment.

    Spot use, corrections and what a commitment covers are left out. Of several currencies the one with most use counts.
    """
    by_sku = _rate(session, provider, region, at, [CostRecord.sku_id == name])
    if by_sku or provider in PARTS:
        return by_sku
    of_type = [CloudResource.size == name, CostRecord.pricing_unit.regexp_match(BY_THE_HOUR, flags="i")]
    return _rate(session, provider, region, at, of_type)


def _rate(
    session: Session, provider: str, region: str, at: date, which: Sequence[ColumnElement[bool]]
) -> BilledRate | None:
    quantity, cost = func.sum(CostRecord.pricing_quantity), func.sum(CostRecord.effective_cost)
    found = session.execute(
        select(CostRecord.billing_currency, cost / quantity, func.min(CostRecord.date), func.max(CostRecord.date))
        .outerjoin(CloudResource, CloudResource.id == CostRecord.resource_id)
        .where(
            CostRecord.provider == provider,
            CostRecord.region_id == region,
            CostRecord.date > at - LOOK_BACK,
            CostRecord.date < at + ONE_DAY,
            CostRecord.charge_category == "Usage",
            CostRecord.charge_class.is_(None),
            CostRecord.commitment_discount_id.is_(None),
            CostRecord.pricing_category.is_distinct_from("Dynamic"),
            *which,
        )
        .group_by(CostRecord.billing_currency)
        .having(quantity > 0)
        .order_by(quantity.desc())
        .limit(1)
    ).one_or_none()
    return BilledRate(found[1], found[0], found[2], found[3]) if found else None


def price(session: Session, provider: str, region: str, name: str, at: date) -> Price | None:
    """Return the price of an instance type or SKU on a day: the bill's own rate if it has one, else the list's."""
    rate = billed(session, provider, region, name, at)
    unnamed = Price(provider, region, name, name, None, "", at, "") if rate else None
    return prefer(rate, listed(session, provider, region, name, at), unnamed=unnamed)
