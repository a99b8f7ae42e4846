"""How many surprises are found in real series, how soon, and how many alarms are false; and how long it takes.

`COSTS_SERIES` names a Parquet file of daily series (unique_id, ds, y), which is judged whole. Of our own file every
second series, in the order of names, served for choosing detectors and their windows; the others judge.

Each series is looked at as it was at several ends (six of a long one, two of a short one), with at most three years
before each, and once more with at most two. Into a copy of its last 120 days one surprise is put, on a random day that
has 21 days after it (seeded by the series' name and end), twice for each kind, four times with `--full`:

- spike: that day costs 60 % more; drop: that day costs 60 % less
- shift: 30 % more from that day on
- ramp: from that day on more by a twenty-first of 60 % each day, then 60 % more
- lost pattern: from that day on each day is divided by its weekday's share of the week (the median of eight weeks), so
  that the noise and the sum stay; only where the weekdays differ by a fifth of their mean at least

Found means: an alarm on the day itself (spike, drop), within 14 days (shift, pattern) or within 21 (ramp) which the
series as it was did not raise. Every alarm that a series raises as it was counts as false, its real surprises (feasts,
blizzards, strikes, closed stations) included. Recall of all kinds is the mean of the five. "At most 0.5" takes the
highest rate to which all series can be set, in tenths of 0.5, so that their false alarms stay within it; what the
setting 0.5 itself gives is the line after it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from bench.forecast import PROCESSES, SERIES, read
from bench.measure import Line
from finops.anomalies.events import follow, watch
from finops.anomalies.scores import Scores, scores
from finops.anomalies.series import Sensitivity, Series
from finops.anomalies.tails import MONTH
from finops.anomalies.windows import WEEK, Floats

LAST, AFTER = 120, 21
YEARS, TWO_YEARS, SHORT = 3 * 365, 730, 260
ENDS = 6
MANY, SAMPLE, LIMIT = 1000, 100, 60
GOALS = ((Decimal("0.5"), 0.80), (Decimal("0.25"), 0.55))
STEPS = 10


def _spike(amounts: Floats, day: int) -> None:
    amounts[day] *= 1.6


def _drop(amounts: Floats, day: int) -> None:
    amounts[day] *= 0.4


def _shift(amounts: Floats, day: int) -> None:
    amounts[day:] *= 1.3


def _ramp(amounts: Floats, day: int) -> None:
    amounts[day:] *= 1 + 0.6 * np.minimum(np.arange(1, len(amounts) - day + 1) / AFTER, 1)


def _week(amounts: Floats, day: int) -> Floats:
    return np.asarray(np.median(amounts[day - 8 * WEEK : day].reshape(-1, WEEK), axis=0))


def _pattern(amounts: Floats, day: int) -> None:
    week = np.resize(_week(amounts, day), len(amounts) - day)
    mean = _week(amounts, day).mean()
    amounts[day:] *= np.divide(mean, week, out=np.ones_like(week), where=week > 0)


@dataclass(frozen=True, slots=True)
class Surprise:
    """A kind of surprise, in how many days it must be found, and in how many at the median."""

    name: str
    put: Callable[[Floats, int], None]
    within: int
    soon: int | None


SURPRISES = (
    Surprise("spike +60 %", _spike, 1, 0),
    Surprise("drop -60 %", _drop, 1, 0),
    Surprise("shift +30 %", _shift, 14, 0),
    Surprise("ramp to +60 %", _ramp, AFTER, 8),
    Surprise("lost weekly pattern", _pattern, 14, None),
)


Scored = tuple[Series, Scores]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A series scored as it was, and with each surprise: its place, its day."""

    clean: Scored
    surprised: list[tuple[int, int, Scored]]


@dataclass(slots=True, eq=False)
class Tally:
    """What was found at one setting."""

    false: float
    """Alarms a series-month."""
    found: list[list[bool]] = field(default_factory=lambda: [[] for _ in SURPRISES])
    days: list[list[int]] = field(default_factory=lambda: [[] for _ in SURPRISES])

    @property
    def recall(self) -> float:
        """Of all kinds, each counting the same."""
        return float(np.mean([np.mean(kind) for kind in self.found if kind]))


def windows(series: Sequence[Series], most: int = YEARS) -> list[Series]:
    """Return each series as it was at its ends, at most so many days of it."""
    found = []
    for one in series:
        days = len(one.amounts)
        ends = np.linspace(YEARS, days, ENDS) if days >= 2 * YEARS else np.linspace(min(SHORT, days), days, 2)
        for end in ends.astype(int).tolist():
            start = max(0, end - most)
            found.append(Series(one.name, one.day(start), one.amounts[start:end]))
    return found


def see(one: Series, draws: int) -> Seen:
    """Judge the last days of a series as it was, and with each surprise."""
    days = len(one.amounts)
    random = np.random.default_rng(crc32(f"{one.name} {days} {one.start}".encode()))
    surprised = []
    for place, surprise in enumerate(SURPRISES):
        for day in random.integers(days - LAST, days - AFTER, draws).tolist():
            week = _week(one.amounts, day)
            if surprise.put is _pattern and week.max() - week.min() < abs(week.mean()) / 5:
                continue
            amounts = one.amounts.copy()
            surprise.put(amounts, day)
            surprised.append((place, day, _scored(one, amounts)))
    return Seen(_scored(one, one.amounts), surprised)


def _scored(one: Series, amounts: Floats) -> Scored:
    changed = Series(one.name, one.start, amounts)
    return changed, scores(changed, Sensitivity())


def _alarms(one: Scored, rate: Decimal) -> NDArray[np.bool_]:
    return np.array(follow(*one, Sensitivity(rate=rate)).alarms)


def tally(seen: Sequence[Seen], rate: Decimal) -> Tally:
    """Count what alarms of a setting find, and which are false."""
    alarms = [_alarms(one.clean, rate) for one in seen]
    found = Tally(float(sum(one[-LAST:].sum() for one in alarms)) / (len(seen) * LAST / MONTH))
    for one, clean in zip(seen, alarms, strict=True):
        for place, day, scored in one.surprised:
            until = day + SURPRISES[place].within
            hits = np.flatnonzero(_alarms(scored, rate)[day:until] & ~clean[day:until])
            found.found[place].append(len(hits) > 0)
            found.days[place] += hits[:1].tolist()
    return found


def held(seen: Sequence[Seen], rate: Decimal) -> tuple[Decimal, Tally]:
    """Return the highest setting whose false alarms stay within the rate, and what it finds."""
    for step in range(STEPS, 1, -1):
        setting = rate * step / STEPS
        found = tally(seen, setting)
        if found.false <= float(rate):
            break
    return setting, found


def found(name: str, seen: Sequence[Seen]) -> Iterator[Line]:
    """Return the lines about finding."""
    for rate, goal in GOALS:
        setting, best = held(seen, rate)
        what = f"anomalies, {name}, <= {rate} false alarms"
        yield Line(f"{what}: recall of all kinds", f"{best.recall:.2f} at {best.false:.2f} (set to {setting:.3g})",
                   f"at least {goal:.2f}", best.recall >= goal and best.false <= float(rate))  # fmt: skip
        for surprise, hits, days in zip(SURPRISES, best.found, best.days, strict=True):
            if not hits:
                continue
            median = float(np.median(days)) if days else float("nan")
            yield Line(f"  {surprise.name}: recall of {len(hits)}; days to detect, median",
                       f"{np.mean(hits):.2f}; {median:.0f}",
                       "" if surprise.soon is None else f"{surprise.soon} days at most",
                       None if surprise.soon is None else median <= surprise.soon)  # fmt: skip
        plain = tally(seen, rate)
        yield Line(f"  set to {rate}: recall of all kinds", f"{plain.recall:.2f} at {plain.false:.2f}", "", None)


def _watch(one: Series) -> int:
    return len(watch(one, Sensitivity()).events)


def speed(series: Sequence[Series], pool: ProcessPoolExecutor) -> Line:
    """Time a sample of series of two years, and scale."""
    long = [one for one in series if len(one.amounts) > 2 * TWO_YEARS] or list(series)
    sample = []
    for number in range(SAMPLE):
        one = long[number % len(long)]
        start = max(0, len(one.amounts) - TWO_YEARS - 7 * number)
        sample.append(Series(one.name, one.day(start), one.amounts[start : start + TWO_YEARS]))
    list(pool.map(_watch, sample[:4]))
    start_time = time.perf_counter()
    list(pool.map(_watch, sample, chunksize=4))
    taken = (time.perf_counter() - start_time) * MANY / SAMPLE
    return Line(f"anomalies: {MANY:,} series of two years, {PROCESSES} processes", f"{taken:.0f} s",
                f"at most {LIMIT} s", taken <= LIMIT)  # fmt: skip


def measure(draws: int = 2) -> Iterator[Line]:
    """Find surprises put into real series, and count the alarms without any."""
    place = Path(os.environ.get("COSTS_SERIES", SERIES))
    if not place.exists():
        yield Line("anomalies: no series here; COSTS_SERIES names a Parquet file of them", "", "", None)
        return
    series = [Series(one.name, one.start, one.amounts) for one in read(place)]
    series = [one for one in series if len(one.amounts) >= SHORT]
    halves = {"judged": series} if "COSTS_SERIES" in os.environ else {"judged": series[1::2], "chosen on": series[::2]}
    with ProcessPoolExecutor(PROCESSES) as pool:
        for name, half in halves.items():
            seen = list(pool.map(partial(see, draws=draws), windows(half), chunksize=2))
            yield Line(f"anomalies, {name}: {len(half)} series, {len(seen) * LAST / MONTH:.0f} series-months: "
                       + ", ".join(one.name for one in half), "", "", None)  # fmt: skip
            yield from found(name, seen)
        half = halves["judged"]
        seen = list(pool.map(partial(see, draws=draws), windows(half, TWO_YEARS), chunksize=2))
        yield from found("judged on two years", seen)
        yield speed(series, pool)
