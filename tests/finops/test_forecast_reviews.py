"""A month's forecast against what came, part by part."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from finops.errors import CostsError
from finops.forecasting import ledger, reviews
from finops.periods import Period

SETTLED = {"aws": date(2026, 3, 20)}
FEBRUARY = Period.month(2026, 2)
Row = tuple[dict[str, str | None], Decimal]


def _row(day: date, service: str | None, cost: int, category: str = "Usage") -> Row:
    return {"date": str(day), "charge_category": category, "charge_class": None, "s": service}, Decimal(cost)


def _rows() -> list[Row]:
    """Two steady services; in February one of them doubles, and a new one and a tax come."""
    start = date(2025, 12, 1)
    rows = [_row(start + timedelta(days=n), "compute", 20 if n >= 62 else 10) for n in range(90)]
    rows += [_row(start + timedelta(days=n), "storage", 5) for n in range(90)]
    return [*rows, _row(date(2026, 2, 10), "ml", 30), _row(date(2026, 2, 11), None, 99, "Tax")]


def _review() -> reviews.ReviewResult:
    earlier = reviews.again(_rows(), "s", FEBRUARY, currency="USD", names=["weekday"])
    return reviews.ReviewResult.of(
        earlier, _rows(), FEBRUARY, group_by="s", metric="effective_cost", settled_through=SETTLED
    )


def test_the_miss_is_told_with_what_explains_it() -> None:
    """Compute explains most of it; the tax is no part of it; what was unknown counts."""
    found = _review()
    assert (found.expected, found.actual, found.miss) == (Decimal(420), Decimal(730), Decimal(310))
    assert [one.label for one in found.contributors] == ["compute"]
    assert found.within is False
    assert found.stored is False
    assert found.said == (
        "It cost $730.00, $310.00 (42.5 %) more than forecast, outside of what it should be; "
        "most of it: compute $280.00."
    )


def test_what_a_forecast_did_not_know_is_among_everything_else() -> None:
    """So that parts add up on both sides."""
    came = reviews.came(_rows(), "s", ["compute", "storage"], FEBRUARY)
    assert came == {"compute": Decimal(560), "storage": Decimal(140), ledger.OTHER: Decimal(30)}


def test_the_last_complete_month_is_reviewed_and_another_on_demand() -> None:
    """A month under way as far as it is complete; none that has not begun."""
    assert reviews.month(SETTLED, None) == FEBRUARY
    assert reviews.month({"aws": date(2026, 2, 28)}, None) == FEBRUARY
    assert reviews.month(SETTLED, "2026-03") == Period(date(2026, 3, 1), date(2026, 3, 21))
    with pytest.raises(CostsError, match="April 2026 has no complete day yet"):
        reviews.month(SETTLED, "2026-04")
    with pytest.raises(CostsError, match="no billing period"):
        reviews.month(SETTLED, "last")


def test_a_forecast_of_fewer_days_is_held_against_those_alone() -> None:
    """And has no interval for them together."""
    earlier = reviews.again(_rows(), "s", Period(date(2026, 2, 1), date(2026, 2, 8)), currency="USD", names=["weekday"])
    cut = [one.model_copy(update={"points": one.points[:10]}) for one in earlier.made]
    found = reviews.ReviewResult.of(
        reviews.Earlier(cut, stored=True),
        _rows(),
        Period(date(2026, 2, 3), date(2026, 3, 1)),
        group_by="s",
        metric="effective_cost",
        settled_through=SETTLED,
    )
    assert (found.start, found.end) == (date(2026, 2, 3), date(2026, 2, 11))
    assert found.low is None
    assert found.within is None
