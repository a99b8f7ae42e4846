"""Forecasts that were made: each a run of its notebook, its result and its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import cast, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from finops.forecasting.questions import EMPTY
from finops.forecasting.results import ForecastResult
from finops.forecasting.reviews import NEAR, Earlier
from storage import runs
from storage.artifacts import link
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


@dataclass(frozen=True, slots=True)
class Made:
    """A forecast, when it was made, and its page."""

    result: ForecastResult
    at: datetime
    evidence: str | None


def latest(
    session: Session,
    *,
    currency: str,
    metric: str,
    group_by: Sequence[str],
    days: int,
    where: Mapping[str, Sequence[str]] = EMPTY,
) -> Made | None:
    """Return the newest forecast of what these filters leave that reaches so many days ahead; None if there is none.

    `group_by` are the names that its parts may go by; without any, it may have any.
    """
    found = select(Run).where(
        Run.job == JOB,
        Run.outcome == Outcome.SUCCEEDED,
        Run.result["currency"].astext == currency,
        Run.result["metric"].astext == metric,
        func.jsonb_array_length(Run.result["whole"]["points"]) >= days,
    )
    asked, told = (
        cast({word: list(values) for word, values in where.items()}, JSONB),
        func.coalesce(Run.result["where"], cast({}, JSONB)),
    )
    found = found.where(told.op("@>")(asked), told.op("<@")(asked))  # in whatever order values were named
    if group_by:
        found = found.where(Run.result["group_by"].astext.in_(group_by))
    run = session.scalar(found.order_by(Run.started_at.desc()).limit(1))
    if run is None:
        return None
    page = runs.page(session, run.id)
    return Made(ForecastResult.model_validate(run.result), run.started_at, link(page) if page else None)
