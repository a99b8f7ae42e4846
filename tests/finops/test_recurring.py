"""Fees that come every month are expected in a month that has not brought them yet; nothing else is."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest

from finops.periods import Period
from finops.recurring import Recurring, parts, since

NOVEMBER = Period.month(2026, 11)
TENTH = date(2026, 11, 10)


def _charge(
    day: date, cost: int | str, category: str = "Purchase", service: str = "Support", charge_class: str | None = None
) -> tuple[dict[str, str | None], Decimal]:
    key = {"date": str(day), "provider": "aws", "service_name": service, "charge_category": category}
    return {**key, "charge_class": charge_class}, Decimal(cost)


def _monthly(day: int, *costs: int | str, category: str = "Purchase") -> list[tuple[dict[str, str | None], Decimal]]:
    return [_charge(date(2026, 8 + place, day), cost, category) for place, cost in enumerate(costs)]


def _due(charges: list[tuple[dict[str, str | None], Decimal]], through: date = TENTH) -> Decimal:
    return Recurring.of(charges).due(NOVEMBER, through=through)


@pytest.mark.parametrize("category", ["Purchase", "Tax"])
def test_what_came_in_each_of_three_months_is_expected_again(category: str) -> None:
    """With the middle of what it was."""
    assert _due(_monthly(20, 90, 100, 120, category=category)) == 100


@pytest.mark.parametrize(
    "charges",
    [
        _monthly(20, 0, 100, 100),  # once is chance, and twice, too
        [_charge(date(2026, 9, 20), 100), _charge(date(2026, 9, 21), 100), _charge(date(2026, 10, 20), 100)],
        _monthly(20, 100, 100, 201),  # what is bought again and again in any size is no fee
        _monthly(20, -100, -100, -100),
        [_charge(date(2026, month, 20), 100, "Credit") for month in (8, 9, 10)],
        [_charge(date(2026, month, 20), 100, "Usage") for month in (8, 9, 10)],
        [_charge(date(2026, month, 20), 100, charge_class="Correction") for month in (8, 9, 10)],
        [_charge(date(2026, month, 20), 100, service=f"Support {month}") for month in (8, 9, 10)],
        [],
    ],
)
def test_nothing_else_is_expected(charges: list[tuple[dict[str, str | None], Decimal]]) -> None:
    """Neither what came twice, nor what varies, nor what is given back, used or corrected."""
    assert _due(charges) == 0


def test_what_has_come_is_not_expected_twice() -> None:
    """Early or on its day; and of two halves, one of which came, the other one."""
    assert _due(_monthly(1, 100, 100, 100)) == 100  # its day is over: it is dated with the first, and comes later
    assert _due([*_monthly(20, 100, 100, 100), _charge(date(2026, 11, 9), 100)]) == 0
    assert _due([*_monthly(20, 100, 100, 100), _charge(date(2026, 11, 9), 30)]) == 70
    halves = [*_monthly(5, 60, 60, 60, 60), *_monthly(20, 40, 40, 40)]
    assert _due(halves) == 40


@pytest.mark.parametrize("day", [1, 9, 15, 28, 30])
def test_sums_of_the_months_parts_tell_as_much_as_each_day(day: int) -> None:
    """Whatever day it is, and in whatever month."""
    chance = random.Random(day)  # noqa: S311  seeded, and no secret
    for month in (Period.month(2026, 3), NOVEMBER):
        days = [one for each in Period(since(month.start), month.end).months() for one in each]
        charges = [_charge(chance.choice(days), chance.randrange(1, 9)) for _ in range(60)]
        through = month.start + timedelta(days=day - 1)
        periods = parts(month, through=through)
        sums = [(one, key, cost) for one in periods for key, cost in charges if date.fromisoformat(key["date"]) in one]
        assert Recurring.within(sums).due(month, through=through) == Recurring.of(charges).due(month, through=through)


def test_later_charges_are_not_known_yet() -> None:
    """A replay of the tenth does not look at the twentieth."""
    assert _due([*_monthly(20, 100, 100, 100), _charge(date(2026, 11, 20), 100)]) == 100


@pytest.mark.parametrize("day", range(1, 32))
def test_a_month_that_is_over_has_nothing_due_and_one_that_has_not_begun_all(day: int) -> None:
    """However many days the months before it have."""
    charges = [_charge(date(2026, month, min(day, 30 if month == 9 else 31)), 100) for month in (8, 9, 10)]
    assert _due(charges, through=date(2026, 11, 30)) == 0
    assert _due(charges, through=NOVEMBER.start - timedelta(days=1)) == 100


def test_three_full_months_are_looked_at() -> None:
    """Over the turn of a year, too."""
    assert since(date(2026, 2, 17)) == date(2025, 11, 1)
