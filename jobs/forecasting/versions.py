"""The version of a model behind a forecast: trained when that is due, and put in use if its backtest is not worse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from finops.forecasting.training import Active, Setup
from storage import forecast_models, ml_models
from storage.database import transaction
from storage.settings import settings

if TYPE_CHECKING:
    import uuid

    from finops.forecasting.values import CostForecast
    from jobs.forecasting.asked import Asked


@dataclass(frozen=True, slots=True)
class Training:
    """What a forecast is told about models, and the row of the candidate, if one is trained."""

    setup: Setup
    candidate_id: int | None


def begin(asked: Asked, days: int) -> Training:
    """Look for the version in use; where training is due, begin a new one. Raises BadSettingError."""
    config = ml_models.cost_prediction(settings().home)
    allowed = list(config.members)
    with transaction() as session:
        known = forecast_models.active(session, asked.question)
        active = Active(number=known.version, members=known.members) if known else None
        now = datetime.now(UTC)
        if not forecast_models.due(known, allowed=allowed, interval=config.retrain_interval, now=now):
            return Training(Setup(allowed=allowed, active=active), None)
        scope = {"through": asked.through, "fingerprint": asked.fingerprint}
        row = forecast_models.begin(session, asked.question, allowed=allowed, days=days, **scope)  # type: ignore[arg-type]
        return Training(Setup(allowed=allowed, active=active, candidate=row.version), row.id)


def end(training: Training, whole: CostForecast, run_id: uuid.UUID) -> None:
    """Keep how the candidate was judged."""
    if training.candidate_id is not None and whole.model is not None:
        with transaction() as session:
            forecast_models.judged(session, training.candidate_id, whole.model, measured=whole.backtest, run_id=run_id)


def fail(training: Training, why: str) -> None:
    """Lay the candidate aside."""
    if training.candidate_id is not None:
        with transaction() as session:
            forecast_models.failed(session, training.candidate_id, why)
