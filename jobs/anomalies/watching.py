"""All series of an estate judged, on both cores where there are many."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from finops.anomalies.detectors import Kind
from finops.anomalies.estate import Known, moving
from finops.anomalies.events import Event, watch
from finops.anomalies.scopes import Of, Scope
from finops.anomalies.series import Sensitivity, Series

PROCESSES = 2
WORTH = 200
"""Series from which a second process is worth its start."""


def found(known: Known, wanted: Sensitivity) -> list[tuple[Scope, Event]]:
    """Return every event of every series. Of a region only its first costs are one: its services tell the rest."""
    chosen = list(moving(known, wanted.amount))
    events = _events([one for _, one in chosen], wanted)
    return [
        (scope, event)
        for (scope, _), told in zip(chosen, events, strict=True)
        for event in told
        if scope.of is not Of.REGION or event.kind is Kind.NEW
    ]


def _events(known: Sequence[Series], wanted: Sensitivity) -> Iterable[list[Event]]:
    work = partial(_watched, wanted=wanted)
    cores = min(PROCESSES, os.cpu_count() or 1)
    if len(known) < WORTH or cores == 1:
        return list(map(work, known))
    with ProcessPoolExecutor(cores, get_context("spawn")) as pool:  # Arrow's threads do not survive a fork
        return list(pool.map(work, known, chunksize=16))


def _watched(one: Series, *, wanted: Sensitivity) -> list[Event]:
    return watch(one, wanted).events
