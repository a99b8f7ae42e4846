"""A rule tried on the past before it is saved: on which days it would have told somebody."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from finops.periods import ONE_DAY, Period
from finops.tables import days as shown

NAMED = 3
"""Days that the sentence names."""
YEAR = timedelta(days=365)
MOSTLY = 2
"""A rule whose alert would be open on more than one day of so many tells nothing new."""


@dataclass(frozen=True, slots=True)
class Replay:
    """On which days a rule would have fired, of a period of complete days; `period` is None where nothing is known."""

    days: tuple[date, ...]
    period: Period | None
    why: str = "There are no complete days to try it on yet."
    """Said where nothing is known."""
    open_days: int | None = None
    """On how many of the days an alert would have been open, where that is judged day by day."""

    @property
    def count(self) -> int:
        """How often."""
        return len(self.days)

    @property
    def sentence(self) -> str:
        """Tell it: It would have fired 3 times in the last 12 months, last on 3 Nov 2026."""
        if self.period is None or not self.period.days:
            return self.why
        span = "the last 12 months" if self.period.days >= YEAR.days else f"the {self.period.days} days that are known"
        if not self.days:
            return f"It would not have fired in {span}."
        if self.open_days is not None and self.open_days * MOSTLY > self.period.days:
            return f"It would have been open on {self._open} ({self._fired(span)}): most of the time."
        told = f"It would have {self._fired(span)}"
        return f"{told}; open on {self._open}." if self.open_days is not None else f"{told}."

    @property
    def _open(self) -> str:
        return f"{self.open_days} of {self.period.days if self.period else 0} days"

    def _fired(self, span: str) -> str:
        times = {1: "once", 2: "twice"}.get(self.count, f"{self.count} times")
        named = [shown(Period(day, day + ONE_DAY)) for day in self.days[-NAMED:]]
        last = " and ".join(filter(None, (", ".join(named[:-1]), named[-1])))
        return f"fired {times} in {span}{', last' if self.count > NAMED else ':'} on {last}"


def firings(fires: Callable[[date], bool], period: Iterable[date], *, cool_down: timedelta | None = None) -> list[date]:
    """Return the days on which an alert would have been opened: it stays one while it fires on every day.

    After it was over it waits for as long as it has to cool down, in whole days.
    """
    return [first for first, _ in spells(fires, period, cool_down=cool_down)]


def spells(
    fires: Callable[[date], bool], period: Iterable[date], *, cool_down: timedelta | None = None
) -> list[tuple[date, int]]:
    """Return for each alert that would have been opened its first day, and on how many days it would have been open."""
    wait = timedelta(days=-(-(cool_down or timedelta(0)) // ONE_DAY))
    opened: list[tuple[date, int]] = []
    was, over = False, date.min
    for day in period:
        is_now = fires(day)
        if was and not is_now:
            over = day
        if is_now and not was:
            if over > date.min and day < over + wait:
                continue
            opened.append((day, 0))
        if is_now:
            opened[-1] = (opened[-1][0], opened[-1][1] + 1)
        was = is_now
    return opened
