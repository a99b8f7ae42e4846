"""What the notebook `forecast_review` hands back: a month's forecast against what came, and what explains the miss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Self

import numpy as np
from pydantic import Field, model_validator

from finops.errors import CostsError
from finops.forecasting import ledger, many, outlook
from finops.forecasting.history import History
from finops.forecasting.members import ALL
from finops.forecasting.questions import EMPTY
from finops.forecasting.values import CostForecast
from finops.money import EXACT, total
from finops.periods import ONE_DAY, Period
from finops.results import Amount, Evidence, ratio
from finops.tables import missing
from finops.trend import MoverResult, complete_through

Rows = Sequence[tuple[Mapping[str, str | None], Decimal]]
NEAR = timedelta(days=5)
"""A forecast made so many days from a month's first is that month's."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A forecast of the past: the one that was made then, or one made again from what was known then."""

    made: Sequence[CostForecast]
    """The whole first."""
    stored: bool

    @property
    def start(self) -> date:
        """Its first day ahead."""
        return self.made[0].points[0].day

    @property
    def end(self) -> date:
        """The day after its last."""
        return self.made[0].points[-1].day + ONE_DAY


def month(settled: Mapping[str, date], asked: str | None) -> Period:
    """Return the month to review: by default the last complete one. Raises CostsError, NoChargesError."""
    through = complete_through(settled)
    last = Period.month_of(Period.month_of(through + ONE_DAY).start - ONE_DAY)
    found = last if asked is None else Period.billing(asked)
    if found.start > through:
        message = f"{found.start:%B %Y} has no complete day yet: the ledger is complete through {through}."
        raise CostsError(message)
    return found.until(through + ONE_DAY)


def again(rows: Rows, group_by: str | None, period: Period, *, currency: str, names: Sequence[str] = ALL) -> Earlier:
    """Forecast a period from what came before it. Raises CannotForecastError, BadSettingError."""
    known = ledger.usage(rows, group_by, through=period.start - ONE_DAY)
    ahead = ledger.horizon(known.whole, period.days)
    series = [known.whole, *known.parts]
    return Earlier(many.forecasts(series, ahead, names, currency=currency, parts=bool(known.parts)), stored=False)


def came(rows: Rows, group_by: str | None, names: Sequence[str], period: Period) -> dict[str, Decimal]:
    """Add up the usage of a period by the parts of a forecast; what it did not know is among everything else."""
    found: dict[str, Decimal] = {}
    for key, day, cost in ledger.steady(rows):
        if day in period:
            label = (key[group_by] or missing(group_by)) if group_by else ledger.WHOLE
            name = label if label in names else ledger.OTHER
            found[name] = EXACT.add(found.get(name, Decimal(0)), cost)
    return found


def daily(rows: Rows, period: Period) -> History:
    """Return what each day of a period cost."""
    days: dict[date, Decimal] = dict.fromkeys(period, Decimal(0))
    for _, day, cost in ledger.steady(rows):
        if day in period:
            days[day] = EXACT.add(days[day], cost)
    return History(ledger.WHOLE, period.start, np.array([float(cost) for cost in days.values()]))


class ReviewResult(Evidence):
    """A forecast of usage against what came in its days."""

    group_by: str | None
    where: dict[str, list[str]] = Field(default_factory=dict)
    """Filters, as those of the forecast."""
    stored: bool
    """Whether it is the forecast that was made then; otherwise one made again from what was known then."""
    expected: Amount
    low: Amount | None
    high: Amount | None
    """In 80 of 100 cases between these; None where the days are other ones than those forecast together."""
    actual: Amount
    miss: Amount
    miss_share: Amount | None
    within: bool | None
    contributors: list[MoverResult]
    said: str

    @classmethod
    def of(
        cls,
        earlier: Earlier,
        rows: Rows,
        period: Period,
        *,
        group_by: str | None,
        where: Mapping[str, Sequence[str]] = EMPTY,
        metric: str,
        settled_through: Mapping[str, date],
    ) -> Self:
        """Hold a forecast against the days of a period that it told."""
        told = Period(max(period.start, earlier.start), max(period.start, min(period.end, earlier.end)))
        whole, *parts = earlier.made
        expected = {one.name: _sum(one, told) for one in (parts or [whole])}
        between = _between(whole, told)
        found = outlook.review(expected, came(rows, group_by if parts else None, list(expected), told), between=between)
        return cls(
            start=told.start,
            end=told.end,
            currency=whole.currency,
            metric=metric,
            settled_through=dict(settled_through),
            group_by=group_by,
            where={word: list(values) for word, values in where.items()},
            stored=earlier.stored,
            expected=found.expected,
            low=between[0] if between else None,
            high=between[1] if between else None,
            actual=found.actual,
            miss=found.miss,
            miss_share=ratio(found.miss_share),
            within=found.within,
            contributors=[MoverResult.of(one) for one in found.contributors],
            said=outlook.said(found, currency=whole.currency),
        )

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if EXACT.subtract(self.actual, self.expected) != self.miss:
            message = f"{self.actual} less {self.expected} is not {self.miss}"
            raise ValueError(message)
        return self


def _sum(forecast: CostForecast, period: Period) -> Decimal:
    return total(point.mean for point in forecast.points if point.day in period)


def _between(whole: CostForecast, period: Period) -> tuple[Decimal, Decimal] | None:
    """Return the interval of the days' sum, where exactly those were forecast together."""
    if period.start != whole.points[0].day:
        return None
    spreads = [spread for spread in (whole.month_end, whole.whole) if spread and spread.days == period.days]
    return spreads[0].between(80) if spreads else None
