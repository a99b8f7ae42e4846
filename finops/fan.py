"""The picture of a forecast: what was, what is expected, and the bands that it lies in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter

from finops import drawing, marks
from finops.drawing import MUTED, PALETTE
from finops.forecasting.history import History
from finops.forecasting.values import CostForecast, ForecastDay
from finops.known_events import KnownEvent

SHOWN = 60
"""Days of the past: enough to see the week, few enough to see a day."""
NONE: Mapping[date, Decimal] = {}
HATCHED: dict[str, Any] = {"facecolor": "none", "edgecolor": MUTED, "hatch": "/////", "linewidth": 0.6}


def fan(
    known: History,
    forecast: CostForecast,
    *,
    title: str,
    came: History | None = None,
    provisional: Mapping[date, Decimal] = NONE,
    marked: Sequence[KnownEvent] = (),
) -> Figure:
    """Draw the last days of a series and the days ahead with both intervals, the wider one paler.

    `came` are the days ahead as they were in the end; `provisional` what some of them have cost so far, hatched, since
    their bills are not complete; `marked` are known events, drawn where they are of these days.
    """
    figure, axes = drawing.canvas(title, height=3.4)
    recent = known.last(SHOWN)
    past = [recent.start.toordinal() + place for place in range(recent.days)]
    ahead = [point.day.toordinal() for point in forecast.points]
    for ends, alpha in ((("lo95", "hi95"), 0.16), (("lo80", "hi80"), 0.3)):
        low, high = (_heights(forecast.points, end) for end in ends)
        axes.fill_between(ahead, low, high, color=PALETTE[0], alpha=alpha, linewidth=0)
    axes.plot(past, list(recent.amounts), color=MUTED, linewidth=1.8)
    axes.plot(ahead, _heights(forecast.points, "mean"), color=PALETTE[0], linewidth=2.2)
    unsettled = {day.toordinal(): float(cost) for day, cost in provisional.items() if day.toordinal() in ahead}
    axes.bar(list(unsettled), list(unsettled.values()), width=0.82, **HATCHED)
    if came is not None:
        axes.plot([came.start.toordinal() + place for place in range(came.days)], list(came.amounts), color=PALETTE[5])
    days = [*past, *ahead]
    axes.xaxis.set_major_locator(FixedLocator(days[:: max(1, -(-len(days) // 6))]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda place, _: _short(date.fromordinal(int(place)))))
    axes.set_xlim(days[0] - 1, days[-1] + 1)
    drawing.money_axis(axes.yaxis, forecast.currency, unit=f"Cost a day in {forecast.currency}")
    axes.grid(visible=False, axis="x")
    swatches = [
        Patch(facecolor=MUTED, label="what it cost"),
        Patch(facecolor=PALETTE[0], label="expected"),
        Patch(facecolor=PALETTE[0], alpha=0.46, label="4 of 5 days"),
        Patch(facecolor=PALETTE[0], alpha=0.16, label="19 of 20 days"),
    ]
    if unsettled:
        swatches.append(Patch(label="so far, provisional", **HATCHED))
    if came is not None:
        swatches.insert(2, Patch(facecolor=PALETTE[5], label="what came"))
    listed = marks.draw(axes, marked, recent.start, forecast.points[-1].day)
    marks.legend(figure, swatches, listed, columns=3)
    return figure


def _heights(points: Sequence[ForecastDay], end: str) -> list[float]:
    return [float(getattr(point, end)) for point in points]


def _short(day: date) -> str:
    return f"{day.day} {day:%b}"
