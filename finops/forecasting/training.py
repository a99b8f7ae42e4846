"""Which members a forecast is made of: chosen on older past forecasts, judged on later ones, and kept as a version.

Choosing on the windows that judge would flatter every choice, so the two never share one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from finops.forecasting import backtest
from finops.forecasting.intervals import Window
from finops.forecasting.members import chosen
from finops.results import Amount, Result, ratio

FEW = 4
"""Windows: fewer tell nothing about which members are good."""
LATER = 3
"""One of so many windows of each series, the latest, judges what the others chose."""
FEWEST = 3
"""Members: with fewer a median is no shield against the one that goes astray."""
ASTRAY = 1.3
"""A member that by itself misses by so much more than the median of all is left out, if that helps by `WORTH`."""
WORTH = 0.98
"""Of the error that all members have together; a smaller gain on a few windows is chance."""


class Active(Result):
    """The version in use."""

    number: int
    members: list[str]


class Setup(Result):
    """What a forecast is told about models: the version in use, and the one to be trained, if that is due."""

    allowed: list[str]
    """Members that the configuration allows."""
    active: Active | None = None
    candidate: int | None = None
    """The number of the version to be trained; None where the one in use still serves."""

    @property
    def needed(self) -> tuple[str, ...]:
        """Return the members that have to forecast: of the one in use, too, to be held against."""
        active = self.active.members if self.active else []
        return chosen([*self.allowed, *active] if self.candidate or not active else active)


class Trained(Result):
    """The version that made a forecast, and how it was judged. Errors: miss over the seasonal naive forecast's."""

    number: int
    members: list[str]
    windows: int
    """Later past forecasts that judged."""
    error: Amount | None
    """Of the candidate."""
    active_error: Amount | None
    """Of the version in use before, on the same windows."""
    replaces: bool
    """Whether the candidate is in use from now on."""
    reason: str


@dataclass(frozen=True, slots=True)
class _Verdict:
    replaces: bool
    reason: str


def trained(windows: Sequence[Window], setup: Setup) -> Trained:
    """Train the candidate, hold it against the version in use, and say which of them makes the forecast."""
    older, later = _apart(windows)
    if setup.candidate is None:
        return _in_use(later, setup)
    members = _members(older, setup.allowed)
    error = _error(later, members)
    before = _error(later, setup.active.members) if setup.active else None
    found = _verdict(setup, members, error, before)
    used = Active(number=setup.candidate, members=members)
    if setup.active and not found.replaces:
        used = setup.active
    return Trained(
        **used.model_dump(),
        windows=len(later),
        error=_told(error),
        active_error=_told(before),
        replaces=found.replaces,
        reason=found.reason,
    )


def _in_use(later: Sequence[Window], setup: Setup) -> Trained:
    assert setup.active is not None  # noqa: S101  whoever has none to use trains one
    error = _told(_error(later, setup.active.members))
    return Trained(
        **setup.active.model_dump(),
        windows=len(later),
        error=None,
        active_error=error,
        replaces=False,
        reason="still in use: the next training is not due yet",
    )


def _apart(windows: Sequence[Window]) -> tuple[list[Window], list[Window]]:
    """Split the windows of each series into those that choose and the latest, which judge."""
    of_series: dict[str, list[Window]] = defaultdict(list)
    for window in sorted(windows, key=lambda one: one.before.end):
        of_series[window.before.name].append(window)
    older, later = [], []
    for found in of_series.values():
        count = -(-len(found) // LATER)
        older += found[:-count]
        later += found[-count:]
    return older, later


def _members(older: Sequence[Window], allowed: Sequence[str]) -> list[str]:
    """Return the allowed members without those that go astray on this estate; all where too little is known."""
    whole = _error(older, allowed)
    if whole is None:
        return list(allowed)
    alone = {name: _error([one for one in older if name in one.said], [name]) for name in allowed}
    kept = [name for name in allowed if (error := alone[name]) is None or error <= ASTRAY * whole]
    if len(kept) < FEWEST or len(kept) == len(allowed):
        return list(allowed)
    without = _error(older, kept)
    return kept if without is not None and without <= WORTH * whole else list(allowed)


def _error(windows: Sequence[Window], names: Sequence[str]) -> float | None:
    """Return the geometric mean of miss over the seasonal naive forecast's; None where that cannot be told."""
    ratios = [found for one in windows if (found := backtest.against_naive(one.by(names)))]
    return float(np.exp(np.mean(np.log(ratios)))) if len(ratios) >= FEW else None


def _verdict(setup: Setup, members: Sequence[str], error: float | None, before: float | None) -> _Verdict:
    if setup.active is None:
        judged = "too little history to judge it" if error is None else f"its error is {error:.3f}"
        return _Verdict(replaces=True, reason=f"the first of its kind: {judged}")
    banned = [name for name in setup.active.members if name not in setup.allowed]
    if banned:
        return _Verdict(replaces=True, reason=f"the configuration no longer allows {', '.join(banned)}")
    if sorted(members) == sorted(setup.active.members):
        return _Verdict(replaces=True, reason="the same members on newer days")
    if error is None or before is None:
        return _Verdict(replaces=False, reason="too little history to hold it against the version in use")
    against = f"{error:.3f} against {before:.3f} of version {setup.active.number}"
    if error <= before:
        return _Verdict(replaces=True, reason=f"not worse: {against}")
    return _Verdict(replaces=False, reason=f"worse: {against}")


def _told(value: float | None) -> Decimal | None:
    return None if value is None else ratio(Decimal(str(value)))
