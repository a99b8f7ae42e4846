"""Forecasting many series at once: the points, the past forecasts that calibrate their intervals, and the sums."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from finops.forecasting import backtest
from finops.forecasting.backtest import Origin
from finops.forecasting.history import Floats, History, checked, enough
from finops.forecasting.intervals import LEVELS, Calibration, Window, calibration, interval, sums
from finops.forecasting.members import ALL, Predicted, chosen, predict
from finops.forecasting.training import Setup, Trained, trained
from finops.forecasting.values import HUNDREDTHS, Backtest, CostForecast, ForecastDay, Spread
from finops.money import total
from finops.periods import ONE_DAY, Period
from finops.results import cents

Task = tuple[History | Origin, int, tuple[str, ...]]
Run = Callable[[Callable[[Task], Predicted | Window], Sequence[Task]], Iterable[Predicted | Window]]
"""Does the work for each task in turn: `map`, or the same of a pool of processes."""


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A forecast in numbers, before it is money."""

    series: History
    predicted: Predicted
    ends: dict[str, Floats]
    """lo80, hi80, lo95, hi95."""
    whole: Floats
    """The percentiles of the sum of all days ahead."""
    month_end: Floats | None
    """Those of the days that belong to the month of the first."""
    past: Sequence[Window] = ()
    """Forecasts of its own past."""

    @property
    def points(self) -> Floats:
        """What is expected of each day."""
        return self.predicted.points

    def moved(self, by: Floats) -> Made:
        """Return it with each day moved, its intervals too."""
        ends = {name: end + by for name, end in self.ends.items()}
        rest = _month_days(self.series)
        ending = None if self.month_end is None else self.month_end + by[:rest].sum()
        shifted = replace(self.predicted, points=self.points + by)
        return replace(self, predicted=shifted, ends=ends, whole=self.whole + by.sum(), month_end=ending)

    def own(self) -> Backtest | None:
        """Return what forecasts of its own past missed by; None where there are none that can be told."""
        found = backtest.errors(self.past, covered=False)
        return Backtest.of(found) if found.total_error is not None else None


def one(task: Task) -> Predicted | Window:
    """Do one task: a forecast, or one of the past."""
    subject, horizon, names = task
    return backtest.made(subject, names) if isinstance(subject, Origin) else predict(subject, horizon, names)


def in_turn(work: Callable[[Task], Predicted | Window], tasks: Sequence[Task]) -> Iterable[Predicted | Window]:
    """Do one task after the other, in this process."""
    return map(work, tasks)


def make(
    histories: Sequence[History], horizon: int, names: Sequence[str] = ALL, *, run: Run = in_turn
) -> tuple[list[Made], Backtest]:
    """Forecast each series, and measure forecasts of the past. Raises CannotForecastError, BadSettingError."""
    predicted, windows = done(histories, horizon, names, run=run)
    return ended(histories, horizon, predicted, windows)


def by_version(
    histories: Sequence[History], horizon: int, setup: Setup, *, whole: bool = False, run: Run = in_turn
) -> tuple[list[Made], Backtest, Trained]:
    """Do the same by the version in use, or by the one that takes its place. Raises as `make` does.

    A `whole` that comes first is told by all allowed members: a version is chosen on the parts as well, and the whole
    has to be the same whatever it is divided by.
    """
    first = chosen([*setup.allowed, *setup.needed]) if whole else None
    predicted, windows = done(histories, horizon, setup.needed, first=first, run=run)
    model = trained(windows, setup)
    told_by = [each.by(series, model.members) for series, each in zip(histories, predicted, strict=True)]
    if whole:
        told_by[0] = predicted[0].by(histories[0], setup.allowed)
    made, measured = ended(histories, horizon, told_by, [window.by(model.members) for window in windows])
    return made, measured, model


def done(
    histories: Sequence[History],
    horizon: int,
    names: Sequence[str],
    *,
    first: tuple[str, ...] | None = None,
    run: Run,
) -> tuple[list[Predicted], list[Window]]:
    """Let the members forecast the days ahead, of the first series perhaps others, and again from days of the past."""
    members, ahead = chosen(names), checked(horizon)
    origins = backtest.origins([enough(series) for series in histories], ahead)
    asked = [first or members, *([members] * (len(histories) - 1))]
    tasks: list[Task] = [(series, ahead, each) for series, each in zip(histories, asked, strict=True)]
    tasks += [(origin, ahead, members) for origin in origins]
    found = list(run(one, tasks))
    predicted = [each for each in found if isinstance(each, Predicted)]
    return predicted, [each for each in found if isinstance(each, Window)]


def ended(
    histories: Sequence[History], horizon: int, predicted: Sequence[Predicted], windows: Sequence[Window]
) -> tuple[list[Made], Backtest]:
    """Give forecasts the intervals that those of the past call for, and measure these."""
    found = calibration(windows, histories, horizon)
    past: dict[str, list[Window]] = {}
    for window in windows:
        past.setdefault(window.before.name, []).append(window)
    ends = [_ended(series, points, found.of(series)) for series, points in zip(histories, predicted, strict=True)]
    made = [replace(each, past=past.get(each.series.name, [])) for each in ends]
    return made, Backtest.of(backtest.errors(windows))


def _ended(series: History, predicted: Predicted, found: Calibration) -> Made:
    points = predicted.points
    ends: dict[str, Floats] = {}
    for level in LEVELS:
        ends[f"lo{level * 100:.0f}"], ends[f"hi{level * 100:.0f}"] = interval(series, points, found, level)
    rest = _month_days(series)
    ending = _percentiles(sums(series, points, found, rest)) if rest <= len(points) else None
    return Made(series, predicted, ends, _percentiles(sums(series, points, found, len(points))), ending)


def _month_days(series: History) -> int:
    return (Period.month_of(series.end).end - series.end).days


def _percentiles(values: Floats) -> Floats:
    return np.asarray(np.quantile(values, np.arange(1, HUNDREDTHS + 1) / 100), dtype=np.float64)


def told(
    made: Made, *, currency: str, measured: Backtest | None, model: Trained | None = None, note: str | None = None
) -> CostForecast:
    """Turn numbers into money, in cents."""
    ends = [_money(made.ends[name]) for name in ("lo80", "hi80", "lo95", "hi95")]
    means = _money(made.points)
    days = made.series.ahead(len(means))
    points = [
        ForecastDay(day=day, mean=mean, lo80=lo80, hi80=hi80, lo95=lo95, hi95=hi95)
        for day, mean, lo80, hi80, lo95, hi95 in zip(days, means, *ends, strict=True)
    ]
    rest = _month_days(made.series)
    return CostForecast(
        name=made.series.name,
        currency=currency,
        known_through=days.start - ONE_DAY,
        history_days=made.series.days,
        points=points,
        whole=_spread(made.whole, made.points, means),
        month_end=None if made.month_end is None else _spread(made.month_end, made.points[:rest], means[:rest]),
        members=list(made.predicted.members),
        failed=dict(made.predicted.failed),
        backtest=measured,
        model=model,
        note=note,
    )


def _spread(percentiles: Floats, points: Floats, means: Sequence[Decimal]) -> Spread:
    """Move the percentiles by what rounding each day to cents added up to: of cents it is more than they are apart."""
    expected = total(means)
    rounded = float(expected) - float(points.sum())
    return Spread(days=len(means), expected=expected, percentiles=_money(percentiles + rounded))


def _money(values: Floats) -> list[Decimal]:
    return [cents(Decimal(repr(float(value)))) for value in values]
