"""Commitments that are used too little, and those that may end soon."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from finops.alerting.findings import Found
from finops.alerting.rules import AlertRule
from finops.anomalies.commitments import Life
from finops.anomalies.scopes import committed
from finops.commitments import Kind, Use
from finops.foreign import plain
from finops.money import EXACT, Money, share
from finops.periods import ONE_DAY, Period
from finops.tables import days as shown
from finops.tables import percent

TERMS = (1, 3)
"""Years that reservations, savings plans and committed use discounts are sold for, by all three clouds."""


def underused(rule: AlertRule, uses: Iterable[tuple[date, Use]], *, end: date, currency: str) -> list[Found]:
    """Return the commitments of which less than the rule's share was used over its days up to `end` (inclusive).

    Used and unused are effective costs, as in `finops.commitments`; `amount` is the least that was paid for nothing.
    """
    period = Period.last_days(rule.looked_at, end + ONE_DAY)
    paid: dict[tuple[str, str], dict[Kind, Decimal]] = {}
    for day, use in uses:
        if day in period and use.commitment and use.kind in {Kind.USED, Kind.UNUSED}:
            sums = paid.setdefault((use.provider, use.commitment), {})
            sums[use.kind] = EXACT.add(sums.get(use.kind, Decimal(0)), use.effective)
    each = ((key, sums.get(Kind.USED, Decimal(0)), sums.get(Kind.UNUSED, Decimal(0))) for key, sums in paid.items())
    found = [_underused(rule, key, used, unused, period=period, currency=currency) for key, used, unused in each]
    return [one for one in found if one]


def _underused(
    rule: AlertRule, key: tuple[str, str], used: Decimal, unused: Decimal, *, period: Period, currency: str
) -> Found | None:
    ratio = share(used, EXACT.add(used, unused))
    if ratio is None or ratio >= rule.part or unused < (rule.amount or Decimal(0)):
        return None
    provider, name = key
    lost = Money(unused, currency)
    sentence = f"{_name(name)} was used by {percent(ratio)} only on {shown(period)}: {lost} were paid "
    sentence += "for nothing."
    scope = f"{provider} {name}"
    return Found(scope, ratio, rule.part, None, period.start, period.end, sentence)


def expiring(rule: AlertRule, lives: Sequence[Life], *, today: date) -> list[Found]:
    """Return the commitments that end within the rule's days if they were bought for one year, or for three.

    Bills tell when a commitment began to cover something and not for how long it was bought; of one that covered
    something on the first day that is known, the beginning is not known either.
    """
    found = []
    for one in lives:
        ends = [day for years in TERMS if (day := _years(one.first, years)) >= today]
        if one.began and not one.ended and ends and ends[0] <= today + timedelta(days=rule.looked_at):
            found.append(_expiring(one, ends[0], today))
    return found


def _expiring(one: Life, end: date, today: date) -> Found:
    years = end.year - one.first.year
    term = "one year" if years == 1 else f"{years} years"
    begins, last = (shown(Period(day, day + ONE_DAY)) for day in (one.first, end))
    sentence = f"{_name(one.id)} began on {begins}: bought for {term}, it ends on {last}."
    left = Decimal((end - today).days)
    return Found(f"{one.provider} {one.id}", left, None, None, today, end, sentence, runs_out=True)


def _name(commitment_id: str) -> str:
    name = plain(committed(commitment_id))
    return f"{name[:1].upper()}{name[1:]}"


def _years(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)
