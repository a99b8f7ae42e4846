"""How well the days ahead are told on real series that know nothing of us, and how long it takes.

`COSTS_SERIES` names a Parquet file of daily series (unique_id, ds, y). Of our own file every second series, in the
order of names, served for choosing members, windows and units, and the others are judged here. The intervals' number of
past forecasts was set when both halves had been seen to hold a little too seldom: for that only other series judge
cleanly. That last year's days help had been seen on both halves; which members take them, and how days that stand out
each year are handled, was chosen on the choosing half alone, and so was the weight of a series' own misses.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from bench.measure import Line
from finops.forecasting import backtest, libraries
from finops.forecasting.backtest import Window
from finops.forecasting.baseline import WEEK
from finops.forecasting.forecast import Made, Task, make, one
from finops.forecasting.history import Floats, History
from finops.forecasting.members import ALL, WITHOUT_PROPHET

SERIES = Path(__file__).resolve().parents[2] / "shared/data/series/daily-real-series.parquet"
HORIZON, TWO_YEARS, SHORT = 30, 730, 60
POSITIONS = 6
"""Cutoffs of each series, spread over all of it; of the short ones half as many."""
PROCESSES = 2
MANY, SAMPLE = 1000, 60
TOTAL = 0.04


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A forecast and what came; what Prophet by itself would have said."""

    made: Made
    window: Window
    prophet: Floats


def read(file: Path) -> list[History]:
    """Read every series of a file, by name."""
    found: dict[str, dict[date, float]] = {}
    for row in pq.read_table(file, columns=["unique_id", "ds", "y"]).to_pylist():
        found.setdefault(row["unique_id"], {})[row["ds"].date()] = row["y"]
    return [
        History(name, min(days), np.array([days[day] for day in sorted(days)])) for name, days in sorted(found.items())
    ]


def cut(series: Sequence[History], position: int, days: int) -> list[tuple[History, Floats]]:
    """Return what each series was at one of its cutoffs, the last `days` of it, and what came in the days ahead."""
    found = []
    for each in series:
        long = each.days > 2 * TWO_YEARS
        positions = POSITIONS if long else POSITIONS // 2
        if position < positions:
            first = TWO_YEARS if long else 150
            known = int(np.linspace(first, each.days - HORIZON, positions)[position])
            found.append((each.first(known).last(days), each.amounts[known : known + HORIZON]))
    return found


def _default_prophet(series: History) -> Floats:
    return libraries.prophet_curve(series, HORIZON)[-HORIZON:]


def judge(series: Sequence[History], days: int, pool: ProcessPoolExecutor) -> list[Judged]:
    """Forecast every series from each of its cutoffs with the production code, knowing nothing after it."""
    judged = []
    for position in range(POSITIONS):
        known = cut(series, position, days)
        histories = [one for one, _ in known]
        made, _ = make(histories, HORIZON, run=lambda work, tasks: pool.map(work, tasks, chunksize=4))
        curves = pool.map(_default_prophet, histories)
        judged += [
            Judged(each, Window(each.series, actual, each.points), curve)
            for each, (_, actual), curve in zip(made, known, curves, strict=True)
        ]
    return judged


def _geometric(ratios: Sequence[float]) -> float:
    return float(np.exp(np.mean(np.log(ratios))))


def against_naive(judged: Sequence[Judged]) -> float:
    """Return the geometric mean of MASE over the seasonal naive forecast's, of all windows in which that missed."""
    return _geometric([found for each in judged if (found := backtest.against_naive(each.window))])


def against_prophet(judged: Sequence[Judged]) -> float:
    """Return the same over Prophet's own, with its defaults."""
    pairs = [
        (np.abs(each.window.actual - each.made.points).mean(), np.abs(each.window.actual - each.prophet).mean())
        for each in judged
        if backtest.against_naive(each.window)
    ]
    return _geometric([float(ours / theirs) for ours, theirs in pairs if theirs])


def coverage(judged: Sequence[Judged], level: str) -> float:
    """Return the share of days within the interval."""
    inside = [
        (each.window.actual >= each.made.ends[f"lo{level}"]) & (each.window.actual <= each.made.ends[f"hi{level}"])
        for each in judged
    ]
    return float(np.mean(inside))


def accuracy(name: str, judged: Sequence[Judged], *, most: float) -> Iterator[Line]:
    """Return the lines about being right."""
    what = f"forecast, {name}"
    naive, prophet = against_naive(judged), against_prophet(judged)
    yield Line(f"{what}: windows", str(len(judged)), "", None)
    yield Line(f"{what}: MASE against seasonal naive", f"{naive:.3f}", f"at most {most:.2f}", naive <= most)
    goal = 0.72 if name == "two years" else None
    yield Line(f"{what}: MASE against Prophet's defaults", f"{prophet:.3f}", "at most 0.72" if goal else "",
               prophet <= goal if goal else None)  # fmt: skip
    total = float(np.median([found for each in judged if (found := backtest.total_error(each.window)) is not None]))
    yield Line(f"{what}: error of the 30-day total, median", f"{total:.1%}", "at most 4.0 %" if goal else "",
               total <= TOTAL if goal else None)  # fmt: skip
    for level, low, high in (("80", 0.77, 0.83), ("95", 0.93, 0.97)):
        share = coverage(judged, level)
        yield Line(f"{what}: days within the {level} % interval", f"{share:.1%}",
                   f"{low:.0%} to {high:.0%}" if goal else "", low <= share <= high if goal else None)  # fmt: skip


def _by_week(judged: Sequence[Judged]) -> Line:
    shares = [
        np.mean([
            (each.window.actual[start : start + WEEK] >= each.made.ends["lo95"][start : start + WEEK])
            & (each.window.actual[start : start + WEEK] <= each.made.ends["hi95"][start : start + WEEK])
            for each in judged
        ])
        for start in range(0, HORIZON - WEEK + 1, WEEK)
    ]  # fmt: skip
    shown = ", ".join(f"{share:.1%}" for share in shares)
    return Line("forecast, two years: the same for 95 %, week by week", shown, "", None)


def _total_within(judged: Sequence[Judged]) -> Line:
    inside = [each.made.whole[9] <= each.window.actual.sum() <= each.made.whole[89] for each in judged]
    return Line("forecast, two years: 30-day totals within their 80 % interval", f"{np.mean(inside):.1%}", "", None)


def speed(series: Sequence[History], pool: ProcessPoolExecutor) -> Iterator[Line]:
    """Time a sample of series of two years, and scale: series take as long each, past forecasts do not grow."""
    long = [each for each in series if each.days > TWO_YEARS]
    sample = [
        History(f"{number}", each.start, each.first(TWO_YEARS + 40 * number).last(TWO_YEARS).amounts)
        for number, each in enumerate(long[place % len(long)] for place in range(SAMPLE))
    ]
    for words, names, goal in (("without Prophet", WITHOUT_PROPHET, 60), ("with Prophet", ALL, 180)):
        list(pool.map(one, [(sample[0], HORIZON, names)] * (2 * PROCESSES)))  # the libraries are loaded
        apiece = _seconds([(each, HORIZON, names) for each in sample], pool) / SAMPLE
        past = [(origin, HORIZON, names) for origin in backtest.origins(sample * (MANY // SAMPLE), HORIZON)]
        once = _seconds(past, pool)
        taken = MANY * apiece + once
        yield Line(f"forecast: {MANY:,} series of two years, {PROCESSES} processes, {words}",
                   f"{taken:.0f} s ({apiece * 1000:.0f} ms each + {once:.0f} s)", f"at most {goal} s",
                   taken <= goal)  # fmt: skip


def _seconds(tasks: Sequence[Task], pool: ProcessPoolExecutor) -> float:
    start = time.perf_counter()
    list(pool.map(one, tasks, chunksize=4))
    return time.perf_counter() - start


def measure(file: Path | None = None) -> Iterator[Line]:
    """Judge forecasts on real series, and time them."""
    place = file or Path(os.environ.get("COSTS_SERIES", SERIES))
    if not place.exists():
        yield Line("forecast: no series here; COSTS_SERIES names a Parquet file of them", "", "", None)
        return
    series = read(place)
    own = "COSTS_SERIES" in os.environ
    halves = {"chosen": [] if own else series[0::2], "judged": series if own else series[1::2]}
    for words, half in halves.items():
        names = ", ".join(each.name for each in half) or "no series of this file"
        yield Line(f"forecast: what it is made of was chosen on: {names}" if words == "chosen" else
                   f"forecast: judged below on the others: {names}", "", "", None)  # fmt: skip
    judging = halves["judged"]
    with ProcessPoolExecutor(PROCESSES) as pool:
        long = judge(judging, TWO_YEARS, pool)
        yield from accuracy("two years", long, most=0.85)
        yield _by_week(long)
        yield _total_within(long)
        yield from accuracy("60 days", judge(judging, SHORT, pool), most=0.87)
        yield from speed(series, pool)
