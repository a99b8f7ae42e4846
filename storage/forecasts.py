"""Forecasts that were made: each a run of its notebook, its result and its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from finops.forecasting.questions import EMPTY
from finops.forecasting.results import ForecastResult
from finops.forecasting.reviews import NEAR, Earlier
from storage.models import Outcome, Run

JOB = "notebook:forecast"


def near(
    session: Session,
    day: date,
    *,
    currency: str,
    metric: str,
    group_by: str | None,
    where: Mapping[str, Sequence[str]] = EMPTY,
) -> Earlier | None:
    """Return the forecast of the same question whose first day ahead is nearest to a day, or None within five days."""
    start = Run.result["start"].astext
    found = select(Run.result).where(
        Run.job == JOB,
        Run.outcome == Outcome.SUCCEEDED,
        start.between(str(day - NEAR), str(day + NEAR)),
        Run.result["currency"].astext == currency,
        Run.result["metric"].astext == metric,
    )
    made = [ForecastResult.model_validate(result) for result in session.scalars(found.order_by(Run.started_at))]
    wanted = {word: sorted(values) for word, values in where.items()}
    alike = [
        one
        for one in made
        if one.group_by == group_by and {word: sorted(values) for word, values in one.where.items()} == wanted
    ]
    if not alike:
        return None
    nearest = min(alike, key=lambda one: abs(one.start - day))
    return Earlier([nearest.whole, *nearest.parts], stored=True)
