"""Makes the forecast, measures past ones, and reviews a month's: notebooks with their evidence."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from finops.errors import CostsError
from finops.forecasting.history import checked
from finops.forecasting.members import BASELINE, chosen
from finops.forecasting.results import ForecastResult, headline, made_by
from finops.forecasting.reviews import ReviewResult
from jobs import notebooks
from jobs.execution.process import NotebookFailedError, NotebookRefusedError
from jobs.forecasting import versions
from jobs.forecasting.asked import asked
from jobs.forecasting.versions import Training
from jobs.notebooks import NotebookRun
from storage.artifacts import link
from storage.database import transaction

NOTEBOOK, REVIEW = "forecast", "forecast_review"
MEMORY_LIMIT = 2 * 2**30
"""Bytes of private memory: the model libraries take half of one."""

log = logging.getLogger(__name__)


def make(
    *,
    days: int = 30,
    by: str | None = "service",
    where: Sequence[str] = (),
    currency: str | None = None,
    models: list[str] | None = None,
    budget: str | None = None,
    memory_limit: int = MEMORY_LIMIT,
    time_limit: float = notebooks.TIME_LIMIT,
) -> NotebookRun:
    """Run the notebook. Where the models break it, run it on the weekdays alone, and say so.

    `where` are filters such as `account=payments-prod`. Without `models` it is done by the version in use, or by a new
    one if that is due and not worse. Raises NoChargesError, CannotForecastError, BadSettingError, UnknownWordError,
    NotebookFailedError.
    """
    by_hand = list(chosen(models)) if models else None
    ahead = checked(days)
    with transaction() as session:  # what is wrong with a question is told before anything starts
        found = asked(session, by, where, currency)
    given = {**found.parameters, "days": ahead, "budget": budget}
    limits = {"memory_limit": memory_limit, "time_limit": time_limit}
    if by_hand:
        return _guarded({**given, "models": by_hand}, limits)
    return _by_version(given, limits, versions.begin(found, ahead))


def _by_version(given: Mapping[str, object], limits: Mapping[str, Any], training: Training) -> NotebookRun:
    try:
        done = _guarded({**given, "setup": training.setup.model_dump_json()}, limits)
    except CostsError as error:
        versions.fail(training, str(error))
        raise
    found = result(done)
    if found.whole.model is None:
        versions.fail(training, found.whole.note or "the models could not be used")
    versions.end(training, found.whole, done.run_id)
    return done


def _guarded(given: Mapping[str, object], limits: Mapping[str, Any]) -> NotebookRun:
    notebook = notebooks.known(NOTEBOOK)
    try:
        return notebooks.execute(notebook, given, **limits)
    except NotebookRefusedError:  # the question or the ledger is wrong, not a model
        raise
    except NotebookFailedError as error:
        log.warning("%s", error)
        note = f"The models could not be used, so this is the median of each weekday. {error}"
        return notebooks.execute(notebook, {**given, "setup": None, "models": list(BASELINE), "note": note})


def result(done: NotebookRun) -> ForecastResult:
    """Return what the notebook handed back."""
    assert isinstance(done.result, ForecastResult)  # noqa: S101  the notebook's own model
    return done.result


def run(
    days: int = 30,
    by: str | None = "service",
    models: list[str] | None = None,
    where: Sequence[str] = (),
    currency: str | None = None,
) -> dict[str, Any]:
    """Forecast all usage and its parts, nightly, or what somebody asked for. Raises as `make` does."""
    done = make(days=days, by=by, models=models, where=where, currency=currency)
    found = result(done)
    return {
        "said": headline(found),
        "members": found.whole.members,
        "model": made_by(found.whole),
        "evidence": link(done.page),
    }


def review(month: str | None = None, by: str | None = "service", where: Sequence[str] = ()) -> dict[str, Any]:
    """Hold a month's forecast against what came: by default the last complete month's.

    Raises NoChargesError, UnknownWordError, NotebookFailedError.
    """
    with transaction() as session:
        found = asked(session, by, where)
    done = notebooks.execute(notebooks.known(REVIEW), {**found.parameters, "month": month}, memory_limit=MEMORY_LIMIT)
    told = done.result
    assert isinstance(told, ReviewResult)  # noqa: S101  the notebook's own model
    return {"start": str(told.start), "end": str(told.end), "said": told.said, "evidence": link(done.page)}
