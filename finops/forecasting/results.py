"""What the notebook `forecast` hands back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Self

from pydantic import Field, model_validator

from finops.forecasting import outlook
from finops.forecasting.ledger import Usage
from finops.forecasting.questions import EMPTY, narrowed
from finops.forecasting.values import CostForecast
from finops.foreign import shortened
from finops.money import Money, total
from finops.periods import Period
from finops.results import Amount, Evidence
from finops.tables import counted, dated, percent

TITLE = 72
"""Letters of a picture's title."""


class ForecastResult(Evidence):
    """The days ahead of all usage and of its parts; where the month lands; how wrong such forecasts have been."""

    group_by: str | None
    where: dict[str, list[str]] = Field(default_factory=dict)
    """Filters: dimensions or tags, each with the values that are meant."""
    whole: CostForecast
    parts: list[CostForecast]
    so_far: Amount
    """What the month of the first day ahead has cost, all lines together."""
    one_off: Amount
    """Of it tax, credits, purchases and corrections."""
    due: Amount = Decimal(0)
    """What comes each month beside usage and has not come yet (`finops.recurring`): it is in where the month lands."""
    landing: Amount | None
    landing_low: Amount | None
    landing_high: Amount | None
    """In 80 of 100 cases between these."""
    budget: Amount | None
    exceeding: Amount | None
    """The probability that the month costs more than its budget."""

    @classmethod
    def of(
        cls,
        made: Sequence[CostForecast],
        known: Usage,
        *,
        metric: str,
        settled_through: Mapping[str, date],
        group_by: str | None,
        where: Mapping[str, Sequence[str]] = EMPTY,
        budget: str | None,
        due: Decimal = Decimal(0),
    ) -> Self:
        """Take it from forecasts, the whole first."""
        whole, *parts = made
        so_far = total([known.so_far, known.one_off])
        sure = total([so_far, due])
        landed = outlook.landing(whole, so_far=sure)
        limit = None if budget is None else Money(Decimal(budget), whole.currency)
        return cls(
            start=known.whole.end,
            end=known.whole.ahead(len(whole.points)).end,
            currency=whole.currency,
            metric=metric,
            settled_through=dict(settled_through),
            group_by=group_by,
            where={word: list(values) for word, values in where.items()},
            whole=whole,
            parts=parts,
            so_far=so_far,
            one_off=known.one_off,
            due=due,
            landing=landed.expected if landed else None,
            landing_low=landed.low if landed else None,
            landing_high=landed.high if landed else None,
            budget=limit.amount if limit else None,
            exceeding=outlook.exceeding(whole, so_far=sure, budget=limit) if limit else None,
        )

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        for place, day in enumerate(self.whole.points if self.parts else ()):
            if total(part.points[place].mean for part in self.parts) != day.mean:
                message = f"the parts do not add up to {day.mean} on {day.day}"
                raise ValueError(message)
        return self


def headline(result: ForecastResult) -> str:
    """Say it in a sentence or two."""
    low, high = (Money(amount, result.currency) for amount in result.whole.whole.between(80))
    expected = Money(result.whole.whole.expected, result.currency)
    which = f" ({narrowed(result.where)})" if result.where else ""
    when = ahead(Period(result.start, result.end))
    words = f"{when[0].upper()}{when[1:]} usage{which} will cost about {expected}, in 4 of 5 cases {low} to {high}"
    words += f"; {missed}." if (missed := missed_by(result.whole)) else "."
    if result.landing is not None and result.landing_low is not None and result.landing_high is not None:
        ends = [Money(one, result.currency) for one in (result.landing, result.landing_low, result.landing_high)]
        fees = to_come(Money(result.due, result.currency))
        words += f" {result.start:%B} is heading for about {ends[0]} ({ends[1]} to {ends[2]}){fees}."
    if result.exceeding is not None and result.budget is not None:
        words += f" It exceeds its budget of {Money(result.budget, result.currency)} with {percent(result.exceeding)}."
    return f"{words} {result.whole.note}" if result.whole.note else words


def ahead(days: Period) -> str:
    """Name the days ahead: bills are late, so those that begin after the last complete one are no next days."""
    return f"{dated(days)} ({counted(days.days)})" if days.days > 1 else dated(days)


def to_come(due: Money) -> str:
    """Say what a month's end has that no forecast tells; nothing where there is nothing."""
    return f", with {due} of monthly fees and taxes that have not come yet" if due.amount else ""


def title(result: ForecastResult) -> str:
    """Name the picture of the whole."""
    which = f" {narrowed(result.where)}" if result.where else ""
    return shortened(f"All usage{which}, {counted(len(result.whole.points))} ahead", TITLE)


def missed_by(forecast: CostForecast) -> str | None:
    """Say beside a number how wrong such numbers have been; None where nothing is known."""
    found = forecast.backtest
    if found is None or found.total_error is None:
        return None
    past = f"{found.windows} past forecasts of up to {found.horizon} days"
    return f"{past} missed their totals by {percent(found.total_error, 1)} in the median"


def made_by(forecast: CostForecast) -> str:
    """Say which version of the model made it, and why that one."""
    if forecast.model is None:
        return f"no version, the members were named: {', '.join(forecast.members)}"
    return f"version {forecast.model.number} ({forecast.model.reason}): {', '.join(forecast.members)}"


def measured(result: ForecastResult) -> list[tuple[str, str]]:
    """Say how wrong forecasts made the same way have been: a name and a figure a line."""
    found = result.whole.backtest
    if found is None or not found.windows:
        return [("Past forecasts", "too little history to make any")]

    def shown(ratio: Decimal | None) -> str:
        return "not known" if ratio is None else percent(ratio, 1)

    def plain(ratio: Decimal | None) -> str:
        return "not known" if ratio is None else f"{ratio:.2f}"

    return [
        ("Past forecasts measured", f"{found.windows}, of up to {found.horizon} days"),
        ("Median error of their totals", shown(found.total_error)),
        ("Error of a day (sMAPE)", shown(found.smape)),
        ("Error against repeating last week (below 1 is better)", plain(found.against_naive)),
        ("MASE", plain(found.mase)),
        ("Days within the 80 % interval", shown(found.coverage80)),
        ("Days within the 95 % interval", shown(found.coverage95)),
    ]
