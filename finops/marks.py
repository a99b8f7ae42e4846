"""Known events on a chart of days: a line where each begins, a pale band while it lasts, a number, its name beneath."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from matplotlib.lines import Line2D

from finops.drawing import INK, MUTED, words
from finops.known_events import Kind, KnownEvent, within
from finops.periods import ONE_DAY, Period

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 6
"""More cannot be told apart on a phone; holidays give way first, then what is longest ago."""
APART = 0.05
"""Of the width: marks that are closer share one number tag."""
NAME = 30
COLUMNS, ROW = 2, 0.2
"""Of the legend, and inches that one more line of it takes."""
HEAD = 1.13
"""So much of the height is kept free above what is drawn, for the numbers."""


def draw(axes: Axes, events: Sequence[KnownEvent], first: date, last: date) -> list[Line2D]:
    """Mark the events of the days `first` to `last` on axes whose x is the day's ordinal; returns what names them.

    Axes limits must be set before; the upper one is raised to make room.
    """
    shown = _chosen(within(events, Period(first, last + ONE_DAY)))
    if not shown:
        return []
    low, high = axes.get_ylim()
    axes.set_ylim(low, low + (high - low) * HEAD if high > 0 else high + (high - low) * (HEAD - 1))
    top = axes.get_xaxis_transform()
    begins = [max(one.first, first).toordinal() for one in shown]
    for one, place in zip(shown, begins, strict=True):
        axes.axvline(place, color=INK, linewidth=0.9, ls=(0, (1, 2)), zorder=0.5)
        if one.days.days > 1:
            axes.axvspan(place - 0.5, min(one.end.toordinal() - 0.5, last.toordinal() + 0.5), color=MUTED, alpha=0.16,
                         linewidth=0, zorder=0.4)  # fmt: skip
    for middle, tag in _tags(begins, (last - first).days + 1):
        box = {"boxstyle": "round,pad=0.22", "facecolor": "#FFFFFF", "edgecolor": INK, "linewidth": 0.7}
        axes.text(middle, 0.985, tag, transform=top, ha="center", va="top", color="#1B1F23", fontsize=8, bbox=box)
    return [_named(number, one) for number, one in enumerate(shown, 1)]


def _chosen(events: Sequence[KnownEvent]) -> list[KnownEvent]:
    ranked = sorted(events, key=lambda one: (one.kind is Kind.HOLIDAY, -one.first.toordinal()))
    return sorted(ranked[:MOST], key=lambda one: (one.first, one.end, one.title))


def _tags(places: Sequence[int], width: int) -> list[tuple[float, str]]:
    """Return where each number tag stands; those that would overlap are one: 2, 3."""
    groups: list[list[int]] = []
    for number, place in enumerate(places):
        if groups and place - places[groups[-1][-1]] < APART * width:
            groups[-1].append(number)
        else:
            groups.append([number])
    return [(sum(places[n] for n in each) / len(each), ", ".join(str(n + 1) for n in each)) for each in groups]


def _named(number: int, event: KnownEvent) -> Line2D:
    last = event.end - ONE_DAY
    until = f"{last.day} {last:%b}"
    month = f" {event.first:%b}" if event.first.month != last.month else ""
    day = until if event.days.days == 1 else f"{event.first.day}{month}–{until}"  # noqa: RUF001  a dash between days
    return Line2D([], [], color=INK, marker=f"${number}$", markersize=6, linewidth=0,
                  label=f"{words(event.title, NAME)}, {day}")  # fmt: skip


def legend(figure: Figure, handles: Sequence[Any], known: Sequence[Line2D], *, columns: int) -> None:
    """Write the legend beneath a chart: what is drawn, then each known event by its number. The picture grows by it."""
    rows = -(-len(known) // COLUMNS)
    figure.set_figheight(figure.get_figheight() + ROW * rows)
    figure.legend(
        handles=[*handles, *known],
        loc="outside lower left",
        ncols=min(columns, COLUMNS) if known else columns,
        frameon=False,
        fontsize=9,
        handlelength=1.1,
        handleheight=1.0,
        labelcolor=INK,
    )
