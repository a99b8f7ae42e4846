"""Versions of the models that forecast: trained, judged, put in use in place of another, or laid aside."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from finops.forecasting.questions import Question
from finops.forecasting.training import Trained
from finops.forecasting.values import Backtest
from storage.models import ForecastModel, ModelState

EARLY = 0.9
"""Of the interval, after which training is due: a clock that is a second early must not skip a night."""
_LOCK = "select pg_advisory_xact_lock(hashtext(:question))"


def active(session: Session, question: Question) -> ForecastModel | None:
    """Return the version in use."""
    asked = (ForecastModel.question == question.written(), ForecastModel.state == ModelState.ACTIVE)
    return session.scalar(select(ForecastModel).where(*asked))


def due(known: ForecastModel | None, *, allowed: Sequence[str], interval: timedelta, now: datetime) -> bool:
    """Whether a new version is to be trained: there is none, it is old, or other members are allowed."""
    if known is None or known.parameters.get("allowed") != list(allowed):
        return True
    return now - known.trained_at >= EARLY * interval


def begin(
    session: Session, question: Question, *, allowed: Sequence[str], days: int, through: date, fingerprint: str
) -> ForecastModel:
    """Note that a version is being trained. Candidates of before whose training never ended are laid aside."""
    key = question.written()
    session.execute(text(_LOCK), {"question": key})  # two trainings at once get two numbers
    left = session.scalars(
        select(ForecastModel).where(ForecastModel.question == key, ForecastModel.state == ModelState.CANDIDATE)
    )
    for one in left:
        _retire(one, "its training did not come to its end")
    last = session.scalar(select(func.max(ForecastModel.version)).where(ForecastModel.question == key)) or 0
    made = ForecastModel(
        question=key,
        version=last + 1,
        state=ModelState.CANDIDATE,
        parameters={"allowed": list(allowed), "days": days},
        through=through,
        fingerprint=fingerprint,
    )
    session.add(made)
    session.flush()
    return made


def judged(
    session: Session, model_id: int, found: Trained, *, measured: Backtest | None, run_id: uuid.UUID
) -> ForecastModel:
    """Keep how a candidate was judged, and put it in use in place of the version before it, or lay it aside."""
    made = session.get_one(ForecastModel, model_id, with_for_update=True)
    session.execute(text(_LOCK), {"question": made.question})
    if made.state is not ModelState.CANDIDATE:
        return made
    made.error, made.compared_with, made.run_id = found.error, found.active_error, run_id
    made.backtest = measured.model_dump(mode="json") if measured else None
    if not found.replaces:
        _retire(made, found.reason)
        return made
    made.members = list(found.members)
    asked = (ForecastModel.question == made.question, ForecastModel.state == ModelState.ACTIVE)
    for one in session.scalars(select(ForecastModel).where(*asked)):
        _retire(one, f"version {made.version} took its place: {found.reason}")
    session.flush()
    made.state, made.reason = ModelState.ACTIVE, found.reason
    session.flush()
    return made


def failed(session: Session, model_id: int, why: str) -> None:
    """Lay a candidate aside whose training failed."""
    made = session.get_one(ForecastModel, model_id, with_for_update=True)
    if made.state is ModelState.CANDIDATE:
        _retire(made, f"its training failed: {why}")


def _retire(one: ForecastModel, reason: str) -> None:
    one.state, one.reason, one.retired_at = ModelState.RETIRED, reason, func.now()


def every(session: Session, *, limit: int) -> list[ForecastModel]:
    """Return the versions that were trained last, the newest first."""
    return list(session.scalars(select(ForecastModel).order_by(ForecastModel.id.desc()).limit(limit)))


def fingerprint(inputs: Iterable[tuple[str, date, str]]) -> str:
    """Return one fingerprint for all deliveries that the ledger is made of."""
    lines = "\n".join(f"{source} {month} {print_}" for source, month, print_ in sorted(inputs))
    return hashlib.sha256(lines.encode()).hexdigest()
