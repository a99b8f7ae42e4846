"""What a forecast says: amounts a day with their intervals, what made them, and how wrong such forecasts have been."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from decimal import Decimal
from typing import Self

from pydantic import model_validator

from finops.forecasting.backtest import Errors
from finops.forecasting.training import Trained
from finops.money import EXACT, total
from finops.results import Amount, Result, ratio

HUNDREDTHS = 99


class ForecastDay(Result):
    """One day ahead: what is expected, and what it lies between in 80 and in 95 of 100 cases."""

    day: date
    mean: Amount
    lo80: Amount
    hi80: Amount
    lo95: Amount
    hi95: Amount


class Spread(Result):
    """A sum of days ahead, and its percentiles from the 1st to the 99th."""

    days: int
    expected: Amount
    percentiles: list[Amount]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if len(self.percentiles) != HUNDREDTHS or sorted(self.percentiles) != self.percentiles:
            message = f"a spread has {HUNDREDTHS} percentiles in order, not {len(self.percentiles)}"
            raise ValueError(message)
        return self

    def between(self, level: int) -> tuple[Decimal, Decimal]:
        """Return what it lies between in `level` of 100 cases: an even number."""
        tail = (100 - level) // 2
        return self.percentiles[tail - 1], self.percentiles[HUNDREDTHS - tail]

    def above(self, amount: Decimal) -> Decimal:
        """Return the probability, in hundredths, that it is more than an amount: never quite 0 nor 1."""
        below = bisect_right(self.percentiles, amount)
        return EXACT.divide(Decimal(min(max(100 - below, 1), HUNDREDTHS)), Decimal(100))


class Backtest(Result):
    """What forecasts made the same way from days of the past missed by; ratios, None where it cannot be told."""

    windows: int
    horizon: int
    mase: Amount | None
    against_naive: Amount | None
    smape: Amount | None
    total_error: Amount | None
    coverage80: Amount | None
    coverage95: Amount | None

    @classmethod
    def of(cls, errors: Errors) -> Self:
        """Take it from what was measured."""

        def told(value: float | None) -> Decimal | None:
            return None if value is None else ratio(Decimal(str(value)))

        return cls(
            windows=errors.windows,
            horizon=errors.horizon,
            mase=told(errors.mase),
            against_naive=told(errors.against_naive),
            smape=told(errors.smape),
            total_error=told(errors.total_error),
            coverage80=told(errors.coverage80),
            coverage95=told(errors.coverage95),
        )


class CostForecast(Result):
    """The days ahead of one series in one currency."""

    name: str
    currency: str
    known_through: date
    history_days: int
    points: list[ForecastDay]
    whole: Spread
    """All days ahead together."""
    month_end: Spread | None
    """The days ahead that belong to the month of the first of them; None where the horizon does not reach its end."""
    members: list[str]
    """What the median was taken of."""
    failed: dict[str, str]
    """Members that gave nothing, and why."""
    backtest: Backtest | None
    model: Trained | None = None
    """The version that made it; None where the members were chosen by hand, or only the baseline could be used."""
    note: str | None = None
    """What a reader must know: that only the baseline could be used, and why."""

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        expected = total(point.mean for point in self.points)
        if expected != self.whole.expected or self.whole.days != len(self.points):
            message = f"the days add up to {expected}, not to {self.whole.expected}"
            raise ValueError(message)
        return self
