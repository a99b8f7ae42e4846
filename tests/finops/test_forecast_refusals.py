"""What cannot be forecast is refused in a sentence, and a history begins with its first charge."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from finops.errors import BadSettingError
from finops.forecasting.forecast import make
from finops.forecasting.history import CannotForecastError, history
from tests.finops.histories import CHEAP, START, a_series


def _costs(amounts: list[str]) -> dict[date, Decimal]:
    return {START + timedelta(days=place): Decimal(amount) for place, amount in enumerate(amounts)}


def _refusal(costs: dict[date, Decimal], through: date = START + timedelta(days=40)) -> str:
    with pytest.raises(CannotForecastError) as refused:
        history("Compute", costs, through=through)
    return str(refused.value)


def test_an_empty_ledger_is_told_in_a_sentence() -> None:
    """And what to do."""
    assert "no charges up to 2026-02-10" in _refusal({})


def test_one_day_is_too_little_and_it_says_when_there_will_be_enough() -> None:
    """Ten days are the least."""
    assert "has 1 days" in _refusal(_costs(["5"]), START)
    assert "once 2026-01-10 is complete" in _refusal(_costs(["5"]), START)


def test_no_number_from_a_provider_is_not_guessed_over() -> None:
    """The day is named."""
    assert "no number on 2026-01-03 and on 1 other days" in _refusal(_costs(["1", "2", "NaN", "4", "Infinity"]))


def test_what_never_cost_anything_is_not_forecast() -> None:
    """All zero."""
    assert "has cost nothing in 41 days" in _refusal(_costs(["0"] * 30))


def test_days_without_charges_cost_nothing_and_those_before_the_first_do_not_count() -> None:
    """A service is as old as its first charge."""
    found = history("x", {**_costs(["0", "0", "3"]), START + timedelta(days=4): Decimal(5)}, through=date(2026, 1, 14))
    assert found.start == date(2026, 1, 3)
    assert list(found.amounts[:4]) == [3, 0, 5, 0]


@pytest.mark.parametrize("horizon", [0, 366, -1])
def test_a_horizon_outside_of_a_year_is_refused(horizon: int) -> None:
    """1 to 365 days."""
    with pytest.raises(CannotForecastError, match="1 to 365 days ahead"):
        make([a_series(60)], horizon, CHEAP)


def test_an_unknown_model_is_refused_by_name() -> None:
    """Of the configuration's `ml_models`."""
    with pytest.raises(BadSettingError, match="“lstm” is no model: choose of weekday"):
        make([a_series(60)], 30, ("lstm",))
