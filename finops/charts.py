"""The charts: what costs most, what each day cost, and how the month runs against the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter

from finops import drawing, marks
from finops.drawing import INK, MUTED, PALETTE, png, short_money, svg, words
from finops.known_events import KnownEvent
from finops.money import total
from finops.periods import ONE_DAY, Period

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

__all__ = ["Chart", "daily", "png", "ranking", "running", "svg"]

OTHER = "other"
BEFORE, NOW, AHEAD = "before", "now", "expected"
MOST_SERIES = len(PALETTE)
"""More colours than that cannot be told apart; the smallest series are added up."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure as a notebook shows it: sharp in the page (SVG), and as a file for Slack and mail (PNG)."""

    figure: Figure

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        """Tell Jupyter both forms, and the title for those who see neither."""
        del include, exclude
        title = self.figure.get_suptitle()
        return {"image/png": png(self.figure), "image/svg+xml": svg(self.figure), "text/plain": title}


def ranking(
    rows: Sequence[tuple[str, Decimal]], *, title: str, currency: str, rest: str | None = None, what: str = "Cost"
) -> Figure:
    """Draw one bar a row, in the order given, the amount at its end. Credits point left; `rest` names a paler row."""
    if not rows:
        return _empty(title)
    figure, axes = drawing.canvas(title, height=0.95 + 0.34 * len(rows))
    costs = [float(cost) for _, cost in rows]  # floats for pixels only; what is written comes from the Decimal
    places = range(len(rows))
    colors = [MUTED if label == rest else PALETTE[0] if cost >= 0 else PALETTE[2] for label, cost in rows]
    axes.barh(places, costs, height=0.66, color=colors)
    axes.set_yticks(places, [words(label) for label, _ in rows], fontsize=10)
    axes.invert_yaxis()
    drawing.money_axis(axes.xaxis, currency, unit=f"{what} in {currency}")
    axes.grid(visible=False, axis="y")
    for place, (_, cost) in zip(places, rows, strict=True):
        axes.annotate(
            words(short_money(cost, currency)),
            (max(float(cost), 0.0), place),  # a credit's amount stands on the free side of the zero
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=INK,
            fontsize=9.5,
        )
    most = max([*costs, 0.01])
    axes.set_xlim(min([*costs, 0.0]) * 1.03, most * 1.17)  # room for the last bar's amount
    return figure


def daily(
    series: Mapping[str, Mapping[date, Decimal]],
    *,
    title: str,
    currency: str,
    provisional_from: date | None = None,
    known: Sequence[KnownEvent] = (),
) -> Figure:
    """Draw a stack of bars a day. Days from `provisional_from` on are hatched: their bills are not complete yet.

    Events that are `known` of these days are marked.
    """
    shown = _largest(series)
    days = _days(shown)
    if not days:
        return _empty(title)
    figure, axes = drawing.canvas(title, height=3.5)
    above, below = dict.fromkeys(days, 0.0), dict.fromkeys(days, 0.0)
    for name, color in zip(shown, _colors(shown), strict=True):
        for hatched in (False, True):
            drawn = [day for day in days if (provisional_from is not None and day >= provisional_from) == hatched]
            _stack(axes, shown[name], drawn, above, below, color=color, hatched=hatched)
    _day_axis(axes, days)
    drawing.money_axis(axes.yaxis, currency, unit=f"Cost a day in {currency}")
    axes.grid(visible=False, axis="x")
    axes.axhline(0, color=INK, linewidth=0.8)
    hatch = provisional_from is not None and any(day >= provisional_from for day in days)
    _legend(figure, shown, hatch=hatch, known=marks.draw(axes, known, days[0], days[-1]))
    return figure


def running(
    current: Mapping[date, Decimal],
    previous: Mapping[date, Decimal],
    ahead: Mapping[date, Decimal],
    *,
    title: str,
    currency: str,
) -> Figure:
    """Draw two periods added up day by day, one over the other, and dashed where the current one should land."""
    before, now = (_added_up(costs) if any(costs.values()) else [] for costs in (previous, current))
    if not before and not now:
        return _empty(title)
    figure, axes = drawing.canvas(title, height=3.3)
    start = now[-1] if now else 0.0
    later = [start + rise for rise in accumulate(float(ahead[day]) for day in sorted(ahead))]
    axes.plot(range(1, len(before) + 1), before, color=MUTED, linewidth=2)
    axes.plot(range(1, len(now) + 1), now, color=PALETTE[0], linewidth=2.6)
    axes.plot(
        range(len(now), len(now) + len(later) + 1), [start, *later], color=PALETTE[0], linewidth=2, ls=(0, (2, 2))
    )
    ends = [(len(before), before, BEFORE, MUTED), (len(now), now, NOW, PALETTE[0])]
    ends += [(len(now) + len(later), later, AHEAD, PALETTE[0])] if later else []
    _name_ends(axes, ends, currency)
    drawing.money_axis(axes.yaxis, currency, unit=f"Cost so far in {currency}")
    axes.set_xlabel("Day of the period", color=INK, fontsize=9)
    axes.set_ylim(bottom=min([0.0, *before, *now]))
    axes.set_xlim(1, max(len(before), len(now) + len(later), 2) * 1.22)  # room for the names at the lines' ends
    axes.xaxis.set_major_locator(FixedLocator([1, 5, 10, 15, 20, 25, 30]))
    return figure


def _added_up(costs: Mapping[date, Decimal]) -> list[float]:
    days = Period(min(costs), max(costs) + ONE_DAY) if costs else ()
    return list(accumulate(float(costs.get(day, 0)) for day in days))


def _name_ends(axes: Axes, ends: Sequence[tuple[int, Sequence[float], str, str]], currency: str) -> None:
    """Write the name and the amount at the right of each line's end, and left of one that ends midway."""
    drawn = [end for end in ends if end[1]]
    last = max((place for place, *_ in drawn), default=0)
    goes_on = any(name == AHEAD for *_, name, _ in drawn)
    apart = 0.17 * (max((abs(values[-1]) for _, values, *_ in drawn), default=1.0) or 1.0)
    lowest = float("-inf")
    for place, values, name, color in sorted(drawn, key=lambda end: end[1][-1]):
        axes.plot([place], [values[-1]], marker="o", markersize=4.5, color=color)
        midway = place < last - 4 or (goes_on and name == NOW)
        early = midway and place < last / 4  # no room on its left
        above = 1.5 * apart if early else apart / 2
        height = values[-1] + above if midway else max(values[-1], lowest + apart)  # names never overlap
        lowest = lowest if midway else height
        beside = place - 0.3 if midway and not early else place + 0.5 if midway else last + 0.6  # clear of all ends
        axes.text(
            beside,
            height,
            f"{words(name)}\n{words(short_money(values[-1], currency))}",
            ha="right" if midway and not early else "left",
            va="center",
            color=INK,
            fontsize=9,
            linespacing=1.1,
        )


def _largest(series: Mapping[str, Mapping[date, Decimal]]) -> dict[str, dict[date, Decimal]]:
    ranked = sorted(series, key=lambda name: (-abs(total(series[name].values())), name))
    kept = ranked if len(ranked) <= MOST_SERIES else ranked[: MOST_SERIES - 1]
    shown = {name: dict(series[name]) for name in kept}
    rest: dict[date, Decimal] = {}
    for name in ranked[len(kept) :]:
        for day, cost in series[name].items():
            rest[day] = total([rest.get(day, Decimal(0)), cost])
    return {**shown, OTHER: rest} if rest else shown


def _days(series: Mapping[str, Mapping[date, Decimal]]) -> list[date]:
    known = [day for costs in series.values() for day in costs]
    return list(Period(min(known), max(known) + ONE_DAY)) if known else []


def _colors(names: Mapping[str, object]) -> list[str]:
    return [MUTED if name == OTHER else color for name, color in zip(names, PALETTE, strict=False)]


def _stack(
    axes: Axes,
    costs: Mapping[date, Decimal],
    days: Sequence[date],
    above: dict[date, float],
    below: dict[date, float],
    *,
    color: str,
    hatched: bool,
) -> None:
    heights = [float(costs.get(day, 0)) for day in days]
    floors = [above[day] if height >= 0 else below[day] for day, height in zip(days, heights, strict=True)]
    look: dict[str, Any] = {"facecolor": "none", "edgecolor": color, "hatch": "/////"} if hatched else {"color": color}
    axes.bar([day.toordinal() for day in days], heights, bottom=floors, width=0.82, linewidth=0.6, **look)
    for day, height in zip(days, heights, strict=True):
        (above if height >= 0 else below)[day] += height


def _day_axis(axes: Axes, days: Sequence[date]) -> None:
    step = max(1, -(-len(days) // 6))  # the first label stands a little inside, clear of the lowest amount
    axes.xaxis.set_major_locator(FixedLocator([day.toordinal() for day in days[min(step - 1, 2) :: step]]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda place, _: _short_day(date.fromordinal(int(place)))))
    half = timedelta(hours=14) / timedelta(days=1)
    axes.set_xlim(days[0].toordinal() - half, days[-1].toordinal() + half)


def _short_day(day: date) -> str:
    return f"{day.day} {day:%b}"


def _legend(figure: Figure, names: Mapping[str, object], *, hatch: bool, known: Sequence[Line2D]) -> None:
    swatches = [
        Patch(facecolor=color, label=words(name, 36)) for name, color in zip(names, _colors(names), strict=True)
    ]
    if hatch:
        swatches.append(Patch(facecolor="none", edgecolor=MUTED, hatch="/////", label="provisional"))
    if len(swatches) > 1 or known:
        marks.legend(figure, swatches, known, columns=2)


def _empty(title: str) -> Figure:
    figure, axes = drawing.canvas(title, height=1.3)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.text(0.5, 0.5, "nothing to draw", transform=axes.transAxes, ha="center", va="center", color=MUTED, fontsize=12)
    return figure
