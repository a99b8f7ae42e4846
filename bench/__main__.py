"""`python -m bench [--full] [PARTS]`: one table of what was measured, its goal, and whether it is met."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import anomalies, estate, forecast, ingest, questions, rules, runner, slack
from bench.measure import Line, home, shown

CHARGES, ROWS = 1_000_000, 2_000_000
FULL_CHARGES, FULL_ROWS = 10_000_000, 50_000_000


def _parts(charges: int, rows: int, *, full: bool) -> dict[str, Callable[[Path], Iterator[Line]]]:
    return {
        "ingest": lambda folder: ingest.measure(folder, charges),
        "rules": lambda folder: rules.measure(folder, min(charges, CHARGES)),
        "questions": lambda folder: questions.measure(folder, rows),
        "slack": lambda folder: slack.measure(folder, rows),
        "forecast": lambda _: forecast.measure(),
        "anomalies": lambda _: anomalies.measure(draws=4 if full else 2),
        "estate": lambda _: estate.measure(),
        "runner": runner.measure,
    }


def main() -> None:
    """Measure what is asked for, each part in a home of its own, and print a line for each figure."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "parts",
        nargs="*",
        help="ingest, rules, questions, slack, forecast, anomalies, estate, runner; without any, all",
    )
    parser.add_argument("--full", action="store_true", help="the sizes of the goals: takes an hour and 40 GB of disk")
    parser.add_argument("--charges", type=int)
    parser.add_argument("--rows", type=int)
    wanted = parser.parse_args()
    charges = wanted.charges or (FULL_CHARGES if wanted.full else CHARGES)
    rows = wanted.rows or (FULL_ROWS if wanted.full else ROWS)
    start = time.perf_counter()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {charges:,} charges (goals: {FULL_CHARGES:,}), "
          f"{rows:,} ledger rows (goals: {FULL_ROWS:,}); --full measures at the goals' sizes")  # fmt: skip
    lines: list[Line] = []
    for name, part in _parts(charges, rows, full=wanted.full).items():
        if name in wanted.parts or not wanted.parts:
            with home() as folder:
                lines += shown(part(folder))
    missed = sum(line.met is False for line in lines)
    met = sum(line.met is True for line in lines)
    print(f"{met} goals met, {missed} missed; {time.perf_counter() - start:,.0f} s in all")


if __name__ == "__main__":
    main()
