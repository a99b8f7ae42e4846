"""How much of something a resource used: a day in seven numbers, and a usual week in 168.

Samples of a day are summed up as minimum, mean, percentiles and maximum, so that the samples themselves need not be
kept. A percentile is the nearest rank: the smallest sample that so many percent of all samples do not exceed
(https://en.wikipedia.org/wiki/Percentile#The_nearest-rank_method), hence always a value that was measured.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from statistics import fmean

from finops.resources import DailyUtilization

HOURS_A_DAY, HOURS_A_WEEK = 24, 168
WEEKS = 13
"""How many weeks a usual week stands for, some 90 days: of more, older ones fade."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A resource's usual week of one metric. Hours are UTC and begin on Monday at midnight."""

    resource_id: str
    metric: str
    through: date
    """The last day that is in it: what is told again of a day until then is known already."""
    means: tuple[float, ...]
    """168 means in the metric's unit; 0 where nothing was measured."""
    counts: tuple[int, ...]
    """How many weeks each of them stands for, 13 at most; 0 where nothing was measured."""


def rank(ordered: Sequence[float], percent: float) -> float:
    """Return the nearest rank's value of samples in ascending order, at least one."""
    return ordered[max(math.ceil(round(percent / 100 * len(ordered), 9)), 1) - 1]  # 95 % of 20 is 19, not a bit more


def daily(
    resource_id: str, metric: str, points: Mapping[datetime, float], *, peaks: Mapping[datetime, float] | None = None
) -> Iterator[DailyUtilization]:
    """Sum up the samples of each day of UTC, in order of days.

    `peaks` are the highest values within the samples' times, where a provider tells them beside its means; a day that
    lacks them is left out, because its maximum is not known.
    """
    days: dict[date, dict[datetime, float]] = defaultdict(dict)
    for at, value in points.items():
        days[at.astimezone(UTC).date()][at] = value
    for day, told in sorted(days.items()):
        highest = list(told.values()) if peaks is None else [peaks[at] for at in told if at in peaks]
        if highest:
            yield _day(resource_id, metric, day, told, max(*highest, *told.values()))


def _day(resource_id: str, metric: str, day: date, told: Mapping[datetime, float], highest: float) -> DailyUtilization:
    ordered = sorted(told.values())
    return DailyUtilization(
        resource_id,
        metric,
        day,
        minimum=ordered[0],
        mean=fmean(ordered),
        p95=rank(ordered, 95),
        maximum=highest,
        samples=len(ordered),
        p50=rank(ordered, 50),
        p99=rank(ordered, 99),
        p995=rank(ordered, 99.5),
        hours=_hours(told),
    )


def _hours(told: Mapping[datetime, float]) -> tuple[float | None, ...]:
    hours: dict[int, list[float]] = defaultdict(list)
    for at, value in told.items():
        hours[at.astimezone(UTC).hour].append(value)
    return tuple(fmean(hours[hour]) if hour in hours else None for hour in range(HOURS_A_DAY))


def profile(days: Iterable[DailyUtilization], known: Profile | None = None) -> Profile | None:
    """Add days of one resource and metric to its usual week; nothing if none of them tells its hours.

    Days until `known.through` are in it already, so that asking again for the last weeks counts no day twice.
    """
    found = known
    for day in sorted(days, key=lambda one: one.day):
        if day.hours and (found is None or day.day > found.through):
            found = _added(found, day)
    return found


def _added(known: Profile | None, day: DailyUtilization) -> Profile:
    means = list(known.means) if known else [0.0] * HOURS_A_WEEK
    counts = list(known.counts) if known else [0] * HOURS_A_WEEK
    for hour, value in enumerate(day.hours, day.day.weekday() * HOURS_A_DAY):
        if value is not None:
            counts[hour] = min(counts[hour] + 1, WEEKS)
            means[hour] += (value - means[hour]) / counts[hour]
    return Profile(day.resource_id, day.metric, day.day, tuple(means), tuple(counts))


def merged(one: Profile, other: Profile) -> Profile:
    """Return one usual week of two that hold different days of the same resource and metric."""
    pairs = [*zip(one.means, one.counts, other.means, other.counts, strict=True)]
    means = tuple((a * n + b * m) / (n + m) if n + m else 0.0 for a, n, b, m in pairs)
    counts = tuple(min(n + m, WEEKS) for _, n, _, m in pairs)
    return Profile(one.resource_id, one.metric, max(one.through, other.through), means, counts)
