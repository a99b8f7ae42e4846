"""Forecasts that were made: each a run of its notebook, its result and its evidence."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Unpack

from sqlalchemy import ColumnElement, Select, cast, column, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from finops.focus import Dimension, Metric
from finops.forecasting.results import ForecastResult
from finops.forecasting.reviews import NEAR, Earlier
from finops.periods import ONE_DAY
from storage import runs
from storage.artifacts import link
from storage.charges import EMPTY, Asked
from storage.models import Outcome, Run

JOB = "notebook:forecast"


def near(session: Session, day: date, *, group_by: str | None, **asked: Unpack[Asked]) -> Earlier | None:
    """Return the forecast of the same question whose first day ahead is nearest to a day, or None within five days."""
    start = Run.result["start"].astext
    found = select(Run.result).where(
        Run.job == JOB,
        Run.outcome == Outcome.SUCCEEDED,
        start.between(str(day - NEAR), str(day + NEAR)),
        *_figures(asked),
    )
    made = [ForecastResult.model_validate(result) for result in session.scalars(found.order_by(Run.started_at))]
    wanted = {word: sorted(values) for word, values in asked.get("where", EMPTY).items()}
    alike = [
        one
        for one in made
        if one.group_by == group_by and {word: sorted(values) for word, values in one.where.items()} == wanted
    ]
    if not alike:
        return None
    nearest = min(alike, key=lambda one: abs(one.start - day))
    return Earlier([nearest.whole, *nearest.parts], stored=True)


def rest(session: Session, *, after: date, **asked: Unpack[Asked]) -> Decimal | None:
    """Return what is expected of usage after a day, in its month, by the forecast that begins there; None without one.

    Of several the shortest that reaches the month's end counts, as with `latest`: a longer one, asked for by anybody,
    changes nobody's figures. After a month's last day nothing is expected of it.
    """
    expected = Run.result["whole"]["month_end"]["expected"].astext
    return _rest(session, after, _of(asked), expected)


def part_rest(
    session: Session, *, after: date, group_by: Sequence[str], names: Collection[str], **asked: Unpack[Asked]
) -> Decimal | None:
    """Return what `rest` does of one part, by the forecast of all that tells it apart: filters are left out.

    `group_by` are the names that its parts may go by, and `names` those of the part, in capitals or not.
    """
    asked["where"] = EMPTY
    part = func.jsonb_array_elements(Run.result["parts"]).table_valued(column("value", JSONB)).lateral()
    named = func.lower(part.c.value["name"].astext).in_([func.lower(name) for name in names])
    found = _of(asked).join(part, named).where(Run.result["group_by"].astext.in_(group_by))
    return _rest(session, after, found, part.c.value["month_end"]["expected"].astext)


def _rest(session: Session, after: date, found: Select[Run], expected: ColumnElement[str]) -> Decimal | None:
    if (after + ONE_DAY).day == 1:
        return Decimal(0)
    begins = Run.result["start"].astext == str(after + ONE_DAY)
    recent = Run.started_at >= datetime.combine(after, time(), UTC)  # a year's results are long to read
    chosen = found.with_only_columns(expected).where(begins, recent, expected.is_not(None))
    told = session.scalar(chosen.order_by(_reach(), Run.started_at.desc()).limit(1))
    return Decimal(told) if told is not None else None


def _reach() -> ColumnElement[int]:
    return func.jsonb_array_length(Run.result["whole"]["points"])


def _figures(asked: Asked) -> tuple[ColumnElement[bool], ...]:
    metric = asked.get("metric", Metric.EFFECTIVE)
    return Run.result["currency"].astext == asked["currency"], Run.result["metric"].astext == metric


def _of(asked: Asked) -> Select[Run]:
    where = cast({word: list(values) for word, values in asked.get("where", EMPTY).items()}, JSONB)
    told = func.coalesce(Run.result["where"], cast({}, JSONB))
    return select(Run).where(
        Run.job == JOB,
        Run.outcome == Outcome.SUCCEEDED,
        *_figures(asked),
        told.op("@>")(where),  # and the other way round: in whatever order values were named
        told.op("<@")(where),
    )


@dataclass(frozen=True, slots=True)
class Made:
    """A forecast, when it was made, and its page."""

    result: ForecastResult
    at: datetime
    evidence: str | None


def latest(session: Session, *, group_by: Sequence[str], days: int, **asked: Unpack[Asked]) -> Made | None:
    """Return the forecast of what these filters leave that begins last and reaches so many days ahead; None without.

    Of several the shortest counts, and then the newest.

    `group_by` are the names that its parts may go by; without any, it may have any, but that of each night comes first:
    who asks for another division changes no answer of those who do not.
    """
    found = _of(asked).where(_reach() >= days)
    if group_by:
        found = found.where(Run.result["group_by"].astext.in_(group_by))
    nightly = (Run.result["group_by"].astext == Dimension.SERVICE.value).desc().nulls_last()
    order = (Run.result["start"].astext.desc(), _reach(), nightly, Run.started_at.desc())
    run = session.scalar(found.order_by(*order).limit(1))
    if run is None:
        return None
    page = runs.page(session, run.id)
    return Made(ForecastResult.model_validate(run.result), run.started_at, link(page) if page else None)
