"""Every kind of question is answered in two lines and a small table, with where to go on; hostile names stay names."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.answering import answer, refined, understand
from bot.asker import Asker
from bot.blocks import draft as drawn
from bot.drafts.draft import Draft
from bot.questions import Kind, NotUnderstoodError, OneThingError, parse
from bot.terminal import shown
from finops.people import Person
from finops.trend import NoChargesError
from storage import asking
from storage.models import CostRecord, Request, Source
from tests.bot import ledgers
from tests.bot.asked import ASKER, TODAY, asked
from tests.bot.drawing import HOSTILE, sendable


def _rows(draft: Draft) -> list[tuple[str, ...]]:
    assert draft.grid is not None
    return list(draft.grid.rows)


def test_an_answer_leads_on(ledger: Session) -> None:
    """By service, by region, to the days before, to a report."""
    draft = asked(ledger, "by team last 7 days")
    assert [(words, str(question)) for words, question in draft.deeper] == [
        ("By service", "by service last 7 days"),
        ("By region", "by region last 7 days"),
        ("Period before", "by team 2026-11-07 to 2026-11-13"),
        ("As report", "report by team last 7 days"),
    ]


def test_two_periods_are_held_against_each_other(ledger: Session) -> None:
    """What goes on, against as many days; what is over, whole."""
    draft = asked(ledger, "this month vs last month by service")
    assert "against 1 Oct to 20 Oct" in draft.headline
    assert _rows(draft) == [("EC2", "$230", "+15 %"), ("S3", "$20.00", "0 %")]
    assert "against 1 Oct to 7 Oct" in asked(ledger, "last 7 days vs from 1 to 7 october").headline


def test_a_day_that_will_still_grow_is_marked(ledger: Session) -> None:
    """In the table, and by a note that says what the mark means."""
    draft = asked(ledger, "by day since 2026-11-19 to 2026-11-22")
    names = [row[0] for row in _rows(draft)]
    assert names == ["19 Nov 2026", "20 Nov 2026", "≈21 Nov 2026", "≈22 Nov 2026"]
    assert any("≈ marks days" in note for note in draft.notes)
    sent = sendable(drawn.build(draft))
    assert "`≈22\u00a0Nov" in sent
    assert "≈ marks days" in sent


@pytest.mark.parametrize("other", ["where provider=gcp", "where service=BigQuery"])
def test_a_day_is_marked_by_the_providers_alone_that_are_asked_about(ledger: Session, other: str) -> None:
    """Another one that is late makes nothing of theirs grow."""
    late = date(2026, 11, 22)
    source = Source(name="google", provider="gcp", format="focus", settled_through=late)
    ledger.add(source)
    ledger.flush()
    ledgers.partition(ledger, date(2026, 11, 1), source.id)
    amounts = dict.fromkeys(("effective_cost", "billed_cost", "list_cost", "contracted_cost"), Decimal(5))
    row = {"id": uuid.uuid4(), "billing_period": date(2026, 11, 1), "source_id": source.id, "date": late}
    charge = {"provider": "gcp", "service_name": "BigQuery", "charge_category": "Usage", "billing_currency": "USD"}
    ledger.add(CostRecord(**row, **charge, charges=1, **amounts))
    ledger.flush()
    days = "by day 2026-11-21 to 2026-11-22"
    assert [row[0] for row in _rows(asked(ledger, f"{days} {other}"))] == ["22 Nov 2026"]
    assert "provisional" not in asked(ledger, f"{days} {other}").notes[0]
    assert [row[0] for row in _rows(asked(ledger, f"{days} where provider=aws"))] == ["≈21 Nov 2026", "≈22 Nov 2026"]
    assert "≈22 Nov 2026" in [row[0] for row in _rows(asked(ledger, days))]


def test_a_long_table_has_pages(ledger: Session) -> None:
    """Each begins where the one before ends, the newest day first, and the last has no next one; JSON is in order."""
    first = asked(ledger, "by day 2026-10 top 20")
    assert [row[0] for row in _rows(first)] == [f"{day} Oct 2026" for day in range(31, 11, -1)]
    days = [row["key"]["date"] for row in first.values["rows"]]
    assert days == sorted(days)
    words, question = first.deeper[0]
    assert (words, str(question)) == ("Next 11", "by day 2026-10 top 20 page 2")
    second = asked(ledger, str(question))
    assert [row[0] for row in _rows(second)] == [f"{day} Oct 2026" for day in range(11, 0, -1)]
    assert not second.deeper[0][0].startswith("Next")


def test_a_trend_is_told_week_by_week(ledger: Session) -> None:
    """Whole settled weeks from Monday; the last seven days against the seven before."""
    draft = asked(ledger, "trend service=EC2")
    assert draft.headline == "EC2: $14.29 a day in the last 7 settled days, +43 % against the 7 before."
    assert _rows(draft)[-2:] == [("2 Nov 2026", "$70.00", "0 %"), ("9 Nov 2026", "$70.00", "0 %")]
    assert _rows(draft)[0][:2] == ("5 Oct 2026", "$70.00"), "weeks that the ledger does not know whole are left out"
    assert "Weeks begin on Monday" in " ".join(draft.notes)


def test_a_budget_that_is_nearly_spent_is_not_said_to_be_spent(ledger: Session, tmp_path: Path) -> None:
    """Nor one that is a little exceeded to be kept: in the table, the sentence and the answer of its costs."""
    (tmp_path / "budgets.yaml").write_text(
        "- {name: kept, amount: 361, currency: USD}\n- {name: over, amount: 29.90, where: {service: S3}}\n"
    )
    draft = asked(ledger, "budget")
    assert [row[2] for row in _rows(draft)] == ["100.3 %", "99.7 %"]
    assert draft.more.endswith("heading for $30.00 of $29.90 (100.3 %).")
    (tmp_path / "budgets.yaml").write_text("- {name: all, amount: 250.50, currency: USD}\n")
    assert "99.8 % of the budget of $250.50 is spent" in asked(ledger, "").headline


def test_budgets_are_held_against_what_was_spent(ledger: Session, tmp_path: Path) -> None:
    """The worst first; the same costs' own answer tells its budget, too."""
    assert asked(ledger, "budget").headline == "There is no budget yet."
    assert asked(ledger, "budget team=search").headline == "There is no budget for team=search yet."
    (tmp_path / "budgets.yaml").write_text(
        "- {name: all, amount: 1000, currency: USD}\n"
        "- {name: s3 <!channel>, amount: 20.50, where: {service: S3}, owner: lena, months: {2026-10: 100}}\n"
    )
    draft = asked(ledger, "budget")
    assert draft.headline == "1 of 2 budgets is heading over."
    assert draft.more.endswith("lena: $20.00 spent, heading for $30.00 of $20.50 (146 %).")
    assert [row[1:] for row in _rows(draft)] == [("$30.00", "146 %"), ("$360", "36 %")]
    assert "25 % of the budget of $1,000.00 is spent" in asked(ledger, "").headline
    assert "98 % of the budget of $20.50" in asked(ledger, "service=S3").headline
    assert [row[1:] for row in _rows(asked(ledger, "budget last month"))] == [("$341", "34 %"), ("$31.00", "31 %")]
    alone = asked(ledger, "budget service=S3")
    assert len(_rows(alone)) == 1
    assert alone.headline == "The budget s3 <!channel> is heading over."
    over = asked(ledger, "budget last month")
    assert over.headline == "2 budgets: all were kept."
    assert over.more.endswith("$341.00 spent of $1,000.00 (34 %).")
    assert over.grid is not None
    assert over.grid.head[1] == "Spent"
    assert over.notes[0].endswith("31 Oct 2026; settled days only.")
    (tmp_path / "budgets.yaml").write_text("- {name: front, amount: 1000, currency: USD}\n")
    assert asked(ledger, "budget").headline == "1 budget: on track."


def test_what_keeps_a_rule_in_slack_is_told_as_slack_takes_it(ledger: Session) -> None:
    """At the command line as well, where everything else is `costs ask`."""
    here = replace(ASKER, person=Person("", "me"), channel="")
    text = "alert when team=web daily > 500"
    told = shown(answer(ledger, understand(ledger, text, here), here))
    assert "In Slack, `/cost alert where team=web daily > 500`" in told
    assert 'costs ask "alert' in shown(answer(ledger, understand(ledger, "alerts", here), here))


def test_freshness_is_told_bill_by_bill(ledger: Session) -> None:
    """The one behind first."""
    draft = asked(ledger, "freshness")
    assert draft.headline.startswith("Complete through 20 Nov 2026")
    assert _rows(draft)[0][:2] == ("test (AWS)", "20 Nov")
    assert draft.more == "No bill is more than three days behind another."


def test_a_report_is_a_request_to_the_jobs(ledger: Session) -> None:
    """The weekly one, or this month's pages."""
    asked(ledger, "report weekly")
    asked(ledger, "report")
    assert [one.job for one in ledger.scalars(select(Request).order_by(Request.id))] == ["report", "analyse"]


def test_a_rule_is_shown_and_nothing_is_kept(ledger: Session) -> None:
    """Nobody is left believing that a rule was set up; a sentence about what no rule watches says so."""
    draft = asked(ledger, "alert when team=web daily > 500")
    assert draft.headline == "Tells this channel when a day's usage of team web costs more than $500.00."
    assert draft.more.startswith("It would not have fired in the ")
    assert draft.notes[-1].startswith("Nothing is saved yet.")
    assert "fired twice" in asked(ledger, "alert when service=EC2 monthly > 100").more
    assert asked(ledger, "alerts").headline.startswith("There is no alert rule yet")
    assert asked(ledger, "alert").headline.startswith("Say what to wait for")
    for text in ("alert when untagged", "alert when team=web > 5 last month", "alert billed when team=web > 5"):
        with pytest.raises(OneThingError, match=r"For example|as in"):
            asked(ledger, text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("alert when service=EC2 up 30% weekly", "seven days' usage of service EC2 costs 30 %"),
        ("alert when forecast over budget web anyway", "of the budget web"),
        ("alert on anomalies where team=web", "team web is out of order"),
        ("alert on new region where provider=aws", "a region is used for the first time"),
        ("alert when data stale 5 days", "more than 5 days behind"),
        ("alert when commitment expiring in 60 days", "ends within 60 days"),
        ("alert when commitment underused", "used by less than 80"),
        ("alert when untagged > 100", "more than $100.00 of a day's usage lacks the tag team"),
        ("alert on failed collection", "collection of"),
    ],
)
def test_every_kind_of_rule_becomes_a_sentence(ledger: Session, text: str, sentence: str) -> None:
    """What was said is what is kept."""
    assert sentence in asked(ledger, text).headline.replace("\u00a0", " ")


def test_a_rule_about_what_is_not_there_is_no_rule(ledger: Session, tmp_path: Path) -> None:
    """It would never tell anything: the nearest is offered, and `anyway` keeps what is yet to come."""
    budget = "alert when forecast over budget"
    with pytest.raises(OneThingError, match="no budget yet"):
        asked(ledger, budget)
    (tmp_path / "budgets.yaml").write_text("- {name: web, amount: 1000, currency: USD}\n")
    for text, near in (
        ("alert when team=webb daily > 500 USD", "alert where team=web daily > 500 USD"),
        ("alert on new region where team=webb", "alert on new region where team=web"),
        ("alert when team=web daily > 500 EUR", "alert where team=web daily > 500 USD"),
        (f"{budget} wob", f'{budget} "web"'),
    ):
        with pytest.raises(NotUnderstoodError, match=r"[.?] If it is yet to come, add the word `anyway`") as unknown:
            asked(ledger, text)
        assert str(unknown.value.nearest) == near
        assert asked(ledger, f"{text} anyway").save is not None
    assert asked(ledger, f"{budget} WEB").save is not None
    waiting = asked(ledger, "alert when team=webb daily > 500 USD anyway")
    assert "team-webb-daily-above-500-usd`" in waiting.notes[-1]


def test_a_channel_asks_within_its_scope_and_says_so(ledger: Session) -> None:
    """Whoever asks there, at each question; another channel and another workspace do not."""
    assert "everything" in asked(ledger, "scope").headline
    asked(ledger, "scope team=WEB")
    draft = asked(ledger, "2026-10")
    assert "$310.00" in draft.headline
    assert any("Only team=web, this channel's scope" in note for note in draft.notes)
    assert "$31.00" in asked(ledger, "2026-10 team=untagged").headline
    for other in (Asker(ASKER.person, "COTHER", TODAY), Asker(Person("T1", "ULEAD"), "C0COSTS", TODAY)):
        assert "$341.00" in asked(ledger, "2026-10", who=other).headline
    assert "set on" in asked(ledger, "scope").headline
    asked(ledger, "scope off")
    assert "$341.00" in asked(ledger, "2026-10").headline


def test_a_scope_that_the_ledger_does_not_know_is_not_set(ledger: Session) -> None:
    """It would answer every later question with nothing."""
    with pytest.raises(NotUnderstoodError) as error:
        asked(ledger, "scope service=EC3")
    assert str(error.value.nearest) == "scope where service=EC2"
    assert asking.scope(ledger, workspace="T0", channel="C0COSTS") is None


@pytest.mark.parametrize(
    ("above", "said", "written"),
    [
        ("by service last 7 days", "by region", "by region last 7 days"),
        ("by service last 7 days", "last month", "by service 2026-10"),
        ("by service where team=web", "and only s3 where service=S3", "by service where team=web and service=S3"),
        ("by service where team=web", "team=data", "by service where team=data"),
        ("by service page 3", "top 20", "by service top 20"),
        ("by team vs 2026-10", "last month", "by team 2026-10"),
        ("where team=web last 7 days", "trend", "trend where team=web"),
        ("where team=web last 7 days", "help", "help"),
        ("by service", "in EUR", "by service in EUR"),
    ],
)
def test_a_reply_refines_the_question_above_it(above: str, said: str, written: str) -> None:
    """What it does not name stays."""
    said = said.removeprefix("and only s3 ")
    question = refined(parse(above, today=TODAY), parse(said, today=TODAY))
    assert str(question) == written


def test_hostile_names_stay_names_in_every_answer(ledger: Session) -> None:
    """Of services, teams, bills: each answer is checked as it is drawn."""
    ledger.execute(update(CostRecord).where(CostRecord.service_name == "S3").values(service_name=HOSTILE))
    for text in ("by service", "by service vs 2026-10", "trend by service", "by day", f'service="{HOSTILE[:40]}"'):
        try:
            asked(ledger, text.replace("```", ""))
        except NotUnderstoodError as error:
            sent = sendable(drawn.unclear(error))
            assert "<!channel>" not in sent


@pytest.mark.parametrize("kind", [Kind.COST, Kind.TREND, Kind.FORECAST, Kind.FRESHNESS])
def test_an_empty_ledger_says_what_to_do(session: Session, kind: Kind) -> None:
    """A sentence with a way out."""
    with pytest.raises(NoChargesError, match="costs ingest"):
        asked(session, "" if kind is Kind.COST else kind.value)
