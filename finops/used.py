"""How much of a resource was used, in words: its days summed up once more, and its usual week as shades."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from finops.tables import percent
from finops.utilization import HOURS_A_DAY, Profile

RATIOS = ("cpu", "memory")
BYTES = ("network", "disk")
SUMS = (*BYTES, "requests", "operations")
"""What a day's samples are added up of: the day has one number, and no percentiles."""
CALLED = {"cpu": "CPU"}
STEPS = ("B", "kB", "MB", "GB", "TB", "PB")
THOUSAND, HUNDRED, TEN = 1000, 100, 10
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SHADES = "▁▂▃▄▅▆▇█"
GAP = "·"
RULER = "".join(f"{hour:<6}" for hour in range(0, HOURS_A_DAY, 6)).rstrip()


@dataclass(frozen=True, slots=True)
class Summary:
    """Some days of one metric of one resource, in its unit."""

    metric: str
    days: int
    mean: float
    p50: float | None
    """Of the days' medians the median: half of the hours of a usual day. Empty where no day tells it."""
    p95: float
    """Of the busiest day."""
    maximum: float


def called(metric: str) -> str:
    """Return what people call a metric."""
    return CALLED.get(metric, metric)


def shown(metric: str, value: float) -> str:
    """Show a value in its metric's unit: 12.5 %, 3.4 GB, 1,250."""
    if metric in RATIOS:
        return percent(round(value, 4), 1 if value * HUNDRED < TEN else 0)
    if metric in BYTES:
        step = next((place for place in range(len(STEPS)) if value < THOUSAND ** (place + 1)), len(STEPS) - 1)
        value = value / THOUSAND**step
        return f"{value:.0f} {STEPS[step]}" if value >= TEN or not step else f"{value:.1f} {STEPS[step]}"
    return f"{value:,.0f}" if value >= TEN or value == round(value) else f"{value:.1f}"


def words(summaries: Mapping[str, Summary]) -> str:
    """Say how much was used, each metric in a few words; nothing if nothing was measured."""
    days = max((one.days for one in summaries.values()), default=0)
    each = "; ".join(_words(one) for one in summaries.values())
    return f"{each}; measured on {days} {'day' if days == 1 else 'days'}" if each else ""


def _words(one: Summary) -> str:
    if one.metric in SUMS:
        return f"{called(one.metric)} {shown(one.metric, one.mean)} a day, at most {shown(one.metric, one.maximum)}"
    half = f"P50 {shown(one.metric, one.p50)}, " if one.p50 is not None else ""
    most = f"P95 {shown(one.metric, one.p95)}, max {shown(one.metric, one.maximum)}"
    return f"{called(one.metric)} {half}{most}"


def week(profile: Profile) -> list[str]:
    """Draw a usual week: a line a weekday, a shade an hour, from nothing to its busiest hour, told below."""
    measured = [value for value, count in zip(profile.means, profile.counts, strict=True) if count]
    highest = max(measured, default=0.0)
    shades = [_shade(value, highest) if n else GAP for value, n in zip(profile.means, profile.counts, strict=True)]
    lines = [f"     {RULER}"]
    for number, day in enumerate(WEEKDAYS):
        hours = shades[number * HOURS_A_DAY : (number + 1) * HOURS_A_DAY]
        lines.append(f"{day}  {''.join(hours)}")
    lowest = min(measured, default=0.0)
    gaps = f", {GAP} not measured" if GAP in "".join(shades) else ""
    busiest, quietest = shown(profile.metric, highest), shown(profile.metric, lowest)
    return [*lines, f"     {SHADES[-1]} {busiest} in the busiest hour, {quietest} in the quietest{gaps}"]


def _shade(value: float, highest: float) -> str:
    return SHADES[min(int(value / highest * len(SHADES)), len(SHADES) - 1)] if highest > 0 else SHADES[0]
