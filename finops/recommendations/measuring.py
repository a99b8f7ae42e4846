"""What a carried-out saving saved, by the bill: the same number of the same weekdays before and after.

    saved    = cost before - cost after - coverage that was freed and nothing else used
    promised = the monthly saving x days / 30, as it was computed from 30 days of cost

The general equation of the International Performance Measurement and Verification Protocol (IPMVP Core Concepts,
EVO 10000-1:2016, section 5, equation 1: savings = baseline period - reporting period, plus or minus adjustments), with
money for energy. Its adjustments:

- Same days: the window before has as many of each weekday as the one after, ends before the day of the approval (from
  then on somebody may have begun) and the one after begins the day after it was reported as done.
- Coverage: a reservation or savings plan is paid whether or not the resource uses it. What the resource had of one, and
  the commitment wasted more after than before, has not left the bill (at most as much as the resource gave back). Two
  savings that freed the same commitment are both held to that: together they rather claim too little.
- Usage alone: taxes, credits and corrections come when they are written, not when something is used.
- A smaller size lowers what is priced by the hour; what passed through the machine is not its doing.
- Use that changed otherwise (a “non-routine” change of the protocol) is not adjusted for: where the hours of a resized
  machine differ by more than 20 %, the comparison says nothing, and nothing is claimed.

What a snapshot costs that was made before a deletion is another resource's and not in here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from finops.money import EXACT, Money, total
from finops.periods import ONE_DAY, Period
from finops.recommendations.findings import RecommendationType
from finops.recommendations.offers import MOST

HORIZONS = (7, 14, 30)
"""Days after which it is measured."""
MONTH = 30
"""Days of cost that a monthly saving was computed from."""
WEEK = 7
SPLIT = {"gcp": Decimal(2)}
"""Google bills hours of cores and memory, of which half a machine has half; others bill hours of the machine."""


class Why(StrEnum):
    """Why there is no number."""

    NOT_SETTLED = "not_settled"
    NOT_COLLECTED = "not_collected"
    NOT_BILLED = "not_billed"
    CURRENCY = "currency"
    USE_CHANGED = "use_changed"


@dataclass(frozen=True, slots=True)
class Line:
    """What bills charged for the use of one resource on one day, of one currency and commitment."""

    day: date
    source: int
    currency: str
    cost: Decimal
    """Effective."""
    timed: bool
    """Whether it is priced by the hour."""
    quantity: Decimal | None
    """In the units of its price; None where the bill has none."""
    commitment: str | None = None
    """What covered it."""


@dataclass(frozen=True, slots=True)
class Waste:
    """What nobody used of a commitment on one day."""

    commitment: str
    day: date
    currency: str
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Windows:
    """The days before and after that are compared."""

    before: Period
    after: Period

    @property
    def days(self) -> int:
        """How many each has."""
        return self.after.days


@dataclass(frozen=True, slots=True)
class Asked:
    """A promise that is to be held against the bill."""

    kind: str
    """A `RecommendationType`; of any other all of the cost is compared."""
    provider: str
    promised: Money
    """A month."""
    windows: Windows


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger holds of the resource and of the commitments that covered it, in both windows and around."""

    lines: Sequence[Line]
    waste: Sequence[Waste]
    settled: date | None
    """The last settled day of the sources that bill it."""
    missing: Collection[date] = frozenset()
    """Days on which nothing of these sources was collected."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What was saved in the window after, each in one currency."""

    before: Money
    after: Money
    unused: Money
    """Coverage that was freed and that nothing else used."""
    saved: Money
    """Below nothing where it costs more than before."""
    promised: Money


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """Why nothing can be said, with what a person may want to know of it."""

    why: Why
    detail: str = ""


def windows(days: int, *, approved: date, done: date) -> Windows:
    """Return what is compared `days` days after `done`, the day on which it was reported as done.

    The window before is the latest one with the same weekdays that ends before the day of the approval.
    """
    after = Period(done + ONE_DAY, done + ONE_DAY + timedelta(days=days))
    latest = Period.last_days(days, min(approved, done))
    weekdays_off = (latest.start - after.start).days % WEEK if days % WEEK else 0
    start = latest.start - timedelta(days=weekdays_off)
    return Windows(Period(start, start + timedelta(days=days)), after)


def promised(monthly: Money, days: int) -> Money:
    """Scale what was promised a month to some days."""
    return Money(EXACT.divide(EXACT.multiply(monthly.amount, Decimal(days)), Decimal(MONTH)), monthly.currency)


def judge(asked: Asked, known: Known) -> Saved | Unmeasured:
    """Return what was saved, or why that cannot be said now."""
    period, currency = asked.windows, asked.promised.currency
    if known.settled is None or known.settled < period.after.end - ONE_DAY:
        return Unmeasured(Why.NOT_SETTLED, str(known.settled or ""))
    if gaps := sorted(set(known.missing) & {*period.before, *period.after}):
        return Unmeasured(Why.NOT_COLLECTED, str(gaps[0]))
    billed = {line.currency for line in known.lines if line.day in period.before}
    if not billed:
        return Unmeasured(Why.NOT_BILLED)
    if others := sorted({line.currency for line in known.lines} - {currency}):
        return Unmeasured(Why.CURRENCY, others[0])
    changed = _use_changed(asked, known)
    return changed or _saved(asked, known)


def _of(asked: Asked, known: Known, period: Period) -> list[Line]:
    """Return the lines of a window that the change is about."""
    resized = asked.kind == RecommendationType.RIGHTSIZE_MACHINE
    return [line for line in known.lines if line.day in period and (line.timed or not resized)]


def _use_changed(asked: Asked, known: Known) -> Unmeasured | None:
    """Say so if a resized machine ran much longer or shorter than before; what was ended is to run no more."""
    if asked.kind != RecommendationType.RIGHTSIZE_MACHINE:
        return None
    before, after = (_of(asked, known, one) for one in (asked.windows.before, asked.windows.after))
    ran, runs = _hours(before), _hours(after)
    if ran is None or runs is None:  # the bill has no quantities: the days on which it cost anything
        ran, runs = (Decimal(len({line.day for line in one})) for one in (before, after))
    else:
        runs = EXACT.multiply(runs, SPLIT.get(asked.provider, Decimal(1)))
    change = EXACT.divide(EXACT.subtract(runs, ran), ran) if ran else Decimal(1)
    return Unmeasured(Why.USE_CHANGED, f"{change:.4f}") if abs(change) > MOST else None


def _hours(lines: Sequence[Line]) -> Decimal | None:
    known = [line.quantity for line in lines if line.quantity is not None]
    return total(known) if len(known) == len(lines) else None


def _saved(asked: Asked, known: Known) -> Saved:
    period, currency = asked.windows, asked.promised.currency
    before, after = (_of(asked, known, one) for one in (period.before, period.after))
    was, now = (total(line.cost for line in lines) for lines in (before, after))
    unused = _unused(_covered(before), _covered(after), known.waste, period, currency)
    saved = EXACT.subtract(EXACT.subtract(was, now), unused)
    cost_before, cost_after, left, gone = (Money(amount, currency) for amount in (was, now, unused, saved))
    return Saved(cost_before, cost_after, left, gone, promised(asked.promised, period.days))


def _covered(lines: Iterable[Line]) -> Mapping[str, Decimal]:
    found: dict[str, Decimal] = {}
    for line in lines:
        if line.commitment:
            found[line.commitment] = EXACT.add(found.get(line.commitment, Decimal(0)), line.cost)
    return found


def _unused(
    was: Mapping[str, Decimal], now: Mapping[str, Decimal], waste: Sequence[Waste], period: Windows, currency: str
) -> Decimal:
    """Return what the resource gave back of its commitments and nobody else took."""
    found = Decimal(0)
    for name, cost in was.items():
        freed = max(EXACT.subtract(cost, now.get(name, Decimal(0))), Decimal(0))
        mine = [one for one in waste if (one.commitment, one.currency) == (name, currency)]
        before, after = (total(one.cost for one in mine if one.day in each) for each in (period.before, period.after))
        found = EXACT.add(found, min(freed, max(EXACT.subtract(after, before), Decimal(0))))
    return found
