"""A change in cost by its reasons, which add up to it."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from finops.growth import Growth, Item, Used, by_service, overall, services
from finops.money import EXACT, total

SMALL, LARGE = Item("EC2", "m5.large", "Hrs"), Item("EC2", "m5.xlarge", "Hrs")
DISK = Item("EC2", "gp3", "GB-Mo")


def _used(quantity: str | None, cost: str) -> Used:
    return Used(None if quantity is None else Decimal(quantity), Decimal(cost))


@pytest.mark.parametrize(
    ("before", "now", "growth"),
    [
        ({SMALL: ("10", "1")}, {SMALL: ("15", "1.5")}, {"usage": "0.5"}),
        ({SMALL: ("10", "1")}, {SMALL: ("10", "1.2")}, {"price": "0.2"}),
        ({SMALL: ("10", "1")}, {SMALL: ("20", "3")}, {"usage": "1", "price": "1"}),
        # Ten hours moved from the small to the large machine, which costs twice as much.
        ({SMALL: ("20", "2"), LARGE: ("10", "2")}, {SMALL: ("10", "1"), LARGE: ("20", "4")}, {"mix": "1"}),
        ({SMALL: ("10", "1")}, {LARGE: ("10", "2")}, {"new": "2", "gone": "-1"}),
        ({SMALL: (None, "1")}, {SMALL: ("10", "3")}, {"other": "2"}),
        ({SMALL: ("0", "1")}, {SMALL: ("10", "3")}, {"other": "2"}),
        ({}, {}, {}),
    ],
)
def test_usage_price_and_mix_are_told_apart(
    before: dict[Item, tuple[str, str]], now: dict[Item, tuple[str, str]], growth: dict[str, str]
) -> None:
    """Each alone, and two at once."""
    then, since = ({item: _used(*one) for item, one in use.items()} for use in (before, now))
    assert overall(then, since) == Growth(**{name: Decimal(value) for name, value in growth.items()})


def test_different_units_are_never_added() -> None:
    """Hours and gigabytes of one service: a mix of them means nothing."""
    before = {SMALL: _used("10", "1"), DISK: _used("100", "8")}
    now = {SMALL: _used("20", "2"), DISK: _used("50", "4")}
    assert by_service(before, now) == {"EC2": Growth(usage=Decimal(-3))}


def test_the_parts_add_up_exactly() -> None:
    """Whatever the amounts, credits and missing quantities among them."""
    chance = random.Random(11)  # noqa: S311  seeded, to be the same each time
    items = [Item(f"s{n % 3}", f"k{n}", "Hrs") for n in range(12)]
    for _ in range(50):
        before, now = (
            {
                item: _used(chance.choice([None, str(chance.uniform(0, 9))]), str(chance.uniform(-3, 99)))
                for item in items
                if chance.random() < 0.8
            }
            for _ in range(2)
        )
        change = EXACT.subtract(*(total(one.cost for one in use.values()) for use in (now, before)))
        assert overall(before, now).change == change


def test_new_and_gone_services_are_named_the_dearest_first() -> None:
    """One that costs nothing is neither."""
    before = {Item("old", "a", ""): _used(None, "5"), Item("both", "a", ""): _used(None, "1")}
    now = {
        Item("both", "b", ""): _used(None, "1"),
        Item("n1", "", ""): _used(None, "1"),
        Item("n2", "", ""): _used(None, "2"),
        Item("free", "", ""): _used(None, "0"),
    }
    new, gone = services(before, now)
    assert (list(new), gone) == (["n2", "n1"], {"old": Decimal(5)})
