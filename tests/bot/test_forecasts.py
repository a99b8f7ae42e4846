"""A forecast of any costs is told where the jobs made it; else they are asked for it, and whoever waits is answered."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.answering import answer, understand
from bot.answers import answer as costs_answer
from bot.blocks import draft as drawn
from bot.drafts.draft import Draft
from bot.drafts.forecast import OneForecastError
from bot.questions import NotUnderstoodError
from finops.errors import CostsError
from finops.people import Person
from storage import accounts, runs
from storage.models import CostRecord, Outcome, Request, Run, Source
from tests.bot.asked import ASKER
from tests.bot.drawing import assert_harmless, sendable
from tests.bot.forecast_made import keep_forecast, landing


def _ask(session: Session, text: str) -> Draft:
    draft = answer(session, understand(session, text, ASKER), ASKER)
    assert_harmless(sendable(drawn.build(draft)))
    return draft


def _rows(draft: Draft) -> list[tuple[str, ...]]:
    assert draft.grid is not None
    return list(draft.grid.rows)


def _requests(session: Session) -> list[tuple[str, object]]:
    return [(one.job, one.parameters) for one in session.scalars(select(Request).order_by(Request.id))]


def test_a_forecast_is_the_newest_that_was_made(ledger: Session) -> None:
    """As a whole, in parts, and of one part; a shorter one adds up its days."""
    keep_forecast(ledger, group_by="tag:team")
    draft = _ask(ledger, "forecast 30 days by team")
    assert draft.headline.startswith("From 21 Nov to 20 Dec 2026 (30 days) usage will cost about $300.00, in 4")
    assert "November is heading for about $350.00" in draft.more
    assert draft.notes[0].startswith("In 19 of 20 cases $")
    assert "not measured yet: there is too little history" in " ".join(draft.notes)
    assert len(draft.values["points"]) == 30
    assert draft.values["points"][0].keys() == {"day", "mean", "lo80", "hi80", "lo95", "hi95"}
    assert _rows(draft) == [("web", "$300", "100 %")]
    short = _ask(ledger, "forecast 10 days")
    assert short.headline == "From 21 Nov to 30 Nov 2026 (10 days) usage will cost about $100.00."
    sure = "How far off that may be is known for the 30 days of the forecast together: about $300.00, in 4 of 5 cases $"
    assert short.notes[0].startswith(sure)
    part = _ask(ledger, "forecast where team=Web").headline
    assert part.startswith("web: from 21 Nov to 20 Dec 2026 (30 days) usage will cost about $300.00, in 4 of 5")
    assert not _requests(ledger)


def test_one_day_ahead_is_told_by_its_name(ledger: Session) -> None:
    """Bills are late: it may be past already, and is no next one."""
    keep_forecast(ledger, group_by="tag:team")
    draft = _ask(ledger, "forecast 1 day by team")
    assert draft.headline == "On 21 Nov 2026 usage will cost about $10.00."
    assert draft.grid is not None
    assert draft.grid.head[1] == "1 day"
    assert _ask(ledger, "forecast 1 day team=web").headline == "web: on 21 Nov 2026 usage will cost about $10.00."
    asked = _ask(ledger, "forecast 1 day service=ec2").headline
    assert asked == "The forecast of 1 day of service=ec2 is being computed."


def test_what_has_no_name_of_its_own_in_a_forecast_comes_last(ledger: Session) -> None:
    """However much it is: it is what is left, and no part that somebody could look into."""
    keep_forecast(ledger, group_by="service_name", name="EC2", rest=20.0)
    rows = [("EC2", "$300", "33 %"), ("everything else", "$600", "67 %")]
    assert _rows(_ask(ledger, "forecast by service")) == rows


def test_where_the_month_ends_is_told_alike_by_answer_budget_and_forecast(ledger: Session) -> None:
    """What is spent, and what the forecast of the same costs expects of the rest; of others the pace of their days."""
    assert landing(ledger, "") == 360
    keep_forecast(ledger, group_by="tag:team")
    assert landing(ledger, "") == 250 + 10 * 10
    assert "heading for $350.00" in _ask(ledger, "").headline
    assert landing(ledger, "service=S3") == 20 + 10
    keep_forecast(ledger, group_by=None, service_name="S3")
    assert landing(ledger, "service=S3") == 20 + 10 * 10
    keep_forecast(ledger, group_by="service_name", name="EC2")
    assert landing(ledger, "service=EC2") == 230 + 10 * 10
    assert _ask(ledger, "forecast service=ec2").more == "November is heading for about $330.00 ($330.00 to $330.00)."
    keep_forecast(ledger, group_by="tag:team", days=7)
    keep_forecast(ledger, group_by="tag:team", days=60, cost=20.0)
    assert landing(ledger, "") == 250 + 10 * 10  # one that ends before the month, and a longer one, change nothing
    ledger.execute(update(Source).values(settled_through=date(2026, 11, 21)))
    assert landing(ledger, "") == 261 + 9 * 11  # that forecast does not begin where the bills end any more


def test_nothing_is_expected_of_a_month_after_its_last_day(ledger: Session) -> None:
    """The forecast that begins then is of the next one."""
    ledger.execute(update(Source).values(settled_through=date(2026, 10, 31)))
    keep_forecast(ledger, group_by=None, start=date(2026, 11, 1))
    assert landing(ledger, "2026-10") is None
    found = costs_answer(ledger, understand(ledger, "", ASKER).question)
    assert (found.start, found.end, found.total, found.landing) == (date(2026, 10, 1), date(2026, 11, 1), 341, 341)
    assert _ask(ledger, "forecast").more.startswith("November is heading for about $300.00 (")


def test_a_forecast_of_filtered_costs_is_told_like_any_other(ledger: Session) -> None:
    """Two filters, whatever their order and spelling; that of other costs is none of these."""
    keep_forecast(ledger, group_by=None, **{"service_name": "EC2", "tag:team": "web"})
    draft = _ask(ledger, "forecast team=web service=ec2")
    assert draft.headline.startswith(
        "team=web and service=ec2: from 21 Nov to 20 Dec 2026 (30 days) usage will cost about $300.00, in 4"
    )
    assert "November is heading for about $330.00" in draft.more
    assert not _requests(ledger)
    assert "is being computed" in _ask(ledger, "forecast service=ec2").headline
    assert "is being computed" in _ask(ledger, "forecast 30 days").headline


def test_how_a_forecast_that_is_being_computed_is_seen_is_told_as_it_is_there(ledger: Session) -> None:
    """In Slack it comes by itself; at the command line it is asked for again."""
    assert _ask(ledger, "forecast").more == "It takes a minute or two, then it comes here by itself."
    alone = replace(ASKER, person=Person("", "me"), channel="")
    told = answer(ledger, understand(ledger, "forecast", alone), alone)
    assert told.more == "It takes a minute or two: ask again then."


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("forecast 60 days by region", {"days": 60, "by": "region"}),
        ("forecast", {"days": 30, "by": "service"}),
        ("forecast service=ec2", {"days": 30, "by": None, "where": ["service=EC2"]}),
        ("forecast by region team=web service=ec2",
         {"days": 30, "by": "region", "where": ["team=web", "service=EC2"]}),
        ("forecast provider=aws in EUR", {"days": 30, "by": None, "where": ["provider=aws"], "currency": "EUR"}),
        ("forecast account=payments-prod", {"days": 30, "by": None, "where": ["account=7"]}),
    ],
)  # fmt: skip
def test_a_forecast_that_is_not_there_is_asked_for_once(ledger: Session, text: str, given: dict[str, object]) -> None:
    """Of the jobs, as the ledger spells its filters: the bot computes none itself."""
    ledger.execute(update(CostRecord).values(sub_account_id="7"))
    accounts.note(ledger, "test", {"7": "payments-prod"})
    assert "is being computed" in _ask(ledger, text).headline
    assert _requests(ledger) == [("forecast", given)]
    assert "is being computed" in _ask(ledger, text).headline
    assert len(_requests(ledger)) == 1


def test_how_wrong_forecasts_of_a_part_were_is_told_of_that_part(ledger: Session) -> None:
    """Where only the error of all together is known, it says that it is theirs."""
    keep_forecast(ledger, group_by="tag:team")
    run = ledger.scalars(select(Run)).one()
    for whole, part, words in (
        ("0.006", "0.2", "Such forecasts of it missed their totals by 20.0 % (median of 9)."),
        (
            "0.006",
            "0.006",
            "Such forecasts, of all usage and its parts together, missed their totals by 0.6 % (median of",
        ),
    ):
        result = json.loads(json.dumps(run.result))
        for one, error in ((result["whole"], whole), *((each, part) for each in result["parts"])):
            one["backtest"] = {**one["backtest"], "total_error": error, "windows": 9, "horizon": 30}
        ledger.execute(update(Run).values(result=result))
        assert words in " ".join(_ask(ledger, "forecast team=web").notes)
        assert "Such forecasts missed their totals by 0.6 %" in " ".join(_ask(ledger, "forecast").notes)


@pytest.mark.parametrize(
    ("text", "days", "words"),
    [
        ("forecast 120 days", 90, "Forecasts of up to 90 days missed their totals by 0.8 % (median of 40)."),
        ("forecast 120 days", 120, "Such forecasts missed their totals by 0.8 % (median of 40)."),
        ("forecast 30 days", 90, "Such forecasts missed their totals by 0.8 % (median of 40)."),
        ("forecast 120 days team=web", 90, "Forecasts of up to 90 days, of all usage and its parts together, missed"),
    ],
)
def test_how_wrong_shorter_forecasts_were_is_not_told_of_longer_ones(
    ledger: Session, text: str, days: int, words: str
) -> None:
    """Past forecasts reach 90 days at most: there is rarely more to look back on."""
    keep_forecast(ledger, group_by="tag:team", days=120)
    run = ledger.scalars(select(Run)).one()
    result = json.loads(json.dumps(run.result))
    for one in (result["whole"], *result["parts"]):
        one["backtest"] = {**result["whole"]["backtest"], "total_error": "0.008", "windows": 40, "horizon": days}
    ledger.execute(update(Run).values(result=result))
    assert words in " ".join(_ask(ledger, text).notes)


def test_more_days_than_a_forecast_reaches_are_told_as_far_as_it_does(ledger: Session) -> None:
    """At once, and not after a minute that it cannot be."""
    draft = _ask(ledger, "forecast 400 days")
    assert draft.headline == "The forecast of 365 days is being computed."
    assert draft.notes[-1] == "A forecast reaches 365 days ahead at most."
    assert _requests(ledger) == [("forecast", {"days": 365, "by": "service"})]
    assert not any("at most" in one for one in _ask(ledger, "forecast 365 days").notes)


def test_what_has_fees_alone_is_refused_at_once_by_its_name(ledger: Session) -> None:
    """Nobody waits a minute to be told to read bills that were read."""
    ledger.execute(update(CostRecord).where(CostRecord.service_name == "S3").values(charge_category="Purchase"))
    with pytest.raises(CostsError, match="no usage to carry on where service is S3, only fees, taxes or credits"):
        _ask(ledger, "forecast service=s3")
    assert not _requests(ledger)
    assert "is being computed" in _ask(ledger, "forecast service=s3 service=ec2").headline


def test_what_stands_in_a_forecasts_way_is_told(ledger: Session, tmp_path: Path) -> None:
    """Too little history, as the job said; names that nobody knows; what is told by rules; an old one is made anew."""
    _ask(ledger, "forecast service=ec2")
    run = runs.begin(ledger, "forecast", parameters=_requests(ledger)[0][1])  # type: ignore[arg-type]
    runs.finish(ledger, run.id, outcome=Outcome.FAILED, error="A forecast needs 14 days of charges.")
    with pytest.raises(CostsError, match="needs 14 days"):
        _ask(ledger, "forecast service=ec2")
    with pytest.raises(NotUnderstoodError, match="EC3"):
        _ask(ledger, "forecast service=EC3")
    for text in ("forecast by service by region", "forecast billed"):
        with pytest.raises(OneForecastError):
            _ask(ledger, text)
    (tmp_path / "allocation.yaml").write_text('team: [{by: "tag:team"}]\n')
    with pytest.raises(OneForecastError, match="up to your rules, so ask forecast by team"):
        _ask(ledger, "forecast team=web service=ec2")
    keep_forecast(ledger, group_by="service_name", name="EC2")
    ledger.execute(update(Source).values(settled_through=date(2026, 11, 24)))
    assert "is being computed" in _ask(ledger, "forecast by service").headline
