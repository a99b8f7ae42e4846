"""The process that forecasts: it reads series from its folder and leaves their forecasts there, one a line.

The model libraries are loaded here and nowhere else, under a limit on memory; who started it limits the time.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from finops.errors import CostsError
from jobs.execution import reins
from jobs.forecasting import files

SERIES, FORECASTS, PROBLEM = "series.arrow", "forecasts.jsonl", "problem.txt"
PROCESSES = 2
WORTH = 8
"""Tasks from which a second process is worth its start."""


@contextmanager
def _runner(series: int) -> Iterator[Callable[[Callable[..., object], Sequence[object]], Iterable[object]]]:
    cores = min(PROCESSES, os.cpu_count() or 1)
    if series < WORTH or cores == 1:
        yield map
        return
    with ProcessPoolExecutor(cores) as pool:
        yield lambda work, tasks: pool.map(work, tasks, chunksize=max(1, min(8, len(tasks) // (4 * cores))))


def main() -> None:
    """Do what stdin orders."""
    order = json.load(sys.stdin)
    reins.die_with(order["parent"])
    reins.adopt_orphans()
    reins.limit_memory(order["memory_limit"])
    from finops.forecasting.many import forecasts  # noqa: PLC0415  nothing may be loaded before the limit holds

    histories = files.taken(Path(SERIES))
    asked = {"currency": order["currency"], "parts": order["parts"]}
    try:
        with _runner(len(histories)) as run:
            found = forecasts(histories, order["horizon"], order["members"], run=run, **asked)  # type: ignore[arg-type]
    except CostsError as error:
        Path(PROBLEM).write_text(str(error), encoding="utf-8")
        sys.exit(1)
    with Path(FORECASTS).open("w", encoding="utf-8") as file:
        file.writelines(one.model_dump_json() + "\n" for one in found)


if __name__ == "__main__":
    main()
