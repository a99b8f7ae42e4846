"""What a forecast says about a month's end, a budget and a miss."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finops.errors import CurrencyMismatchError
from finops.forecasting import outlook
from finops.forecasting.values import CostForecast, Spread
from finops.money import Money
from tests.finops.histories import a_series, forecast_of


def _spread() -> CostForecast:
    found = forecast_of(a_series(170))
    ending = Spread(days=11, expected=Decimal(500), percentiles=[Decimal(450 + place) for place in range(1, 100)])
    return found.model_copy(update={"month_end": ending})


def test_a_month_lands_where_its_days_ahead_lead() -> None:
    """What it cost so far, and the rest with its interval."""
    landed = outlook.landing(_spread(), so_far=Decimal(1000))
    assert landed == outlook.Landing(Decimal(1000), Decimal(1500), Decimal(1460), Decimal(1540))


@pytest.mark.parametrize(("budget", "chance"), [(1500, "0.5"), (1540, "0.1"), (5000, "0.01"), (100, "0.99")])
def test_a_budget_is_exceeded_with_a_probability(budget: int, chance: str) -> None:
    """Never quite 0 nor 1."""
    found = outlook.exceeding(_spread(), so_far=Decimal(1000), budget=Money(Decimal(budget), "USD"))
    assert found == Decimal(chance)


def test_a_budget_in_another_currency_is_refused() -> None:
    """Nothing is converted in silence."""
    with pytest.raises(CurrencyMismatchError):
        outlook.exceeding(_spread(), so_far=Decimal(0), budget=Money(Decimal(1), "EUR"))


def test_a_miss_is_explained_by_its_largest_contributors() -> None:
    """Those in its direction, until most of it is explained."""
    expected = {"compute": Decimal(100), "storage": Decimal(100), "network": Decimal(10), "logs": Decimal(5)}
    actual = {"compute": Decimal(140), "storage": Decimal(50), "network": Decimal(50), "ml": Decimal(35)}
    found = outlook.review(expected, actual, between=(Decimal(200), Decimal(230)))
    assert found.miss == Decimal(60)
    assert [one.label for one in found.contributors] == ["compute", "network"]
    assert outlook.said(found, currency="USD") == (
        "It cost $275.00, $60.00 (21.8 %) more than forecast, outside of what it should be; "
        "most of it: compute $40.00, network $40.00."
    )


def test_what_came_as_forecast_needs_no_explanation() -> None:
    """Nothing is named."""
    same = {"compute": Decimal(5)}
    assert outlook.said(outlook.review(same, same), currency="USD") == "It cost $5.00, exactly as forecast."
