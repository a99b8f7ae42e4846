"""All series of an estate judged, on both cores where there are many."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TypeVar

from finops.anomalies.estate import Known, moved
from finops.anomalies.events import Event, watch
from finops.anomalies.scopes import Scope
from finops.anomalies.series import Sensitivity, Series
from finops.errors import UnavailableError

PROCESSES = 2
WORTH = 200
"""Series from which a second process is worth its start."""
A = TypeVar("A")
B = TypeVar("B")


def found(known: Known, wanted: Mapping[str, Sensitivity]) -> list[tuple[Scope, Event]]:
    """Return every event of every series, each watched as `wanted` has it under its scope's key.

    Raises UnavailableError.
    """
    chosen = [(scope, one, wanted[scope.written()]) for scope, one in known if moved(one, wanted[scope.written()])]
    events = shared(_watched, [(one, how) for _, one, how in chosen])
    return [(scope, event) for (scope, _, _), told in zip(chosen, events, strict=True) for event in told]


def shared(work: Callable[[A], B], each: Sequence[A]) -> Iterable[B]:
    """Do a piece of work for each, on both cores where there are many. Raises UnavailableError."""
    cores = min(PROCESSES, os.cpu_count() or 1)
    if len(each) < WORTH or cores == 1:
        return map(work, each)
    try:
        with ProcessPoolExecutor(cores, get_context("spawn")) as pool:  # Arrow's threads do not survive a fork
            return list(pool.map(work, each, chunksize=16))
    except (BrokenProcessPool, OSError) as error:  # the latter, too, where one dies while the next is started
        died = isinstance(error, BrokenProcessPool)
        why = "was ended, most likely for want of memory" if died else f"could not be started ({error})"
        message = f"A process that judges {len(each):,} series {why}, and nothing was stored: "
        message += "give the machine more memory, and try again."
        raise UnavailableError(message) from error


def _watched(one: tuple[Series, Sensitivity]) -> list[Event]:
    return watch(*one).events
