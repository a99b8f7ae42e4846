"""Measuring in a process of its own, and the lines of the table."""

from __future__ import annotations

import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any


@contextmanager
def home() -> Iterator[Path]:
    """Make a COSTS_HOME with a database of its own, which is gone afterwards; other settings are kept out."""
    with tempfile.TemporaryDirectory(prefix="costs-bench-", dir=os.environ.get("TMPDIR")) as place:
        os.environ["COSTS_HOME"] = place
        for name in ("DATABASE_URL", "DATABASE_READER_URL", "COSTS_LAKE"):
            os.environ.pop(name, None)
        from storage import database, migrate, postgres  # noqa: PLC0415  the settings are read when it is first used
        from storage.settings import settings  # noqa: PLC0415

        migrate.ensure()
        try:
            yield Path(place)
        finally:
            database.engine().dispose()
            database.engine.cache_clear()  # the next part has a home of its own
            settings.cache_clear()
            postgres.release(Path(place))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: what was measured, the figure, the goal in words, and whether it is met."""

    what: str
    measured: str
    goal: str
    met: bool | None
    """None where there is no goal."""

    def __str__(self) -> str:
        """Show it."""
        verdict = {True: "met", False: "MISSED", None: ""}[self.met]
        return f"{self.what:<66}  {self.measured:>28}  {self.goal:<22}  {verdict}".rstrip()


@dataclass(frozen=True, slots=True)
class Ran:
    """What a piece of work took, in a process of its own."""

    seconds: float
    memory: float
    """Megabytes at most, of the process and not of the database's."""
    result: Any


IMPORTS = ("duckdb", "psycopg", "jobs.bills.ingest", "jobs.providers.aws.bills", "pyarrow.parquet")
"""What either side needs: Python's start is not what is measured."""


def _child(sender: Any, work: Callable[..., Any], arguments: Sequence[Any]) -> None:  # noqa: ANN401  a pipe's end
    for name in IMPORTS:
        import_module(name)
    start = time.perf_counter()
    result = work(*arguments)
    seconds = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sender.send(Ran(seconds, memory, result))


def alone(work: Callable[..., Any], *arguments: Any) -> Ran:  # noqa: ANN401  whatever the work takes
    """Do the work in a fresh process, so that neither memory nor caches of what ran before count. Raises RuntimeError.

    The time is that of the work alone: starting Python and importing modules is not counted, for either side.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(sender, work, arguments))
    process.start()
    sender.close()
    try:
        ran: Ran = receiver.recv()
    except EOFError:
        message = f"{work} failed: see above"
        raise RuntimeError(message) from None
    finally:
        process.join()
    return ran


def side_by_side(
    ours: Callable[[int], Ran], theirs: Callable[[int], Ran], *, rounds: int
) -> tuple[list[Ran], list[Ran]]:
    """Do both in turn, so that whatever else the machine does slows both."""
    pairs = [(ours(each), theirs(each)) for each in range(rounds)]
    return [one for one, _ in pairs], [other for _, other in pairs]


def best(runs: Sequence[Ran]) -> float:
    """Return the seconds of the quickest: the one that was disturbed least."""
    return min(run.seconds for run in runs)


def ratio(what: str, value: float, *, at_most: float | None = None, at_least: float | None = None) -> Line:
    """Return a line about a ratio."""
    if at_most is not None:
        return Line(what, f"{value:.2f}", f"at most {at_most:.2f}", value <= at_most)
    if at_least is not None:
        return Line(what, f"{value:.2f}", f"at least {at_least:.2f}", value >= at_least)
    return Line(what, f"{value:.2f}", "", None)


def shown(lines: Iterator[Line]) -> list[Line]:
    """Print each line as it comes."""
    kept = []
    for line in lines:
        print(line, flush=True)
        kept.append(line)
    return kept
