"""One run of one job: looked up in the timetable, given a row, done, and its end written down."""

from __future__ import annotations

import importlib
import inspect
import json
import logging
import uuid
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from finops.errors import CostsError, was_stopped
from jobs.schedule import Entry, find
from storage import alive, runs
from storage.database import transaction
from storage.models import Outcome

NOTHING: Mapping[str, Any] = {}
Summary = dict[str, Any]

log = logging.getLogger(__name__)


class BadParameterError(CostsError):
    """A job does not take that parameter."""


@dataclass(frozen=True, slots=True)
class Done:
    """A run that ended well."""

    run_id: uuid.UUID
    result: Summary = field(default_factory=dict)


def load(entry: Entry, parameters: Mapping[str, Any]) -> Callable[..., Summary]:
    """Import an entry's callable and check that it takes these parameters. Raises BadParameterError."""
    module, _, name = entry.run.partition(":")
    job: Callable[..., Summary] = getattr(importlib.import_module(module), name)
    try:
        inspect.signature(job).bind(**parameters)
    except TypeError as error:
        known = ", ".join(inspect.signature(job).parameters) or "none"
        message = f"The job {entry.name} cannot take these parameters ({error}): it knows {known}."
        raise BadParameterError(message) from error
    return job


def run(name: str, parameters: Mapping[str, Any] = NOTHING, *, slot: datetime | None = None) -> Done:
    """Run a job now, in this process. However it ends, its row says so. Raises what the job raises."""
    entry = find(name)
    with ExitStack() as held:
        with transaction() as session:
            run_id = runs.begin(session, entry.name, slot=slot, parameters=parameters).id
            held.enter_context(alive.holding(run_id))  # before anybody can see the row, or the sweep would take it
        try:
            result = json.loads(json.dumps(load(entry, parameters)(**parameters) or {}, default=str))
        except BaseException as error:
            _end(run_id, Outcome.FAILED, error=_told(entry, error))
            raise
        _end(run_id, Outcome.SUCCEEDED, result=result)
    log.log(logging.INFO if any(result.values()) else logging.DEBUG, "%s: %s", entry.name, result)
    return Done(run_id, result)


def _end(run_id: uuid.UUID, outcome: Outcome, *, error: str | None = None, result: Summary | None = None) -> None:
    with transaction() as session:
        runs.finish(session, run_id, outcome=outcome, error=error, result=result)


def _told(entry: Entry, error: BaseException) -> str:
    """Return a known error's sentence; of a surprise its kind and first line, with the traceback in the log."""
    if isinstance(error, CostsError):
        log.warning("%s: %s", entry.name, error)
        return str(error)
    if not isinstance(error, Exception) or was_stopped(error):
        return f"It was stopped ({type(error).__name__})."
    log.error("The job %s failed unexpectedly", entry.name, exc_info=error)
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"[:500]
