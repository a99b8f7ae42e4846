"""Days that are out of order one after the other are one event while it lasts, and raise one alarm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

import numpy as np

from finops.anomalies.detectors import Kind
from finops.anomalies.expected import WEEKS
from finops.anomalies.scores import Scores, scores
from finops.anomalies.series import Sensitivity, Series
from finops.anomalies.tails import MONTH
from finops.anomalies.windows import WEEK, Floats
from finops.periods import Period
from finops.results import cents

RARER = 4.0
"""An event that goes on raises a second alarm only where a day is so many times as rare as the one that raised it."""
LASTING = 3
"""Days in a row, from which a spike is a new level; as many days in order end an event."""
USUAL = 8 * WEEK
"""Days after which what was new is how it is."""
FEW = 3
"""Events at most that last at the same time."""
GROWN = 1.5
"""The last week's excess over the first days': so much, and it is no shift but a ramp."""


@dataclass(frozen=True, slots=True)
class Event:
    """What was out of order, amounts in the series' currency."""

    name: str
    days: Period
    """From the day of the alarm up to, and without, the first day in order."""
    kind: Kind
    expected: Decimal
    """A day."""
    actual: Decimal
    """A day."""
    excess: Decimal
    """A day; negative where less was spent."""
    monthly: Decimal
    """What it costs a month if it stays as it was in its last week."""
    months: Decimal
    """In so many months of the series' past its like comes once."""
    lasts: bool
    """Whether it goes on beyond the last known day."""


@dataclass(slots=True, eq=False)
class _Open:
    first: int
    rising: bool
    usual: Floats
    """What the seven weekdays from the first day cost before."""
    level: float
    months: float
    kinds: set[Kind]
    """What the detectors saw, on the days that were rare enough for an alarm."""
    excess: list[float] = field(default_factory=list)
    """Of each day since, a row of days in order at the end left out."""
    quiet: int = 0
    """Days in order, of late."""
    creeping: bool = False
    """Whether the days before the first were on their way already."""
    over: bool = False

    def before(self, day: int) -> float:
        """Return what such a day cost before."""
        return float(self.usual[(day - self.first) % WEEK])

    def add(self, day: int, amount: float, least: float) -> None:
        """Go on by a day."""
        excess = amount - self.before(day)
        self.excess.append(excess)
        out = abs(excess) >= least and (excess > 0) == self.rising
        self.quiet = 0 if out else self.quiet + 1
        self.over = self.quiet >= LASTING or len(self.excess) > USUAL


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """A series with each of its days judged by what was known on it."""

    series: Series
    months: Floats
    """In how many months of its past a day's like begins once; 0 for a day that only goes on."""
    alarms: list[bool]
    kinds: list[Kind | None]
    events: list[Event]


def raised(months: Floats, rising: Sequence[bool], least: float) -> list[bool]:
    """Return the days that raise an alarm: rare enough, and not shortly after one that was about as rare.

    What rises is told apart from what falls: neither hides the other.
    """
    alarms, hot, peak = [], {True: -2 * WEEK, False: -2 * WEEK}, {True: 0.0, False: 0.0}
    for day, (rare, way) in enumerate(zip(months.tolist(), rising, strict=True)):
        alarm = rare >= least and (day - hot[way] > WEEK or rare > RARER * peak[way])
        if rare >= least:
            hot[way], peak[way] = day, rare if alarm else max(peak[way], rare)
        alarms.append(alarm)
    return alarms


def watch(series: Series, wanted: Sensitivity) -> Watched:
    """Judge each day by what was known on it: whether an event begins, what it is so far, and whether it lasts."""
    return follow(series, scores(series, wanted), wanted)


def follow(series: Series, found: Scores, wanted: Sensitivity) -> Watched:
    """Go through the days of a series that are scored. What is known of an event raises no alarm again."""
    amounts, least = series.filled(), 1 / float(wanted.rate)
    alarms = raised(found.months, found.rising, least)
    kinds: list[Kind | None] = []
    events: list[_Open] = []
    for day, amount in enumerate(amounts.tolist()):
        if any(_known(one, day, amount, found, wanted) for one in events[-FEW:]):
            alarms[day] = False
        if alarms[day] and not any(not one.over and one.rising == found.rising[day] for one in events[-FEW:]):
            events.append(_begin(amounts, day, found, wanted))
            for one in events[:-FEW]:
                one.over = True
        if np.isnan(series.amounts[day]):
            kinds.append(Kind.GAP)
            continue
        going = [one for one in events[-FEW:] if not one.over]
        for one in going:
            one.add(day, amount, _least(one, wanted))
            if found.months[day] >= least and day > one.first and one.rising == found.rising[day]:
                one.kinds.add(found.kinds[day])
                one.months = max(one.months, float(found.months[day]))
        shown = [one for one in going if not one.over and (not one.quiet or one.first == day)]
        kinds.append(_kind(shown[-1]) if shown else None)
    return Watched(series, found.months, alarms, kinds, [_told(one, series) for one in events])


def judged(series: Series, days: Period, wanted: Sensitivity | None = None) -> Event:
    """Tell the event of these settled days of a series, wherever it was found, as `watch` tells one that begins there.

    `days` begin within the series and have at least one day.
    """
    chosen = wanted or Sensitivity()
    found, amounts = scores(series, chosen), series.filled()
    first = (days.start - series.start).days
    one = _begin(amounts, first, found, chosen)
    one.excess = [amount - one.before(first + number) for number, amount in enumerate(amounts[first:][: days.days])]
    one.rising = sum(one.excess) > 0
    for day in range(first + 1, first + len(one.excess)):
        if found.months[day] >= 1 / float(chosen.rate) and found.rising[day] == one.rising:
            one.kinds.add(found.kinds[day])
            one.months = max(one.months, float(found.months[day]))
    one.over = len(amounts) - first - len(one.excess) >= LASTING or len(one.excess) > USUAL
    return _told(one, series)


def _known(one: _Open, day: int, amount: float, found: Scores, wanted: Sensitivity) -> bool:
    """Whether a day goes on with an event, no rarer than it, or only goes back to what was usual before it."""
    if one.rising == found.rising[day]:
        return not one.over and found.months[day] <= RARER * one.months
    return day - one.first <= USUAL and abs(amount - one.before(day)) < _least(one, wanted)


def _least(now: _Open, wanted: Sensitivity) -> float:
    return max(float(wanted.share) * now.level, float(wanted.amount))


def _begin(amounts: Floats, day: int, found: Scores, wanted: Sensitivity) -> _Open:
    weeks = min(day // WEEK, WEEKS)
    usual = np.median(amounts[day - weeks * WEEK : day].reshape(-1, WEEK), axis=0) if weeks else np.zeros(WEEK)
    level = float(np.nan_to_num(found.told.level[day]))
    now = _Open(day, found.rising[day], usual, level, float(found.months[day]), {found.kinds[day]})
    before = (amounts[day - LASTING : day] - usual[-LASTING:]) * (1 if now.rising else -1)
    now.creeping = bool(weeks and level and (before >= _least(now, wanted) / 2).all())
    return now


def _kind(now: _Open) -> Kind:
    """Tell what it is so far: a spike that stays is a new level, and one that still grows is a ramp."""
    for plain in (Kind.NEW, Kind.PATTERN):
        if plain in now.kinds:
            return plain
    if now.creeping:
        return Kind.RAMP
    days = len(now.excess)
    if days < LASTING or (days - now.quiet) < LASTING:
        return _at_once(now)
    first, last = np.mean(now.excess[:LASTING]), np.mean(now.excess[-WEEK:])
    grows = days > WEEK and bool(abs(last) > GROWN * abs(first))
    return Kind.RAMP if grows or now.kinds == {Kind.RAMP} else Kind.SHIFT


def _at_once(now: _Open) -> Kind:
    if now.kinds & {Kind.SHIFT, Kind.RAMP}:  # seen over days, so it did not begin today
        return Kind.RAMP if Kind.RAMP in now.kinds else Kind.SHIFT
    return Kind.SPIKE if now.rising else Kind.DROP


def _told(one: _Open, series: Series) -> Event:
    days = max(len(one.excess) - one.quiet, 1)
    usual = np.resize(one.usual, days)
    excess = np.array(one.excess[:days]) if one.excess else np.zeros(1)
    first = series.day(one.first)
    return Event(
        name=series.name,
        days=Period(first, first + timedelta(days=days)),
        kind=_once_over(one, days),
        expected=_money(usual.mean()),
        actual=_money((usual + excess).mean()),
        excess=_money(excess.mean()),
        monthly=_money(excess[-WEEK:].mean() * MONTH),
        months=_money(one.months),
        lasts=not one.over,
    )


def _once_over(one: _Open, days: int) -> Kind:
    """Call a level that lasted no week, and is over, what it was: on each of its days it was still a new level."""
    kind = _kind(one)
    if one.over and days <= WEEK and kind in {Kind.SHIFT, Kind.RAMP}:
        return Kind.SPIKE if one.rising else Kind.DROP
    return kind


def _money(amount: float) -> Decimal:
    return cents(Decimal(repr(float(amount))))
