"""Small sums beside the ledger, replaced with their billing period, so that questions stay fast on a large one.

The dimensions come in four families (services, accounts, regions, tags), and a *cube* is the ledger summed by some of
them; provider, charge category and class are in all. Each cube is there by day, and from the first of a month to each
of its days: the rest of a month is all of it without its beginning, a year twelve such blocks. Sums are exact, so any
way of adding them up, and of taking off, gives the same.
Tags with many values (a name, a creation date) are left out; who asks for one is answered by the ledger. Most ask for
one tag alone: such cubes are there once more by each key. `storage.rolling` makes them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlalchemy import Select, false, func, select
from sqlalchemy.orm import Session

from finops.focus import Dimension
from finops.periods import ONE_DAY, Period
from storage.models import Delivery, DeliveryStatus

TAGS = 1
BITS: dict[str, int] = {
    Dimension.SERVICE: 8,
    Dimension.SERVICE_CATEGORY: 8,
    Dimension.BILLING_ACCOUNT: 4,
    Dimension.SUB_ACCOUNT: 4,
    Dimension.REGION: 2,
}
"""The bit of a dimension's family in a cube's number; tags are the last."""
ALWAYS = ("provider", "charge_category", "charge_class")
KNOWN = {*BITS, *ALWAYS, Dimension.SOURCE, Dimension.DAY, Dimension.MONTH}
FAMILIES = {8: "service_name, service_category", 4: "billing_account_id, sub_account_id", 2: "region_id", 1: "tags"}
WHOLE = sum(FAMILIES)
CUBES = (*(cube for cube in range(WHOLE) if cube.bit_count() <= 2), WHOLE)  # noqa: PLR2004  one or two families
"""More than two families are answered from the one cube that has them all."""
KEYED = 16
"""The bit of a cube by a single key of its tags, which stands beside the cube by all of them."""
BY_KEY = tuple(cube | KEYED for cube in CUBES if cube & TAGS and cube != WHOLE)
FEW_DAYS = 2
"""So many days of a month are added up; more are the month to the last of them without the month to the first."""


def cube(session: Session, words: Iterable[str], period: Period, *, tags: Sequence[str]) -> int | None:
    """Return the smallest cube that has these dimensions and tags' keys, or None if only the ledger answers.

    All that was loaded for days of `period` must have it, and with those keys.
    """
    wanted = TAGS if tags else 0
    for word in words:
        if word not in KNOWN:
            return None
        wanted |= BITS.get(word, 0)
    having, lacking, keyed = session.execute(_looking(period, tuple(tags))).one()
    cubes = CUBES if len(set(tags)) != 1 or not keyed else (*BY_KEY, *CUBES)
    fit = [each for each in cubes if each & wanted == wanted and (having or 0) >> each & 1]
    # Of as many families the first: by the key alone.
    return None if lacking else min(fit, key=lambda each: (each & WHOLE).bit_count(), default=None)


@lru_cache(256)
def _looking(period: Period, tags: tuple[str, ...]) -> Select[int, bool, bool]:
    """Write the statement once for the periods of a day, about which most ask."""
    outside = func.coalesce((Delivery.last_day < period.start) | (Delivery.first_day >= period.end), false())
    there = func.bit_and(func.coalesce(Delivery.cubes, 0))
    left_out = func.bool_or(func.coalesce(Delivery.unrolled_tags.overlap(list(tags)), false())) if tags else false()
    by_key = func.bool_and(func.coalesce(Delivery.rolled_tags.contains(list(tags)), false()))
    return select(there, left_out, by_key).where(Delivery.status == DeliveryStatus.LOADED, ~outside)


@dataclass(frozen=True, slots=True)
class Blocks:
    """Days whose sums make a period: those to add, their first days by how many they are, and one to take off."""

    added: dict[int, list[date]]
    taken_off: Period | None = None


def blocks(period: Period, words: Iterable[str]) -> Blocks:
    """Return the fewest blocks that make a period, none across what it is grouped by."""
    if Dimension.DAY in words:
        return Blocks({1: list(period)})
    added: dict[int, list[date]] = {}
    taken_off = None
    for month in period.months():
        start, end = max(month.start, period.start), min(month.end, period.end)
        if start == month.start:
            added.setdefault((end - start).days, []).append(start)
        elif (end - start).days <= FEW_DAYS:
            added.setdefault(1, []).extend(Period(start, end))
        else:  # only the first month of a period can begin in its middle
            added.setdefault((end - month.start).days, []).append(month.start)
            taken_off = Period(month.start, start)
            added.setdefault(taken_off.days, []).append(month.start)
    return Blocks(added, taken_off)


def held() -> Select[date | None, date | None, bool | None]:
    """Select the first day of all that was loaded, the last one, and whether all of it is rolled up."""
    whole = func.bool_and(Delivery.cubes.is_not(None))
    loaded = Delivery.status == DeliveryStatus.LOADED
    return select(func.min(Delivery.first_day), func.max(Delivery.last_day), whole).where(loaded)


def known(first: date | None, last: date | None, *, whole: bool | None) -> Period | None:
    """Return what `held` selected as days; None where not all is rolled up, so that only the ledger knows."""
    return Period(first, last + ONE_DAY) if whole and first and last else None


def days(session: Session) -> Period | None:
    """Return the days of a ledger that is rolled up, from the first to the last; None if it is not."""
    first, last, whole = session.execute(held()).one()
    return known(first, last, whole=whole)
