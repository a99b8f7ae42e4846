"""All series of an estate judged, on both cores where there are many."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from finops.anomalies.estate import Known, moved
from finops.anomalies.events import Event, watch
from finops.anomalies.scopes import Scope
from finops.anomalies.series import Sensitivity, Series

PROCESSES = 2
WORTH = 200
"""Series from which a second process is worth its start."""


def found(known: Known, wanted: Mapping[str, Sensitivity]) -> list[tuple[Scope, Event]]:
    """Return every event of every series, each watched as `wanted` has it under its scope's key."""
    chosen = [(scope, one, wanted[scope.written()]) for scope, one in known if moved(one, wanted[scope.written()])]
    events = _events([(one, how) for _, one, how in chosen])
    return [(scope, event) for (scope, _, _), told in zip(chosen, events, strict=True) for event in told]


def _events(series: Sequence[tuple[Series, Sensitivity]]) -> Iterable[list[Event]]:
    cores = min(PROCESSES, os.cpu_count() or 1)
    if len(series) < WORTH or cores == 1:
        return [_watched(one) for one in series]
    with ProcessPoolExecutor(cores, get_context("spawn")) as pool:  # Arrow's threads do not survive a fork
        return list(pool.map(_watched, series, chunksize=16))


def _watched(one: tuple[Series, Sensitivity]) -> list[Event]:
    return watch(*one).events
