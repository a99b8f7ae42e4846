"""Versions of models are kept: one in use a question, the others with the reason why they are not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from finops.forecasting.questions import Question
from finops.forecasting.training import Trained
from storage import forecast_models, runs
from storage.models import ForecastModel, ModelState

QUESTION = Question(by="service_name", where={}, currency="USD", metric="effective_cost")
DAY, NIGHT = timedelta(hours=24), datetime(2026, 11, 20, 5, 30, tzinfo=UTC)
ALLOWED = ["weekday", "theta"]


def _begin(session: Session, question: Question = QUESTION) -> ForecastModel:
    scope = {"through": date(2026, 11, 20), "fingerprint": "f" * 64}
    return forecast_models.begin(session, question, allowed=ALLOWED, days=30, **scope)  # type: ignore[arg-type]


def _judge(session: Session, row: ForecastModel, *, replaces: bool, reason: str = "not worse") -> ForecastModel:
    found = Trained(
        number=row.version,
        members=["weekday"],
        windows=8,
        error=Decimal("0.7"),
        active_error=None,
        replaces=replaces,
        reason=reason,
    )
    run = runs.begin(session, "notebook:forecast")
    return forecast_models.judged(session, row.id, found, measured=None, run_id=run.id)


def test_a_version_takes_the_place_of_the_one_before(session: Session) -> None:
    """Which is kept, with the reason."""
    first = _judge(session, _begin(session), replaces=True, reason="the first of its kind")
    second = _judge(session, _begin(session), replaces=True)
    assert forecast_models.active(session, QUESTION) is second
    assert (second.version, second.members, second.state) == (2, ["weekday"], ModelState.ACTIVE)
    assert first.state is ModelState.RETIRED
    assert first.reason == "version 2 took its place: not worse"
    assert [one.version for one in forecast_models.every(session, limit=9)] == [2, 1]


def test_a_version_that_is_worse_leaves_the_one_in_use(session: Session) -> None:
    """And is laid aside with its error."""
    first = _judge(session, _begin(session), replaces=True)
    worse = _judge(session, _begin(session), replaces=False, reason="worse: 0.800 against 0.700")
    assert forecast_models.active(session, QUESTION) is first
    assert (worse.state, worse.reason, worse.error) == (
        ModelState.RETIRED,
        "worse: 0.800 against 0.700",
        Decimal("0.7"),
    )


def test_a_candidate_is_judged_once(session: Session) -> None:
    """What comes late changes nothing."""
    row = _judge(session, _begin(session), replaces=False, reason="worse")
    assert _judge(session, row, replaces=True).state is ModelState.RETIRED


def test_a_training_that_never_ended_is_laid_aside_by_the_next(session: Session) -> None:
    """Its number is not given again."""
    left = _begin(session)
    again = _begin(session)
    assert (left.state, left.reason) == (ModelState.RETIRED, "its training did not come to its end")
    assert again.version == 2
    forecast_models.failed(session, again.id, "it ran out of memory")
    assert again.reason == "its training failed: it ran out of memory"


def test_each_question_has_versions_of_its_own(session: Session) -> None:
    """The order in which filters are named makes no other question."""
    _judge(session, _begin(session), replaces=True)
    where = {"provider": ["aws", "azure"], "tag:env": ["prod"]}
    turned = {"tag:env": ["prod"], "provider": ["azure", "aws"]}
    narrowed = QUESTION.model_copy(update={"where": where})
    _judge(session, _begin(session, narrowed), replaces=True)
    found = forecast_models.active(session, QUESTION.model_copy(update={"where": turned}))
    assert found is not None
    assert (found.version, found is forecast_models.active(session, QUESTION)) == (1, False)


@pytest.mark.parametrize(
    ("hours", "allowed", "expected"),
    [(23.99, ALLOWED, True), (12, ALLOWED, False), (1, ["weekday"], True)],
)
def test_training_is_due_after_its_interval_or_when_other_members_are_allowed(
    session: Session, hours: float, allowed: list[str], *, expected: bool
) -> None:
    """A night is not skipped because the clock was a second early."""
    row = _judge(session, _begin(session), replaces=True)
    row.trained_at = NIGHT
    now = NIGHT + timedelta(hours=hours)
    assert forecast_models.due(row, allowed=allowed, interval=DAY, now=now) is expected
    assert forecast_models.due(None, allowed=allowed, interval=DAY, now=now)


def test_a_fingerprint_changes_with_any_delivery() -> None:
    """And not with their order."""
    one, two = ("a", date(2026, 1, 1), "x"), ("b", date(2026, 1, 1), "y")
    assert forecast_models.fingerprint([one, two]) == forecast_models.fingerprint([two, one])
    assert forecast_models.fingerprint([one]) != forecast_models.fingerprint([one, two])
