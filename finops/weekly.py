"""The week for those who pay: last week against the week before, part by part, and where the month is heading.

Both weeks stop at the last day that every provider has completed, so that a late bill never looks like a saving. What
the days after it have cost so far is told apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Self

from pydantic import model_validator

from finops import breakdown
from finops.ahead import UNKNOWN, Ahead
from finops.focus import Dimension, Metric
from finops.money import EXACT, share, total
from finops.periods import ONE_DAY, Period
from finops.results import Amount, Evidence, Result, ratio
from finops.tables import missing
from finops.trend import STEADY, Mover, MoverResult, comparable, compare, complete_through, landing, line, month_to_date

WEEK = timedelta(days=7)
ENOUGH_DAYS = 4
"""A week of which fewer days are complete says too little; then the week before it is told."""
HISTORY = timedelta(days=28)
"""What the landing estimate looks back on."""
TOP = 6


@dataclass(frozen=True, slots=True)
class Windows:
    """Which days are told."""

    week: Period
    """Monday to Sunday."""
    current: Period
    """Its complete days."""
    previous: Period
    """The same weekdays a week before."""
    month: Period
    month_before: Period
    """The month to date, and the same days of the month before."""

    @property
    def known(self) -> Period:
        """Every day that has to be read."""
        last_month = Period.month_of(self.month.start - ONE_DAY)
        start = min(self.previous.start, last_month.start, self.month.end - HISTORY)
        return Period(start, max(self.week.end, self.month.end))


def windows(settled: Mapping[str, date], monday: str | None = None) -> Windows:
    """Return the days of the week that begins on `monday` (ISO text), or of the newest one that is mostly complete.

    Raises NoChargesError.
    """
    through = complete_through(settled)
    day = date.fromisoformat(monday) if monday else through
    week = Period(day - day.weekday() * ONE_DAY, day - day.weekday() * ONE_DAY + WEEK)
    while week.until(through + ONE_DAY).days < ENOUGH_DAYS:
        week = Period(week.start - WEEK, week.end - WEEK)
    current = week.until(through + ONE_DAY)
    previous = Period(current.start - WEEK, current.end - WEEK)
    month, month_before = month_to_date(through)
    return Windows(week, current, previous, month, month_before)


def last_monday(today: date) -> date:
    """Return the Monday of the last week that has ended by `today`."""
    return today - today.weekday() * ONE_DAY - WEEK


def iso_week(monday: date) -> str:
    """Name a week: 2026-W47."""
    year, number, _ = monday.isocalendar()
    return f"{year}-W{number:02}"


def keys(owner_tag: str) -> list[str]:
    """Return what the charges have to be grouped by."""
    words = (Dimension.DAY, Dimension.PROVIDER, Dimension.SERVICE, Dimension.CHARGE_CATEGORY, Dimension.CHARGE_CLASS)
    return [*(word.value for word in words), f"tag:{owner_tag}"]


@dataclass(frozen=True, slots=True)
class Spend:
    """What one owner's use of one service cost on one day."""

    day: date
    provider: str
    service: str
    owner: str
    line: str
    cost: Decimal

    @classmethod
    def of(cls, key: Mapping[str, str | None], cost: Decimal, *, owner_tag: str) -> Self:
        """Take it from a sum that was grouped by `keys`."""
        words = (Dimension.PROVIDER, Dimension.SERVICE, f"tag:{owner_tag}")
        provider, service, owner = (key[word] or missing(word) for word in words)
        kind = line(key[Dimension.CHARGE_CATEGORY], key[Dimension.CHARGE_CLASS])
        return cls(date.fromisoformat(str(key[Dimension.DAY])), provider, service, owner, kind, cost)


class MonthResult(Result):
    """The month so far, and where it is heading."""

    start: date
    end: date
    """Exclusive."""
    total: Amount
    previous: Amount
    """The same days of the month before."""
    landing: Amount | None
    """The estimate of the whole month."""
    last_month: Amount
    """The whole month before."""
    comparable: bool = True
    """Whether the ledger knows the whole of it."""


class WeeklyResult(Evidence):
    """What the notebook `weekly_costs` hands back. `start` to `end` are the complete days of the week."""

    week_end: date
    """The Monday after it."""
    total: Amount
    previous: Amount
    change: Amount
    change_share: Amount | None
    comparable: bool = True
    """Whether the ledger knows the week before; if not there is no share and no mover."""
    movers: list[MoverResult]
    provisional: dict[date, Amount]
    """What the other days of the week have cost so far."""
    owner_tag: str
    providers: list[MoverResult]
    services: list[MoverResult]
    owners: list[MoverResult]
    month: MonthResult

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        for parts in (self.providers, self.services, self.owners):
            if total(part.cost for part in parts) != self.total or total(p.previous for p in parts) != self.previous:
                message = f"the parts do not add up to the totals of {self.total} and {self.previous}"
                raise ValueError(message)
        return self


def build(
    spends: Sequence[Spend],
    days: Windows,
    *,
    currency: str,
    settled: Mapping[str, date],
    owner_tag: str,
    known: Period | None,
    ahead: Ahead = UNKNOWN,
) -> WeeklyResult:
    """Put the week together; `known` are the days that the ledger holds, `ahead` what is known of the month's rest."""
    fair = comparable(days.previous, known)
    moved = compare(*_sides(spends, days, lambda one: one.service if one.line == STEADY else one.line), fair=fair)
    return WeeklyResult(
        start=days.current.start,
        end=days.current.end,
        currency=currency,
        metric=Metric.EFFECTIVE,
        settled_through=dict(settled),
        week_end=days.week.end,
        total=moved.total,
        previous=moved.previous,
        change=moved.change,
        change_share=ratio(moved.change_share),
        comparable=fair,
        movers=[MoverResult.of(mover) for mover in moved.movers],
        provisional={
            day: total(one.cost for one in spends if one.day == day) for day in Period(days.current.end, days.week.end)
        },
        owner_tag=owner_tag,
        providers=parts(*_sides(spends, days, lambda one: one.provider)),
        services=parts(*_sides(spends, days, lambda one: one.service)),
        owners=parts(*_sides(spends, days, lambda one: one.owner)),
        month=_month(spends, days, known, ahead),
    )


def parts(current: Mapping[str, Decimal], previous: Mapping[str, Decimal], *, top: int = TOP) -> list[MoverResult]:
    """Return the largest parts of the week, each beside itself a week before; the rest is one line."""
    everything = {name: current.get(name, Decimal(0)) for name in {*current, *previous}}
    shown = breakdown.build(everything.items(), top=top)
    lines = [_part(row.label, row.cost, previous.get(row.label, Decimal(0))) for row in shown.rows]
    if shown.rest:
        before = total(cost for name, cost in previous.items() if name not in {row.label for row in shown.rows})
        lines.append(_part(shown.rest.label, shown.rest.cost, before))
    return lines


def by_day(spends: Iterable[Spend], period: Period, label: Callable[[Spend], str]) -> dict[str, dict[date, Decimal]]:
    """Return what each day of the period cost, apart by label."""
    series: dict[str, dict[date, Decimal]] = {}
    for one in spends:
        if one.day in period:
            daily = series.setdefault(label(one), {})
            daily[one.day] = EXACT.add(daily.get(one.day, Decimal(0)), one.cost)
    return series


def _part(label: str, cost: Decimal, before: Decimal) -> MoverResult:
    change = EXACT.subtract(cost, before)
    return MoverResult.of(Mover(label, cost, before, change, share(change, abs(before))))


def _sides(
    spends: Iterable[Spend], days: Windows, label: Callable[[Spend], str]
) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    sides: tuple[dict[str, Decimal], dict[str, Decimal]] = ({}, {})
    for one in spends:
        for side, period in zip(sides, (days.current, days.previous), strict=True):
            if one.day in period:
                side[label(one)] = EXACT.add(side.get(label(one), Decimal(0)), one.cost)
    return sides


def _month(spends: Sequence[Spend], days: Windows, known: Period | None, ahead: Ahead) -> MonthResult:
    usage: dict[date, Decimal] = {}
    for one in spends:
        if one.line == STEADY:
            usage[one.day] = EXACT.add(usage.get(one.day, Decimal(0)), one.cost)
    one_off = total(one.cost for one in spends if one.day in days.month and one.line != STEADY)
    last_month = Period.month_of(days.month.start - ONE_DAY)
    return MonthResult(
        start=days.month.start,
        end=days.month.end,
        total=_cost(spends, days.month),
        previous=_cost(spends, days.month_before),
        landing=landing(usage, through=days.month.end - ONE_DAY, one_off=one_off, ahead=ahead),
        last_month=_cost(spends, last_month),
        comparable=comparable(last_month, known),
    )


def _cost(spends: Iterable[Spend], period: Period) -> Decimal:
    return total(one.cost for one in spends if one.day in period)
