"""The jobs that run notebooks: what they make, what they announce."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from finops.recommendations.results import IdleResult
from finops.trend import NoChargesError
from jobs import analyse, forecast, notebooks, recommend
from jobs.notebooks import NotebookRun
from storage import artifacts, forecasts, recommendations, runs
from storage.database import transaction
from storage.models import Outbox

from .conftest import HOSTILE


def test_analyse_runs_the_cost_notebooks_on_the_month_to_date(ledger: None) -> None:
    """Through the last day that every provider has completed; their pages are linked."""
    told = analyse.run()
    assert (told["start"], told["end"], told["currency"]) == ("2019-11-01", "2019-11-21", "USD")
    assert set(told["evidence"]) == {"cost_breakdown", "cost_trend", "allocation", "commitment_coverage"}
    with transaction() as session:
        for name, address in told["evidence"].items():
            run = runs.latest(session, f"notebook:{name}")
            assert run is not None
            page = runs.page(session, run.id)
            assert page is not None
            assert address == artifacts.link(page)


def test_analyse_runs_one_notebook_on_what_an_answer_was_about(ledger: None) -> None:
    """Its result says what it was asked, and only that one ran."""
    asked = {"start": "2019-11-14", "end": "2019-11-21", "currency": "USD", "metric": "billed_cost"}
    told = analyse.run(**asked, group_by="service_name", then_by="region_id")
    assert set(told["evidence"]) == {"cost_breakdown"}
    with transaction() as session:
        wanted = {**asked, "group_by": "service_name", "then_by": "region_id"}
        run = runs.latest_with(session, "notebook:cost_breakdown", wanted)
        assert run is not None
        page = runs.page(session, run.id)
        assert page is not None
        assert told["evidence"]["cost_breakdown"] == artifacts.link(page)
        assert runs.latest_with(session, "notebook:cost_breakdown", wanted | {"metric": "list_cost"}) is None


def test_recommend_announces_what_is_new_and_only_that(ledger: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Finding the same again stays silent."""
    first = recommend.run()
    with transaction() as session:
        last = runs.latest(session, "notebook:idle_resources")
        assert last is not None
        page = runs.page(session, last.id)
        assert page is not None
        again = NotebookRun(runs.begin(session, "again").id, IdleResult.model_validate(last.result), page, [])
    monkeypatch.setattr(notebooks, "run", lambda *_: again)
    second = recommend.run()
    assert (first["found"], first["new"], second["found"], second["new"]) == (1, 1, 1, 0)
    with transaction() as session:
        [known] = recommendations.alive(session)
        [message] = session.query(Outbox)
        assert HOSTILE in known.title
        assert message.kind == "slack_message"
        ids = {"kind": "recommendations", "recommendation_ids": [str(known.id)]}
        assert message.payload == {"channel": None, "digest": ids}


def test_without_charges_both_say_what_to_do(database: Path) -> None:
    """And nothing is announced, nothing expired."""
    with pytest.raises(NoChargesError, match="costs ingest"):
        analyse.run()


def test_a_forecast_is_kept_and_can_be_reviewed(ledger: None) -> None:
    """With its evidence; another month's review does not take it for its own."""
    told = forecast.run(days=7, models=["weekday", "level"])
    assert told["members"] == ["weekday", "level"]
    assert told["said"].startswith("From 21 Nov to 30 Nov 2019 (10 days) usage will cost about")
    reviewed = forecast.review(month="2019-11")
    assert (reviewed["start"], reviewed["end"]) == ("2019-11-01", "2019-11-21")
    with transaction() as session:
        again = runs.latest(session, "notebook:forecast_review")
        assert again is not None
        assert again.result is not None
        assert again.result["stored"] is False
        asked = {"currency": "USD", "metric": "effective_cost", "group_by": "service_name"}
        kept = forecasts.near(session, date(2019, 11, 21), **asked)
    assert kept is not None
    assert (kept.start, kept.stored) == (date(2019, 11, 21), True)
