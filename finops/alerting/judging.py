"""Rules about one figure, judged on the days that end with a given one: thresholds, changes, what nobody tagged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

from finops.alerting.daily import Daily, window
from finops.alerting.findings import Found
from finops.alerting.kinds import Comparison, Grain, RuleKind
from finops.alerting.rules import AlertRule
from finops.alerting.sentences import BEFORE, of
from finops.money import EXACT, Money, share
from finops.periods import ONE_DAY, Period
from finops.tables import days as shown
from finops.tables import percent
from finops.trend import WEEK, WEEKS, month_to_date


@dataclass(frozen=True, slots=True)
class Ground:
    """What a rule of one figure is judged on; amounts of `floor` a day."""

    daily: Daily
    lacking: Daily | None = None
    """Of `untagged`: the part that lacks the tag."""
    floor: Decimal = Decimal(0)
    """A change of less a day is not told where the rule names no amount."""


def now(rule: AlertRule, ground: Ground) -> Found | None:
    """Judge what is known now: the last complete days, and upward days that are provisional, too."""
    found = at(rule, ground, ground.daily.settled)
    if found or rule.comparison is Comparison.BELOW:
        return found
    later = Period(ground.daily.settled + ONE_DAY, max(ground.daily.last + ONE_DAY, ground.daily.settled + ONE_DAY))
    ahead = [one for day in later if (one := at(rule, ground, day))]
    return max(ahead, key=lambda one: one.value, default=None)


def at(rule: AlertRule, ground: Ground, end: date) -> Found | None:
    """Judge the days that end with `end`; None where nothing is to be told, or where that cannot be known."""
    return _JUDGES[rule.kind](rule, ground, end)


def _threshold(rule: AlertRule, ground: Ground, end: date) -> Found | None:
    period, limit = window(rule.grain, end), rule.amount or Decimal(0)
    cost = ground.daily.of(period)
    if rule.comparison is Comparison.ABOVE:
        breached = cost > limit
    else:
        breached = cost < limit and ground.daily.whole(period) and _ended(rule.grain, period)
    if not breached:
        return None
    way = "more" if rule.comparison is Comparison.ABOVE else "less"
    held = Money(limit, ground.daily.currency)
    return _found(rule, ground, period, f", {way} than {held}", cost=cost, expected=limit)


def _ended(grain: Grain, period: Period) -> bool:
    """Whether it may be called too little: a month has to be over for that."""
    return grain is not Grain.MONTHLY or period.end == Period.month_of(period.start).end


def _change(rule: AlertRule, ground: Ground, end: date) -> Found | None:
    period, before = window(rule.grain, end), _before(rule.grain, ground.daily, end)
    up = rule.comparison is Comparison.ABOVE
    if before is None or not (up or ground.daily.whole(period)):
        return None
    cost = ground.daily.of(period)
    change = EXACT.subtract(cost, before) if up else EXACT.subtract(before, cost)
    least = rule.amount if rule.amount is not None else EXACT.multiply(ground.floor, Decimal(period.days))
    if change <= 0 or change < least or change < EXACT.multiply(before, rule.share or Decimal(0)):
        return None
    ratio = share(change, before)
    size = f"{Money(change, ground.daily.currency)}{f' ({percent(ratio)})' if ratio is not None else ''}"
    told = f", {size} {'more' if up else 'less'} {BEFORE[rule.grain]}"
    return _found(rule, ground, period, told, cost=cost, expected=before)


def _before(grain: Grain, daily: Daily, end: date) -> Decimal | None:
    """Return what the days are held against; None unless all of it was collected, by every source there is now."""
    if grain is Grain.DAILY:
        alike = [Period(day, day + ONE_DAY) for day in (end - timedelta(days=WEEK * n) for n in range(1, WEEKS + 1))]
        return median(map(daily.of, alike)) if all(map(daily.whole, alike)) else None
    before = month_to_date(end)[1] if grain is Grain.MONTHLY else window(grain, end).before()
    return daily.of(before) if daily.whole(before) else None


def _untagged(rule: AlertRule, ground: Ground, end: date) -> Found | None:
    period, part = window(rule.grain, end), ground.lacking or ground.daily
    cost, lacking = ground.daily.of(period), part.of(period)
    if lacking <= EXACT.multiply(cost, rule.part) or lacking < (rule.amount or Decimal(0)) or lacking <= 0:
        return None
    ratio = share(lacking, cost) or Decimal(0)
    told = f"; {Money(lacking, part.currency)} ({percent(ratio)}) of it lack the tag {rule.tag or 'team'}"
    found = _found(rule, ground, period, told, cost=cost, expected=EXACT.multiply(cost, rule.part))
    return replace(found, value=lacking)


def _found(
    rule: AlertRule, ground: Ground, period: Period, told: str, *, cost: Decimal, expected: Decimal | None
) -> Found:
    provisional = period.end > ground.daily.settled + ONE_DAY
    so_far = " so far (days that are not complete yet)" if provisional else ""
    spent = Money(cost, ground.daily.currency)
    sentence = f"Usage{of(rule)} cost {spent} on {shown(period)}{so_far}{told}."
    return Found("", cost, expected, ground.daily.currency, period.start, period.end, sentence, provisional=provisional)


_JUDGES: dict[RuleKind, Callable[[AlertRule, Ground, date], Found | None]] = {
    RuleKind.THRESHOLD: _threshold,
    RuleKind.CHANGE: _change,
    RuleKind.UNTAGGED: _untagged,
}
OF_FIGURES = frozenset(_JUDGES)
"""The kinds that are judged here."""
