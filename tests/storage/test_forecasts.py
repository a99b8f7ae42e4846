"""Forecasts are found again by what they were asked, nearest to a day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
from sqlalchemy.orm import Session

from finops.forecasting.forecast import make, told
from finops.forecasting.history import History
from finops.forecasting.ledger import Usage
from finops.forecasting.results import ForecastResult
from storage import forecasts, runs
from storage.models import Outcome

OCTOBER = date(2026, 10, 1)


def _keep(session: Session, start: date, *, group_by: str | None = None, outcome: Outcome = Outcome.SUCCEEDED) -> None:
    series = History("All usage", start - timedelta(days=20), np.full(20, 7.0))
    [made], errors = make([series], 31, ["weekday"])
    result = ForecastResult.of(
        [told(made, currency="USD", measured=errors)],
        Usage(series, [], Decimal(0), Decimal(0)),
        metric="effective_cost",
        settled_through={},
        group_by=group_by,
        budget=None,
    )
    run = runs.begin(session, forecasts.JOB)
    runs.finish(session, run.id, outcome=outcome, result=result.model_dump(mode="json"))


def _start(session: Session, group_by: str | None = None) -> date | None:
    found = forecasts.near(session, OCTOBER, currency="USD", metric="effective_cost", group_by=group_by)
    return found.start if found else None


def test_the_nearest_of_the_same_question_is_found(session: Session) -> None:
    """Failed ones, other questions and far days do not count."""
    assert _start(session) is None
    _keep(session, date(2026, 9, 20))
    _keep(session, OCTOBER, outcome=Outcome.FAILED)
    _keep(session, OCTOBER, group_by="tag:team")
    assert _start(session) is None
    _keep(session, date(2026, 9, 28))
    _keep(session, date(2026, 10, 2))
    assert _start(session) == date(2026, 10, 2)
    assert _start(session, "tag:team") == OCTOBER


def test_whoever_asks_for_another_division_changes_nothing_for_those_who_do_not(session: Session) -> None:
    """The one of each night stays what is told of all, however new the others are; a later day's comes before it."""

    def divided() -> str | None:
        made = forecasts.latest(session, group_by=[], days=30, currency="USD")
        return made.result.group_by if made else None

    for group in ("service_name", "tag:team", None):
        _keep(session, OCTOBER, group_by=group)
    assert divided() == "service_name"
    _keep(session, date(2026, 10, 2), group_by="tag:team")
    assert divided() == "tag:team"
