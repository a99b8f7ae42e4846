"""Makes the forecast, measures past ones, and reviews a month's: notebooks with their evidence."""

from __future__ import annotations

import difflib
import logging
from typing import Any

from finops.errors import UnknownWordError
from finops.focus import DIMENSIONS, Dimension
from finops.forecasting.history import checked
from finops.forecasting.members import BASELINE, chosen
from finops.forecasting.results import ForecastResult, headline
from finops.forecasting.reviews import ReviewResult
from finops.trend import complete_through
from jobs import notebooks
from jobs.execution.process import NotebookFailedError
from jobs.notebooks import NotebookRun
from storage import charges
from storage.artifacts import link
from storage.database import transaction
from storage.settings import settings

NOTEBOOK, REVIEW = "forecast", "forecast_review"
MEMORY_LIMIT = 2 * 2**30
"""Bytes of private memory: the model libraries take half of one."""
TIMES = frozenset({Dimension.DAY, Dimension.MONTH})

log = logging.getLogger(__name__)


def dimension(word: str | None) -> str | None:
    """Return what to group by for a person's word; None for no parts. Raises UnknownWordError."""
    if not word:
        return None
    if word.startswith("tag:") and word != "tag:":
        return word
    known = {name: found for name, found in DIMENSIONS.items() if found not in TIMES}
    known |= {str(one): str(one) for one in Dimension if one not in TIMES}
    if word not in known:
        closest = difflib.get_close_matches(word, known, n=1)
        raise UnknownWordError(word, closest[0] if closest else None, "costs forecast --by service")
    return str(known[word])


def make(
    *,
    days: int = 30,
    by: str | None = "service",
    currency: str | None = None,
    models: list[str] | None = None,
    budget: str | None = None,
) -> NotebookRun:
    """Run the notebook. Where the models break it, run it on the weekdays alone, and say so.

    Raises NoChargesError, CannotForecastError, BadSettingError, UnknownWordError, NotebookFailedError.
    """
    with transaction() as session:
        complete_through(charges.settled_through(session))  # nothing to forecast from is told before anything starts
    asked = {
        "days": checked(days),
        "group_by": dimension(by),
        "currency": currency or settings().costs_currency,
        "models": list(chosen(models)) if models else None,
        "budget": budget,
    }
    notebook = notebooks.known(NOTEBOOK)
    try:
        return notebooks.execute(notebook, asked, memory_limit=MEMORY_LIMIT)
    except NotebookFailedError as error:
        log.warning("%s", error)
        note = f"The models could not be used, so this is the median of each weekday. {error}"
        return notebooks.execute(notebook, {**asked, "models": list(BASELINE), "note": note})


def run(days: int = 30, by: str | None = "service", models: list[str] | None = None) -> dict[str, Any]:
    """Forecast all usage and its parts, nightly. Raises as `make` does."""
    done = make(days=days, by=by, models=models)
    found = done.result
    assert isinstance(found, ForecastResult)  # noqa: S101  the notebook's own model
    return {"said": headline(found), "members": found.whole.members, "evidence": link(done.page)}


def review(month: str | None = None, by: str | None = "service") -> dict[str, Any]:
    """Hold a month's forecast against what came: by default the last complete month's.

    Raises NoChargesError, UnknownWordError, NotebookFailedError.
    """
    with transaction() as session:
        complete_through(charges.settled_through(session))
    asked = {"month": month, "group_by": dimension(by), "currency": settings().costs_currency}
    done = notebooks.execute(notebooks.known(REVIEW), asked, memory_limit=MEMORY_LIMIT)
    found = done.result
    assert isinstance(found, ReviewResult)  # noqa: S101  the notebook's own model
    return {"start": str(found.start), "end": str(found.end), "said": found.said, "evidence": link(done.page)}
