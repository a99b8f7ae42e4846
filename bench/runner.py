"""A ten-cell notebook through our runner, cold and by a child that stands ready, against papermill alone.

Papermill alone is a process of its own as well: it checks no parameter, limits nothing, validates nothing, stores
nothing and makes no page. Both run the same file on the same kernel's Python, in turn, and the quickest of each counts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Line, ratio

ROUNDS = 5
COLD, WARM = 1.3, 0.5
BARE = (
    "import sys, papermill; papermill.execute_notebook(sys.argv[1], sys.argv[2], kernel_name='python3',"
    " progress_bar=False)"
)
RESULT = "from IPython.display import JSON\nJSON({'sum': total})"
PLAIN = ("rows = list(range(1000))", *("total = sum(rows)",) * 7)
CHARTED = (
    "from datetime import date, timedelta\nfrom decimal import Decimal",
    "from finops import charts\nfrom storage import charges",
    "days = [date(2026, 1, 1) + timedelta(n) for n in range(60)]",
    "series = {'AWS': {day: Decimal(day.day) for day in days}}",
    "charts.Chart(charts.daily(series, title='Costs', currency='USD'))",
    *("total = len(days)",) * 3,
)


def measure(folder: Path) -> Iterator[Line]:
    """Yield a line for each figure."""
    from jobs import notebooks  # noqa: PLC0415  the settings of the benchmark's own home come first
    from jobs.execution import spare  # noqa: PLC0415

    for name, cells in (("of plain cells", PLAIN), ("that draws a chart", CHARTED)):
        notebook = _written(folder, cells)
        cold, bare = [], []
        for _ in range(ROUNDS):
            cold.append(_ours(notebook))
            bare.append(_bare(notebook, folder / "bare.ipynb"))
        what = f"a notebook of ten cells {name}, cold: ours {min(cold):.2f} s, papermill {min(bare):.2f} s"
        yield ratio(what, min(cold) / min(bare), at_most=COLD)
        with spare.kept(notebooks.MEMORY_LIMIT) as keeper:
            warm = []
            for _ in range(ROUNDS):
                keeper.want()
                _until_ready(keeper)
                warm.append(_ours(notebook))
        median = sorted(warm)[ROUNDS // 2]
        measured = f"{min(warm):.2f} s, median {median:.2f} s"
        yield Line("  the same by a child that stands ready, its namespace empty", measured, f"at most {WARM} s",
                   min(warm) <= WARM)  # fmt: skip


def _written(folder: Path, cells: tuple[str, ...]) -> Path:
    sources = ["top: int = 1", *cells, RESULT]
    tags = {0: ["parameters"], len(sources) - 1: ["result"]}
    listed = [
        {"id": f"c{n}", "cell_type": "code", "metadata": {"tags": tags.get(n, [])}, "source": source, "outputs": [],
         "execution_count": None}
        for n, source in enumerate(sources)
    ]  # fmt: skip
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = folder / "ten.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": spec, "cells": listed}))
    return path


def _ours(path: Path) -> float:
    from pydantic import BaseModel  # noqa: PLC0415  as above

    from jobs import notebooks  # noqa: PLC0415

    class Sum(BaseModel):
        sum: int

    start = time.perf_counter()
    notebooks.execute(notebooks.Notebook("ten", path, Sum), {"top": 2})
    return time.perf_counter() - start


def _bare(path: Path, target: Path) -> float:
    root = str(Path(__file__).resolve().parents[1])
    environment = {**os.environ, "PYTHONPATH": root, "PYDEVD_DISABLE_FILE_VALIDATION": "1", "MPLBACKEND": "agg"}
    start = time.perf_counter()
    subprocess.run(  # noqa: S603  our own Python
        [sys.executable, "-W", "ignore", "-c", BARE, str(path), str(target)],
        check=True, env=environment, capture_output=True, cwd=root,
    )  # fmt: skip
    return time.perf_counter() - start


def _until_ready(keeper: object) -> None:
    clock = threading.Event()
    while (waits := getattr(keeper, "spare", None)) is None or not waits.ready:
        clock.wait(0.02)
