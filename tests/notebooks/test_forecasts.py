"""Forecasts of a real ledger by their notebook: whose costs, by which version, what is left when models fail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from costs import cli
from finops.errors import BadSettingError, CostsError, UnknownWordError
from finops.forecasting.results import ForecastResult, headline
from jobs import forecast
from jobs.execution.process import NotebookRefusedError
from storage import allocation, ml_models
from storage.database import transaction
from storage.models import (
    CostRecord,
    Delivery,
    ForecastModel,
    ModelState,
    NamedBy,
    Outcome,
    Run,
    Source,
    SubAccountName,
)

from .conftest import SETTLED

QUICK = "cost_prediction: {algorithm: [weekday, level]}"
RULES = """
team:
  - {to: platform, where: {service: Disk}, split: evenly}
  - {to: web, where: {provider: aws}}
  - {to: data, where: {service: VM}}
"""


@pytest.fixture
def configured(home: Path, ledger: None) -> Iterator[Path]:
    """A ledger, and a home whose files are gone afterwards."""
    (home / ml_models.FILE).write_text(QUICK)
    yield home
    for name in (ml_models.FILE, allocation.FILE):
        (home / name).unlink(missing_ok=True)


def _versions() -> list[tuple[int, ModelState, list[str]]]:
    with transaction() as session:
        rows = session.scalars(select(ForecastModel).order_by(ForecastModel.id))
        return [(row.version, row.state, row.members) for row in rows]


def _adds_up(found: ForecastResult) -> bool:
    return all(
        sum((part.points[place].mean for part in found.parts), Decimal(0)) == day.mean
        for place, day in enumerate(found.whole.points)
    )


def test_a_version_serves_until_it_is_due_or_its_members_are_not_allowed_any_more(configured: Path) -> None:
    """Each forecast says which one made it, and `costs forecast models` lists them all."""
    first, second = (forecast.result(forecast.make(days=7)).whole for _ in range(2))
    assert first.model is not None
    assert (first.model.number, first.model.replaces, first.members) == (1, True, ["weekday", "level"])
    assert first.model.reason.startswith("the first of its kind: its error is 1.")
    assert second.model is not None
    assert (second.model.number, second.model.replaces) == (1, False)
    (configured / ml_models.FILE).write_text("cost_prediction: {algorithm: weekday}")
    asked = CliRunner().invoke(cli, ["forecast", "--days", "7"], catch_exceptions=False)
    assert "Model: version 2 (the configuration no longer allows level): weekday." in asked.output
    assert _versions() == [(1, ModelState.RETIRED, ["weekday", "level"]), (2, ModelState.ACTIVE, ["weekday"])]
    listed = CliRunner().invoke(cli, ["forecast", "models"], catch_exceptions=False).output
    assert "by service, USD: version 2, active, error " in listed
    assert "version 2 took its place: the configuration no longer allows level" in listed
    assert f"on days through {SETTLED}" in listed


def test_teams_are_forecast_by_the_rules_of_allocation_and_add_up(configured: Path) -> None:
    """What is shared is split among those that spend."""
    (configured / allocation.FILE).write_text(RULES)
    found = forecast.result(forecast.make(days=7, by="team", where=["charge=usage"]))
    assert {part.name for part in found.parts} == {"web", "data"}
    assert found.group_by == "tag:team"
    assert _adds_up(found)
    assert "(where charge category is Usage)" in headline(found)
    with pytest.raises(CostsError, match=r"up to the rules of allocation.yaml: ask --by team instead of --where"):
        forecast.make(days=7, where=["team=web"])


def test_accounts_are_shown_by_their_names_and_filters_take_them(configured: Path) -> None:
    """As the ledger knows them."""
    with transaction() as session:
        source = session.scalars(select(Source).where(Source.name == "bills-a")).one()
        session.execute(update(CostRecord).where(CostRecord.source_id == source.id).values(sub_account_id="111"))
        named = {"named_by": NamedBy.BILL, "name": "payments-prod", "told_on": SETTLED}
        session.add(SubAccountName(source_id=source.id, sub_account_id="111", **named))
    found = forecast.result(forecast.make(days=7, by="account"))
    assert {part.name for part in found.parts} == {"payments-prod", "no sub account"}
    assert _adds_up(found)
    only = forecast.result(forecast.make(days=7, by=None, where=["account=Payments-Prod"]))
    assert only.where == {"sub_account_id": ["111"]}
    assert only.whole.whole.expected < found.whole.whole.expected


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        ({"memory_limit": 100 * 2**20}, "The notebook forecast"),
        ({"time_limit": 0.5}, "The notebook forecast was stopped: it took longer than 0.5 seconds."),
    ],
)
def test_models_that_hang_or_eat_all_memory_leave_the_weekdays(
    configured: Path, limits: dict[str, float], why: str
) -> None:
    """It says so, the failed run is marked, and the version that was being trained is laid aside."""
    found = forecast.result(forecast.make(days=7, **limits))  # type: ignore[arg-type]
    assert found.whole.members == ["weekday"]
    assert found.whole.note is not None
    assert found.whole.note.startswith("The models could not be used, so this is the median of each weekday.")
    assert why in headline(found)
    with transaction() as session:
        runs = session.scalars(select(Run).where(Run.job == "notebook:forecast").order_by(Run.started_at)).all()
        assert [run.outcome for run in runs] == [Outcome.FAILED, Outcome.SUCCEEDED]
        row = session.scalars(select(ForecastModel)).one()
        assert row.state is ModelState.RETIRED
        assert row.reason is not None
        assert row.reason.startswith("its training failed: The models could not be used")


def _only(days: int, cost: Decimal) -> None:
    """Leave that many days in the ledger, each at that cost."""
    with transaction() as session:
        old = CostRecord.date <= SETTLED - timedelta(days=days)
        session.query(CostRecord).filter(old | (CostRecord.date > SETTLED)).delete()
        session.execute(update(CostRecord).values(effective_cost=cost))


@pytest.mark.parametrize(
    ("days", "cost", "said"),
    [
        (1, "5", "All usage has 1 days of charges, and a forecast needs at least 10: ask again once 2019-11-29"),
        (40, "0", "All usage has cost nothing in 40 days: there is nothing to forecast."),
        (0, "1", "All usage has no charges up to 2019-11-20, so there is nothing to forecast from"),
    ],
)
def test_a_ledger_that_says_too_little_is_told_in_one_sentence(
    configured: Path, days: int, cost: str, said: str
) -> None:
    """The run is marked failed, nothing else is tried, and no version is left half-trained."""
    _only(days, Decimal(cost))
    with pytest.raises(NotebookRefusedError, match=said):
        forecast.make(days=7)
    with transaction() as session:
        [run] = session.scalars(select(Run).where(Run.job == "notebook:forecast"))
        assert (run.outcome, run.result) == (Outcome.FAILED, None)
        assert run.error is not None
        assert run.error.startswith(said)
    assert [state for _, state, _ in _versions()] == [ModelState.RETIRED]


def test_credits_alone_are_forecast_as_credits(configured: Path) -> None:
    """All negative."""
    _only(60, Decimal(-7))
    found = forecast.result(forecast.make(days=7))
    assert found.whole.whole.expected < 0
    assert all(day.hi95 <= 0 for day in found.whole.points)
    assert _adds_up(found)


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"currency": "GBP"}, CostsError, "The ledger has no charges in GBP; it has "),
        ({"where": ["provider=asw"]}, UnknownWordError, "Did you mean “aws”?"),
        ({"where": ["colour=red"]}, UnknownWordError, "I don't know “colour”"),
        ({"where": ["provider"]}, BadSettingError, "is no filter: write it as provider=aws"),
        ({"days": 366}, CostsError, "1 to 365 days ahead, not 366"),
        ({"by": "servise"}, UnknownWordError, "Did you mean “service”?"),
    ],
)
def test_a_question_that_cannot_be_is_refused_before_anything_starts(
    configured: Path, asked: dict[str, object], error: type[CostsError], said: str
) -> None:
    """No run, no version."""
    with pytest.raises(error) as refused:
        forecast.make(**asked)  # type: ignore[arg-type]
    assert said in str(refused.value)
    with transaction() as session:
        assert session.scalars(select(Run)).all() == []
    assert _versions() == []


def _in_euros() -> None:
    """Let the bill of the other provider be in euros."""
    with transaction() as session:
        session.execute(update(CostRecord).where(CostRecord.provider == "azure").values(billing_currency="EUR"))
        source = session.scalars(select(Source).where(Source.name == "bills-b")).one()
        session.execute(update(Delivery).where(Delivery.source_id == source.id).values(billed_cost={"EUR": "1"}))


def test_currencies_are_never_mixed(configured: Path) -> None:
    """What costs euros is another question, with a version of its own."""
    dollars = forecast.result(forecast.make(days=7))
    _in_euros()
    euros = forecast.result(forecast.make(days=7, currency="eur"))
    assert (dollars.currency, euros.currency) == ("USD", "EUR")
    assert {part.name for part in euros.parts} <= {"VM", "Disk", "EC2", "everything else"}
    assert euros.whole.whole.expected < dollars.whole.whole.expected
    assert [version for version, _, _ in _versions()] == [1, 1]


def test_a_month_that_has_not_begun_is_not_reviewed(configured: Path) -> None:
    """In a sentence."""
    with pytest.raises(NotebookRefusedError, match="December 2019 has no complete day yet"):
        forecast.review(month="2019-12")
