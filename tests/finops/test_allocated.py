"""Who costs belong to, as a page tells it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finops import allocated
from finops.allocation import UNALLOCATED, Allocation, Rule, allocate

TEAM = (Rule(by="tag:team"),)


def _divided(**costs: int) -> Allocation:
    return allocate(TEAM, [({"tag:team": name.strip("_") or None}, Decimal(cost)) for name, cost in costs.items()])


def test_rows_tell_the_change_of_each_and_name_who_is_gone() -> None:
    """The parts add up to the whole, and so do their changes."""
    now, before = _divided(web=70, new=20, _=10), _divided(web=50, old=8, _=12)
    rows = allocated.rows(now, before)
    assert [(row.name, row.cost, row.change) for row in rows] == [
        ("web", 70, 20), ("new", 20, 20), ("old", 0, -8), (UNALLOCATED, 10, -2)
    ]  # fmt: skip
    assert sum(row.change for row in rows) == now.total - before.total


@pytest.mark.parametrize(
    ("costs", "expected"),
    [
        ({"web": 90, "_": 10}, "$10.00 (10.0%) of the $100.00 of May belongs to nobody; the rest to one name."),
        ({"web": 90, "data": 5}, "All of the $95.00 of May belongs to someone, to 2 names in all."),
        ({"_": 10}, "No rule fits any of the $10.00 of May: tag it by team, or write rules."),
    ],
)
def test_a_sentence_says_how_much_has_an_owner(costs: dict[str, int], expected: str) -> None:
    """And what to do if nothing has."""
    said = allocated.said(_divided(**costs), by="team", currency="USD", when="May")
    assert said.replace(" %", "%") == expected
