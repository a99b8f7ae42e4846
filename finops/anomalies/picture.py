"""The picture of an event: what each day cost, what was expected with its usual range, and the days that were not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter

from finops import drawing, marks
from finops.anomalies.compared import usual
from finops.anomalies.expected import expected
from finops.anomalies.series import Series
from finops.anomalies.windows import WEEK, Floats
from finops.drawing import MUTED, PALETTE
from finops.known_events import KnownEvent
from finops.periods import Period

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN = timedelta(weeks=10)
BEFORE = timedelta(weeks=4)
"""At least so much before the event is in the picture, however long it lasts."""
USUAL = 2.0
"""Usual misses on either side: some nineteen of twenty days, if misses were normal."""
LINE, OUT = PALETTE[0], PALETTE[5]


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What each day of a series was expected to cost, and by how much its days usually miss."""

    amounts: Floats
    range: Floats


def told(series: Series, days: Period) -> Told:
    """Return what each day was told the day before; from the event on, its weekdays as they were before it."""
    found = expected(series.filled(), series.start)
    first = (days.start - series.start).days
    amounts, misses = found.amounts.copy(), USUAL * found.noise * found.level
    amounts[first:] = np.resize(usual(series, days.start), len(amounts) - first)
    misses[first:] = misses[first] if np.isfinite(misses[first]) else 0.0
    return Told(amounts, misses)


def event(series: Series, days: Period, late: Mapping[date, float], *, title: str, currency: str,
          marked: Sequence[KnownEvent] = ()) -> Figure:  # fmt: skip
    """Draw the weeks around an event. `late` are the days after the settled ones, which are hatched.

    `marked` are known events, drawn as far as they are of these days.
    """
    known, end = told(series, days), series.day(len(series.amounts))
    first = max(series.start, min(end - SHOWN, days.start - BEFORE))
    shown = slice((first - series.start).days, None)
    places = np.arange(first.toordinal(), end.toordinal())
    figure, axes = drawing.canvas(title, height=3.6)
    amounts, low = known.amounts[shown], (known.amounts - known.range)[shown]
    axes.fill_between(places, low, (known.amounts + known.range)[shown], color=MUTED, alpha=0.3, linewidth=0)
    axes.plot(places, amounts, color=MUTED, linewidth=1.6, ls=(0, (3, 2)))
    axes.plot(places, series.amounts[shown], color=LINE, linewidth=1.9)
    out = (places >= days.start.toordinal()) & (places < days.end.toordinal())
    axes.fill_between(places, amounts, series.amounts[shown], where=list(out), color=OUT, alpha=0.25, linewidth=0)
    axes.plot(places[out], series.amounts[shown][out], "o", color=OUT, markersize=5 if days.days <= 3 * WEEK else 3)
    _provisional(axes, late, float(series.amounts[-1]), end)
    last = max([end, *late])
    _axes(axes, first, last, currency)
    _legend(figure, marks.draw(axes, marked, first, last), late=bool(late))
    return figure


def _provisional(axes: Axes, late: Mapping[date, float], last: float, end: date) -> None:
    if not late:
        return
    places = [end.toordinal() - 1, *(day.toordinal() for day in late)]
    axes.plot(places, [last, *late.values()], color=LINE, linewidth=1.6, ls=(0, (1, 1.5)))
    axes.axvspan(places[0] + 0.5, places[-1] + 0.5, facecolor="none", edgecolor=MUTED, hatch="/////", linewidth=0)


def _axes(axes: Axes, first: date, last: date, currency: str) -> None:
    days = range(first.toordinal(), last.toordinal() + 1)
    ticks = list(days)[2 :: max(1, -(-len(days) // 6))]  # none beside the lowest amount
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda place, _: _short(date.fromordinal(int(place)))))
    axes.set_xlim(days[0] - 1, days[-1] + 1)
    low, high = axes.get_ylim()
    axes.set_ylim(min(1.05 * low, 0.0), max(1.05 * high, 0.0))  # from nothing up, so that a small thing looks small
    drawing.money_axis(axes.yaxis, currency, unit=f"Cost a day in {currency}")
    axes.grid(visible=False, axis="x")


def _short(day: date) -> str:
    return f"{day.day} {day:%b}"


def _legend(figure: Figure, marked: Sequence[Line2D], *, late: bool) -> None:
    swatches = [
        Line2D([], [], color=LINE, linewidth=2, label="what it cost"),
        Line2D([], [], color=OUT, marker="o", markersize=5, linewidth=0, label="out of order"),
        Line2D([], [], color=MUTED, linewidth=1.6, ls=(0, (3, 2)), label="expected"),
        Patch(facecolor=MUTED, alpha=0.3, label="usual range"),
    ]
    if late:
        swatches.append(Patch(facecolor="none", edgecolor=MUTED, hatch="/////", label="provisional"))
    marks.legend(figure, swatches, marked, columns=3)
