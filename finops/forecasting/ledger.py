"""The ledger's sums as series: usage as a whole, its largest parts, and everything else as one more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from finops.allocation import Rule, needed
from finops.allotted import daily
from finops.breakdown import by_day
from finops.focus import ChargeCategory, Dimension
from finops.forecasting.history import LEAST, CannotForecastError, History, enough, history
from finops.money import EXACT, total
from finops.periods import ONE_DAY, Period
from finops.trend import STEADY, line

WHOLE, OTHER = "All usage", "everything else"
LOOK_BACK = timedelta(days=3 * 366)
"""What the models use at most."""
RECENT = timedelta(days=28)
"""Parts are large by what they cost of late."""
UNSETTLED = timedelta(days=15)
"""Days after the last complete one that may have charges already; they are shown, and not learned from."""
EMPTY: Mapping[str, str] = {}

Key = Mapping[str, str | None]
Sums = Iterable[tuple[Key, Decimal]]
Dated = tuple[Key, date, Decimal]


@dataclass(frozen=True, slots=True)
class Usage:
    """Usage (with the unused part of commitments) day by day, and what else its month has cost."""

    whole: History
    parts: list[History]
    """They add up to the whole, each day; empty where nothing was asked to be told apart."""
    so_far: Decimal
    """Usage of the month of the first day ahead, up to it."""
    one_off: Decimal
    """Tax, credits, purchases and corrections of that month: they follow no trend."""


def grouping(group_by: str | None, rules: Sequence[Rule] = ()) -> list[str]:
    """Say what to sum by for `parted`, and so for `usage`: by what the rules look at, where there are any."""
    words = needed(rules) if rules else (group_by,) if group_by else ()
    return list(dict.fromkeys(("date", "charge_category", "charge_class", *words)))


def parted(
    sums: Sums, group_by: str | None, rules: Sequence[Rule] = (), *, called: Mapping[str, str] = EMPTY
) -> list[tuple[Key, Decimal]]:
    """Return sums by the parts that are forecast: as allocation rules divide them, and accounts as people call them.

    `called` has the names of sub accounts by their ids. What follows no trend stays undivided.
    """
    rows = list(sums)
    if not rules or not group_by:
        return [(_named(key, called) if group_by == Dimension.SUB_ACCOUNT else key, cost) for key, cost in rows]
    others = [({**key, group_by: None}, cost) for key, cost in rows if not _is_steady((key, date.min, cost))]
    kind = {"charge_category": ChargeCategory.USAGE.value, "charge_class": None}
    divided = [
        ({"date": str(day), **kind, group_by: name}, cost)
        for day, names in daily(rules, steady(rows)).items()
        for name, cost in names.items()
    ]
    return [*divided, *others]


def _named(key: Key, called: Mapping[str, str]) -> Key:
    account = key[Dimension.SUB_ACCOUNT]
    return {**key, Dimension.SUB_ACCOUNT.value: called.get(account, account) if account else account}


def steady(sums: Sums) -> list[Dated]:
    """Return what follows a trend, each with its day."""
    return [row for row in _dated(sums) if _is_steady(row)]


def _dated(sums: Sums) -> list[Dated]:
    return [(key, date.fromisoformat(str(key["date"])), cost) for key, cost in sums]


def _is_steady(row: Dated) -> bool:
    return is_usage(row[0])


def provisional(sums: Sums, through: date) -> dict[date, Decimal]:
    """Return what the days after the last complete one have cost so far."""
    days: dict[date, Decimal] = {}
    for _, day, cost in steady(sums):
        if day > through:
            days[day] = EXACT.add(days.get(day, Decimal(0)), cost)
    return dict(sorted(days.items()))


def usage(sums: Sums, group_by: str | None, *, through: date, top: int = 8, which: str = "") -> Usage:
    """Split what was summed by `grouping` into series up to and with `through`.

    `which` are the filters that it was summed with, as `questions.narrowed` shows them: why there is no forecast is
    told of these. Raises CannotForecastError.
    """
    rows = [row for row in _dated(sums) if row[1] <= through]
    month = Period.month_of(through + ONE_DAY)
    used = [row for row in rows if _is_steady(row)]
    if rows and not used:
        raise only_fees(which)
    series = by_day((WHOLE, day, cost) for _, day, cost in used).get(WHOLE, {})
    parts = by_day(((key[group_by], day, cost) for key, day, cost in used), group_by) if group_by else {}
    so_far = total(cost for _, day, cost in used if day in month)
    return Usage(
        replace(history(f"Usage {which}" if which else WHOLE, series, through=through), name=WHOLE),
        _parts(series, parts, through=through, top=top) if group_by else [],
        so_far,
        total([*(cost for _, day, cost in rows if day in month), -so_far]),
    )


def is_usage(key: Key) -> bool:
    """Whether a sum by category and class follows a trend, which a forecast carries on."""
    return line(key["charge_category"], key["charge_class"]) == STEADY


def only_fees(which: str) -> CannotForecastError:
    """Return why nothing is forecast of costs, `which` as for `usage`, that have charges but no usage."""
    where = f" {which}" if which else ""
    message = (
        f"There is no usage to carry on{where}, only fees, taxes or credits, which follow no trend: ask what it cost."
    )
    return CannotForecastError(message)


def _parts(
    whole: Mapping[date, Decimal], parts: Mapping[str, Mapping[date, Decimal]], *, through: date, top: int
) -> list[History]:
    late = {
        name: abs(total(cost for day, cost in days.items() if day > through - RECENT)) for name, days in parts.items()
    }
    ranked = sorted(late, key=lambda name: (-late[name], name))
    kept = _apart(ranked[:top], parts, through=through)
    others = [name for name in ranked if any(parts[name].values()) and name not in {one.name for one in kept}]
    if len(others) == 1:  # "everything else" would take the same line and say less
        kept += _apart(others, parts, through=through)
    left = dict(whole)
    for one in kept:
        for day, cost in parts[one.name].items():
            left[day] = total([left[day], -cost])
    rest = _rest(left, through=through)
    return [*kept, rest] if rest else kept


def _apart(names: Iterable[str], parts: Mapping[str, Mapping[date, Decimal]], *, through: date) -> list[History]:
    found: list[History] = []
    for name in names:
        try:
            found.append(history(name, parts[name], through=through))
        except CannotForecastError:  # too new: it is among everything else until there are enough days
            continue
    return found


def _rest(left: Mapping[date, Decimal], *, through: date) -> History | None:
    days = [day for day, cost in left.items() if cost]
    if not days:
        return None
    start = min(*days, through - (LEAST - 1) * ONE_DAY)  # what began yesterday was nothing before
    amounts = [float(left.get(day, Decimal(0))) for day in Period(start, through + ONE_DAY)]
    return enough(History(OTHER, start, np.array(amounts)))


def horizon(series: History, days: int) -> int:
    """Return how far to look: so many days, and at least to the end of the month, where it lands."""
    return max(days, (Period.month_of(series.end).end - series.end).days)
