"""Where spending is heading: against the same days before, per day, and where the month will land."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import Self

from pydantic import Field, model_validator

from finops.ahead import UNKNOWN, Ahead
from finops.breakdown import by_day
from finops.earlier import earlier
from finops.errors import CostsError
from finops.money import EXACT, Money, share, total
from finops.periods import ONE_DAY, Period
from finops.results import Amount, Evidence, Result, cents, ratio
from finops.tables import PROVIDERS, Change, Table

STEADY, ONE_OFF = "Usage", "Tax, credits, purchases, corrections"
"""Usage (with the unused part of commitments) follows a trend; the rest is one line beside it, so totals add up."""

BY_LINE = ("date", "provider", "charge_category", "charge_class")
"""What to sum by for `lines`."""

WEEK = 7
WEEKS = 4
"""Four weeks: enough for a median that one odd day does not move, recent enough to follow growth."""

NO_REASONS: Mapping[str, Decimal] = {}
STALE = timedelta(days=35)
"""A provider this far behind the newest one has stopped delivering; it must not hold everybody in the past."""


class NoChargesError(CostsError):
    """There is nothing to analyse yet."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "There are no charges yet: read a bill first, for example `costs ingest auto PATH --source NAME`."
        )


@dataclass(frozen=True, slots=True)
class Mover:
    """One part whose cost changed."""

    label: str
    cost: Decimal
    previous: Decimal
    change: Decimal
    change_share: Decimal | None
    """The change against before (0.5 is half as much again), or None if there was nothing before."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A total against the total before it, and the parts that changed most, in either direction."""

    total: Decimal
    previous: Decimal
    change: Decimal
    change_share: Decimal | None
    movers: tuple[Mover, ...]
    comparable: bool = True
    """Whether what was spent before is wholly known; if not there is no share and no mover."""


def line(charge_category: str | None, charge_class: str | None = None) -> str:
    """Say to which of the two lines a charge belongs."""
    return STEADY if charge_category == "Usage" and not charge_class else ONE_OFF


def lines(sums: Iterable[tuple[Mapping[str, str | None], Decimal]]) -> dict[str, dict[date, Decimal]]:
    """Split what was summed `BY_LINE` into one series a provider for its usage, and one for everything else."""
    return by_day((_line_name(key), _day(key), cost) for key, cost in sums)


def _line_name(key: Mapping[str, str | None]) -> str:
    provider = str(key["provider"])
    return PROVIDERS.get(provider, provider) if line(key["charge_category"], key["charge_class"]) == STEADY else ONE_OFF


def _day(key: Mapping[str, str | None]) -> date:
    return date.fromisoformat(str(key["date"]))


def usage(series: Mapping[str, Mapping[date, Decimal]]) -> dict[date, Decimal]:
    """Add up the series that follow a trend."""
    return every({name: costs for name, costs in series.items() if name != ONE_OFF})


def one_off(series: Mapping[str, Mapping[date, Decimal]], period: Period) -> Decimal:
    """Return what a period cost that follows no trend."""
    return total(cost for day, cost in series.get(ONE_OFF, {}).items() if day in period)


def every(series: Mapping[str, Mapping[date, Decimal]]) -> dict[date, Decimal]:
    """Add up all series."""
    return by_day((STEADY, day, cost) for costs in series.values() for day, cost in costs.items()).get(STEADY, {})


def complete_through(settled: Mapping[str, date]) -> date:
    """Return the last day that every provider still delivering has completed. Raises NoChargesError."""
    if not settled:
        raise NoChargesError
    newest = max(settled.values())
    return min(day for day in settled.values() if newest - day <= STALE)


def month_to_date(through: date) -> tuple[Period, Period]:
    """Return the month up to and with `through`, and the same days of the month before.

    A shorter month before ends with its last day: 1 to 31 March stands against 1 to 28 February.
    """
    current = Period(through.replace(day=1), through + ONE_DAY)
    before = Period.month_of(current.start - ONE_DAY)
    return current, before.until(before.start + timedelta(days=current.days))


def windows(settled: Mapping[str, date], start: str | None = None, end: str | None = None) -> tuple[Period, Period]:
    """Return the period asked for and what is held against it (`earlier`): by default of the month to date.

    Days as ISO text, `end` exclusive. Raises NoChargesError.
    """
    if start is None or end is None:
        asked, _ = month_to_date(complete_through(settled))
    else:
        asked = Period(date.fromisoformat(start), date.fromisoformat(end))
    return asked, earlier(asked)


def comparable(before: Period, known: Period | None) -> bool:
    """Whether the ledger, which holds the days `known`, goes back to where the period before begins.

    Else the first month of a ledger would be many times as dear as the few days that it knows of the month before.
    """
    return known is not None and known.start <= before.start


def drawn(settled: Mapping[str, date], known: Period | None, *asked: str | None) -> tuple[Period, Period, Period]:
    """Return both `windows`, and the days that a picture of them needs: the month before, and what is provisional."""
    current, before = windows(settled, *asked)
    first = min(before.start, month_to_date(current.end - ONE_DAY)[1].start)
    return current, before, Period(first, max(current.end, known.end if known else current.end))


def _mover(label: str, cost: Decimal, before: Decimal) -> Mover:
    change = EXACT.subtract(cost, before)
    return Mover(label, cost, before, change, share(change, abs(before)))


def compare(
    current: Mapping[str, Decimal], previous: Mapping[str, Decimal], *, top: int = 3, fair: bool = True
) -> Trend:
    """Hold a period against the one before it, part by part; `fair` is what `comparable` says of them."""
    names = sorted({*current, *previous})
    parts = [_mover(name, current.get(name, Decimal(0)), previous.get(name, Decimal(0))) for name in names]
    whole = _mover("", total(current.values()), total(previous.values()))
    moved = sorted((part for part in parts if part.change), key=lambda part: -abs(part.change))
    told = (whole.change_share, tuple(moved[:top])) if fair else (None, ())
    return Trend(whole.cost, whole.previous, whole.change, *told, comparable=fair)


def table(title: str, parts: Iterable[Mover | MoverResult], currency: str, *, comparable: bool = True) -> Table:
    """Show parts beside what they cost before, or alone where that is not wholly known."""
    if not comparable:
        return Table((title, "Now"), [(one.label, Money(one.cost, currency)) for one in parts])
    moved = (
        (one.label, Money(one.previous, currency), Money(one.cost, currency), Change(Money(one.change, currency)))
        for one in parts
    )
    return Table((title, "Before", "Now", "Change"), list(moved))


def run_rate(daily: Mapping[date, Decimal], *, through: date, days: int = WEEK) -> Decimal:
    """Return the mean cost of a day over the last complete week, in cents. A day without charges costs nothing."""
    known = [day for day in Period.last_days(days, through + ONE_DAY) if daily and day >= min(daily)]
    spent = total(daily.get(day, Decimal(0)) for day in known)
    return cents(EXACT.divide(spent, Decimal(len(known)))) if known else Decimal(0)


def expected(daily: Mapping[date, Decimal], *, through: date, until: date) -> dict[date, Decimal]:
    """Estimate each day after `through` up to `until` (exclusive): the median of its weekday over four weeks."""
    history = [day for day in Period.last_days(WEEK * WEEKS, through + ONE_DAY) if daily and day >= min(daily)]
    if not history:
        return {}
    ahead = {}
    for day in Period(through + ONE_DAY, max(until, through + ONE_DAY)):
        alike = [past for past in history if past.weekday() == day.weekday()] or history
        ahead[day] = cents(median(daily.get(past, Decimal(0)) for past in alike))
    return ahead


def landing(
    daily: Mapping[date, Decimal], *, through: date, one_off: Decimal = Decimal(0), ahead: Ahead = UNKNOWN
) -> Decimal | None:  # fmt: skip
    """Estimate the whole month that holds `through`, in cents; None without any history.

    `daily` is the usage, at least four weeks of it; `one_off` what else the month has cost so far: it does not repeat.
    `ahead` is what is known of the days that are left; without a forecast usage goes on as its weekdays did.
    """
    month = Period.month_of(through)
    if not any(day <= through for day in daily):
        return None
    so_far = [cost for day, cost in daily.items() if day in month.until(through + ONE_DAY)]
    usage = expected(daily, through=through, until=month.end).values() if ahead.rest is None else [ahead.rest]
    return cents(total([*so_far, *usage, one_off, ahead.due]))


class MoverResult(Result):
    """One part that changed, as a result."""

    label: str
    cost: Amount
    previous: Amount
    change: Amount
    change_share: Amount | None

    @classmethod
    def of(cls, mover: Mover) -> Self:
        """Take it from a trend."""
        return cls(
            label=mover.label,
            cost=mover.cost,
            previous=mover.previous,
            change=mover.change,
            change_share=ratio(mover.change_share),
        )


class TrendResult(Evidence):
    """What the notebook `cost_trend` hands back."""

    previous_start: date
    previous_end: date
    total: Amount
    previous: Amount
    change: Amount
    change_share: Amount | None
    comparable: bool = True
    """As in `Trend`."""
    one_off: Amount
    """The part of the total that does not follow the trend: tax, credits, purchases, corrections."""
    run_rate: Amount
    """Usage a day, the mean of the last complete week."""
    landing: Amount | None
    """The estimate of the whole month."""
    movers: list[MoverResult]
    reasons: dict[str, Amount] = Field(default_factory=dict)
    """Why usage cost more or less, as in `finops.growth`; nothing where there are too few days to compare."""

    @classmethod
    def of(
        cls,
        trend: Trend,
        *,
        period: Period,
        before: Period,
        currency: str,
        metric: str,
        settled_through: Mapping[str, date],
        one_off: Decimal,
        run_rate: Decimal,
        landing: Decimal | None,
        reasons: Mapping[str, Decimal] = NO_REASONS,
    ) -> Self:
        """Take it from a trend and say what was asked."""
        return cls(
            start=period.start,
            end=period.end,
            previous_start=before.start,
            previous_end=before.end,
            currency=currency,
            metric=metric,
            settled_through=dict(settled_through),
            total=trend.total,
            previous=trend.previous,
            change=trend.change,
            change_share=ratio(trend.change_share),
            comparable=trend.comparable,
            one_off=one_off,
            run_rate=run_rate,
            landing=landing,
            movers=[MoverResult.of(mover) for mover in trend.movers],
            reasons=dict(reasons) if trend.comparable else {},
        )

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if EXACT.subtract(self.total, self.previous) != self.change:
            message = f"{self.total} less {self.previous} is not {self.change}"
            raise ValueError(message)
        return self
