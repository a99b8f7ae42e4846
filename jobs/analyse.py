"""Runs the cost notebooks on the month to date, against the same days of the month before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from finops.trend import complete_through, month_to_date
from jobs import notebooks
from jobs.execution import process
from storage import allocation, charges
from storage.artifacts import link
from storage.database import transaction
from storage.settings import settings

NOTEBOOKS = ("cost_breakdown", "cost_trend", "allocation", "commitment_coverage")
ASKED = "cost_breakdown"
"""What an answer's *As report* runs, on the days and by the names of that answer."""
AT_ONCE = 2
"""Each is a process of its own, and holds some 200 MB."""


def run(*, start: str | None = None, end: str | None = None, **asked: str | None) -> dict[str, Any]:
    """Make the evidence for what people ask first, or of the days that somebody asked for where the money went.

    Of those, `asked` are further parameters of `cost_breakdown`. Raises NoChargesError, NotebookFailedError.
    """
    if start is None or end is None:
        return _month_to_date()
    wanted: dict[str, str | None] = {"start": start, "end": end, **asked}
    return {**wanted, "evidence": {ASKED: link(notebooks.run(ASKED, wanted).page)}}


def _month_to_date() -> dict[str, Any]:
    """Run all of them.

    The notebooks are processes of their own, so they run side by side; what failed is told when all have ended.
    """
    with transaction() as session:
        settled = charges.settled_through(session)
        currency = charges.currency(session)
    current, _ = month_to_date(complete_through(settled))
    asked = {"start": str(current.start), "end": str(current.end), "currency": currency}
    with ThreadPoolExecutor(AT_ONCE) as side_by_side:
        started = [side_by_side.submit(_made, name, asked) for name in NOTEBOOKS]
        try:
            ended = [one.result() for one in started]
        except KeyboardInterrupt:  # only this thread hears of it
            process.stop_all()
            raise
    return {**asked, "evidence": {name: link(one.page) for name, one in zip(NOTEBOOKS, ended, strict=True)}}


def _made(name: str, asked: dict[str, str | None]) -> notebooks.NotebookRun:
    """Run one of them; rules that cannot be read leave the others be."""
    if name != "allocation":
        return notebooks.run(name, asked)
    rules = allocation.written(allocation.rules(settings().home, "team"))
    return notebooks.run(name, {**asked, "by": "team", "rules": rules})
