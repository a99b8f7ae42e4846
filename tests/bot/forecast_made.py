"""Forecasts as the jobs would have made them, and where a month lands by them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
from sqlalchemy.orm import Session

from bot.answering import understand
from bot.answers import answer as costs_answer
from finops.forecasting.forecast import make, told
from finops.forecasting.history import History
from finops.forecasting.ledger import OTHER, Usage
from finops.forecasting.results import ForecastResult
from storage import forecasts, runs
from storage.models import Outcome
from tests.bot.asked import ASKER


def keep_forecast(
    session: Session, *, group_by: str | None, name: str = "web", days: int = 30, cost: float = 10.0,
    start: date = date(2026, 11, 21), due: int = 0, rest: float = 0.0, **where: str,
) -> None:  # fmt: skip
    """Have a forecast made of usage that costs the same each day: of a name, and of everything else."""
    costs = {"All": cost + rest, name: cost} | ({OTHER: rest} if rest else {})
    series = [History(one, start - timedelta(days=20), np.full(20, each)) for one, each in costs.items()]
    made, errors = make(series if group_by else series[:1], days, ["weekday"])
    result = ForecastResult.of(
        [told(one, currency="USD", measured=errors) for one in made],
        Usage(series[0], series[1:] if group_by else [], Decimal(100), Decimal(0)),
        metric="effective_cost", settled_through={"aws": date(2026, 11, 20)}, group_by=group_by, budget=None,
        where={word: [value] for word, value in where.items()}, due=Decimal(due),
    )  # fmt: skip
    run = runs.begin(session, forecasts.JOB)
    runs.finish(session, run.id, outcome=Outcome.SUCCEEDED, result=result.model_dump(mode="json"))


def landing(session: Session, text: str) -> Decimal | None:
    """Return where the month lands of the costs that a question asks for."""
    return costs_answer(session, understand(session, text, ASKER).question).landing
