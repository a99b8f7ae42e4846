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
from bot.questions import LONGEST, Kind, NotUnderstoodError, OneThingError, parse
from bot.terminal import shown
from finops.anomalies.scopes import Of, Scope
from finops.errors import UnknownWordError
from finops.people import Person
from finops.trend import NoChargesError
from storage import accounts, asking
from storage.models import Anomaly, CostRecord, Request
from tests.bot.asked import ASKER, TODAY
from tests.bot.drawing import HOSTILE, assert_harmless, sendable


def _ask(session: Session, text: str, *, who: Asker = ASKER, above: str | None = None) -> Draft:
    draft = answer(session, understand(session, text, who, above=above), who)
    sent = sendable(drawn.build(draft))
    assert_harmless(sent)
    assert_harmless(drawn.fallback(draft))
    assert shown(draft)
    for question in (question for _, question in draft.deeper if len(str(question)) <= LONGEST):
        assert parse(str(question), today=TODAY) == question
    return draft


def _rows(draft: Draft) -> list[tuple[str, ...]]:
    assert draft.grid is not None
    return list(draft.grid.rows)


def test_an_answer_leads_on(ledger: Session) -> None:
    """By service, by region, to the days before, to a report."""
    draft = _ask(ledger, "by team last 7 days")
    assert [(words, str(question)) for words, question in draft.deeper] == [
        ("By service", "by service last 7 days"),
        ("By region", "by region last 7 days"),
        ("Period before", "by team 2026-11-07 to 2026-11-13"),
        ("As report", "report by team last 7 days"),
    ]


def test_two_periods_are_held_against_each_other(ledger: Session) -> None:
    """What goes on, against as many days; what is over, whole."""
    draft = _ask(ledger, "this month vs last month by service")
    assert "against 1 Oct to 20 Oct" in draft.headline
    assert _rows(draft) == [("EC2", "$230", "+15 %"), ("S3", "$20.00", "0 %")]
    assert "against 1 Oct to 7 Oct" in _ask(ledger, "last 7 days vs from 1 to 7 october").headline


def test_a_day_that_will_still_grow_is_marked(ledger: Session) -> None:
    """In the table, and by a note that says what the mark means."""
    draft = _ask(ledger, "by day since 2026-11-19 to 2026-11-22")
    names = [row[0] for row in _rows(draft)]
    assert names == ["19 Nov 2026", "20 Nov 2026", "~21 Nov 2026", "~22 Nov 2026"]
    assert any("~ marks days" in note for note in draft.notes)


def test_a_long_table_has_pages(ledger: Session) -> None:
    """Each begins where the one before ends, and the last has no next one."""
    first = _ask(ledger, "by day 2026-10 top 20")
    words, question = first.deeper[0]
    assert (words, str(question)) == ("Next 11", "by day 2026-10 top 20 page 2")
    second = _ask(ledger, str(question))
    assert [row[0] for row in _rows(second)] == [f"{day} Oct 2026" for day in range(21, 32)]
    assert not second.deeper[0][0].startswith("Next")


def test_a_trend_is_told_week_by_week(ledger: Session) -> None:
    """Whole settled weeks from Monday; the last seven days against the seven before."""
    draft = _ask(ledger, "trend service=EC2")
    assert draft.headline == "EC2: $14.29 a day in the last 7 settled days, +43 % against the 7 before."
    assert _rows(draft)[-2:] == [("2 Nov 2026", "$70.00", "0 %"), ("9 Nov 2026", "$70.00", "0 %")]
    assert _rows(draft)[0][:2] == ("5 Oct 2026", "$70.00"), "weeks that the ledger does not know whole are left out"
    assert "Weeks begin on Monday" in " ".join(draft.notes)


def test_budgets_are_held_against_what_was_spent(ledger: Session, tmp_path: Path) -> None:
    """The worst first; the same costs' own answer tells its budget, too."""
    assert "no budget" in _ask(ledger, "budget").headline
    (tmp_path / "budgets.yaml").write_text(
        "- {name: all, amount: 1000, currency: USD}\n"
        "- {name: s3 <!channel>, amount: 20.50, where: {service: S3}, owner: lena, months: {2026-10: 100}}\n"
    )
    draft = _ask(ledger, "budget")
    assert draft.headline == "1 of 2 budgets is heading over."
    assert draft.more.endswith("lena: $20.00 spent, heading for $30.00 of $20.50 (146 %).")
    assert [row[1:] for row in _rows(draft)] == [("$30.00", "146 %"), ("$360", "36 %")]
    assert "25 % of the budget of $1,000.00 is spent" in _ask(ledger, "").headline
    assert "98 % of the budget of $20.50" in _ask(ledger, "service=S3").headline
    assert [row[1:] for row in _rows(_ask(ledger, "budget last month"))] == [("$341", "34 %"), ("$31.00", "31 %")]
    alone = _ask(ledger, "budget service=S3")
    assert len(_rows(alone)) == 1
    assert alone.headline == "The budget s3 <!channel> is heading over."
    over = _ask(ledger, "budget last month")
    assert over.headline == "2 budgets: all were kept."
    assert over.more.endswith("$341.00 spent of $1,000.00 (34 %).")
    assert over.grid is not None
    assert over.grid.head[1] == "Spent"
    assert over.notes[0].endswith("31 Oct 2026; settled days only.")


def _event(session: Session, service: str, excess: int) -> uuid.UUID:
    scope = Scope(of=Of.SERVICE, provider="aws", sub_account_id="1", service_name=service)
    row = Anomaly(
        scope=scope.written(), currency="USD", kind="spike", rising=True, first_day=date(2026, 11, 16),
        end_day=date(2026, 11, 20), expected=Decimal(10), actual=Decimal(10 + excess), excess=Decimal(excess),
        excess_so_far=Decimal(excess * 4), monthly=Decimal(excess * 30), months=12.0, lasts=True, rule="default",
        sentence=f"{service} grew.",
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def test_what_is_out_of_order_is_listed_and_each_event_told(ledger: Session) -> None:
    """The dearest first, with a button that asks why."""
    assert "Nothing was out of order" in _ask(ledger, "anomalies").headline
    over = _event(ledger, "S3", 20)
    chosen = _event(ledger, HOSTILE, 90)
    draft = _ask(ledger, "anomalies")
    assert draft.headline == "2 events out of order in the last 30 days; 2 go on."
    assert draft.points[1] == f"S3 in 1, AWS: +$20.00 a day, since 16 Nov 2026, goes on · {str(over)[:8]}"
    assert "+$90.00 a day" in draft.points[0]
    assert str(draft.deeper[0][1]) == f"why {str(chosen)[:8]}"
    assert "grew." in _ask(ledger, str(draft.deeper[0][1])).more
    assert len(_ask(ledger, "anomalies service=s3").points) == 1
    accounts.note(ledger, "test", {"1": "payments-prod"})
    assert len(_ask(ledger, "anomalies account=Payments-Prod").points) == 2, "an account goes by its name, too"
    ledger.execute(update(Anomaly).where(Anomaly.id == over).values(lasts=False))
    draft = _ask(ledger, "anomalies")
    assert draft.headline.endswith("1 goes on.")
    assert draft.points[1].endswith(f"16\N{EN DASH}19 Nov 2026, over · {str(over)[:8]}")


def test_an_event_is_of_the_team_that_its_causes_are_of(ledger: Session) -> None:
    """And by a side of it that was merged into it; an all-clear says of what, and that something is elsewhere."""
    mine, other = _event(ledger, "EC2", 90), _event(ledger, "S3", 20)
    clear = _ask(ledger, "anomalies team=web")
    assert clear.headline == "Nothing of team=web was out of order in the last 30 days."
    assert clear.more.startswith("2 events were elsewhere, as far as their causes are known. I look every morning")
    assert str(clear.deeper[0][1]) == "anomalies"
    cause = {"share": "1", "values": {"resource": "nat-1"}, "shared": {"tag:team": "web"}}
    ledger.execute(update(Anomaly).where(Anomaly.id == mine).values(causes=[cause]))
    found = _ask(ledger, "anomalies team=web")
    assert found.headline == "1 event of team=web out of order in the last 30 days; 1 goes on."
    assert found.values["anomalies"][0]["id"] == str(mine)
    side = _event(ledger, "side", 20)
    team = Scope(of=Of.TEAM, team="data").written()
    ledger.execute(update(Anomaly).where(Anomaly.id == side).values(scope=team, merged_into=other))
    assert [one["id"] for one in _ask(ledger, "anomalies team=data").values["anomalies"]] == [str(other)]


def test_what_keeps_a_rule_in_slack_is_told_as_slack_takes_it(ledger: Session) -> None:
    """At the command line as well, where everything else is `costs ask`."""
    here = replace(ASKER, person=Person("", "me"), channel="")
    text = "alert when team=web daily > 500"
    told = shown(answer(ledger, understand(ledger, text, here), here))
    assert "In Slack, `/cost alert where team=web daily > 500`" in told
    assert 'costs ask "alert' in shown(answer(ledger, understand(ledger, "alerts", here), here))


def test_whoever_asks_why_of_nothing_is_shown_how_to(ledger: Session) -> None:
    """With an id that is there, or how to list them: no other question's example."""
    with pytest.raises(NotUnderstoodError, match=r"For example: anomalies$"):
        _ask(ledger, "why zzz")
    chosen = str(_event(ledger, "S3", 20))[:8]
    with pytest.raises(NotUnderstoodError, match=f"For example: why {chosen}$"):
        _ask(ledger, "why zzz")
    with pytest.raises(UnknownWordError, match=f"For example: why {chosen}$"):
        _ask(ledger, f"why {'0' if chosen[0] != '0' else '1'}0000000")


def test_freshness_is_told_bill_by_bill(ledger: Session) -> None:
    """The one behind first."""
    draft = _ask(ledger, "freshness")
    assert draft.headline.startswith("Complete through 20 Nov 2026")
    assert _rows(draft)[0][:2] == ("test (AWS)", "20 Nov")
    assert draft.more == "No bill is more than three days behind another."


def test_a_report_is_a_request_to_the_jobs(ledger: Session) -> None:
    """The weekly one, or this month's pages."""
    _ask(ledger, "report weekly")
    _ask(ledger, "report")
    assert [one.job for one in ledger.scalars(select(Request).order_by(Request.id))] == ["report", "analyse"]


def test_a_rule_is_shown_and_nothing_is_kept(ledger: Session) -> None:
    """Nobody is left believing that a rule was set up; a sentence about what no rule watches says so."""
    draft = _ask(ledger, "alert when team=web daily > 500")
    assert draft.headline == "Tells this channel when a day of team web costs more than $500.00."
    assert draft.more.startswith("It would not have fired in the ")
    assert draft.notes[-1].startswith("Nothing is saved yet.")
    assert "fired twice" in _ask(ledger, "alert when service=EC2 monthly > 100").more
    assert _ask(ledger, "alerts").headline.startswith("There is no alert rule yet")
    assert _ask(ledger, "alert").headline.startswith("Say what to wait for")
    for text in ("alert when untagged", "alert when team=web > 5 last month", "alert billed when team=web > 5"):
        with pytest.raises(OneThingError, match=r"For example|as in"):
            _ask(ledger, text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("alert when service=EC2 up 30% weekly", "seven days of service EC2 costs 30 %"),
        ("alert when forecast over budget web anyway", "of the budget web"),
        ("alert on anomalies where team=web", "team web is out of order"),
        ("alert on new region where provider=aws", "a region is used for the first time"),
        ("alert when data stale 5 days", "more than 5 days behind"),
        ("alert when commitment expiring in 60 days", "ends within 60 days"),
        ("alert when commitment underused", "used by less than 80"),
        ("alert when untagged > 100", "more than $100.00 of a day of everything lacks the tag team"),
        ("alert on failed collection", "collection of"),
    ],
)
def test_every_kind_of_rule_becomes_a_sentence(ledger: Session, text: str, sentence: str) -> None:
    """What was said is what is kept."""
    assert sentence in _ask(ledger, text).headline.replace("\u00a0", " ")


def test_a_rule_about_what_is_not_there_is_no_rule(ledger: Session, tmp_path: Path) -> None:
    """It would never tell anything: the nearest is offered, and `anyway` keeps what is yet to come."""
    budget = "alert when forecast over budget"
    with pytest.raises(OneThingError, match="no budget yet"):
        _ask(ledger, budget)
    (tmp_path / "budgets.yaml").write_text("- {name: web, amount: 1000, currency: USD}\n")
    for text, near in (
        ("alert when team=webb daily > 500 USD", "alert where team=web daily > 500 USD"),
        ("alert on new region where team=webb", "alert on new region where team=web"),
        ("alert when team=web daily > 500 EUR", "alert where team=web daily > 500 USD"),
        (f"{budget} wob", f'{budget} "web"'),
    ):
        with pytest.raises(NotUnderstoodError, match=r"[.?] If it is yet to come, add the word `anyway`") as unknown:
            _ask(ledger, text)
        assert str(unknown.value.nearest) == near
        assert _ask(ledger, f"{text} anyway").save is not None
    assert _ask(ledger, f"{budget} WEB").save is not None
    waiting = _ask(ledger, "alert when team=webb daily > 500 USD anyway")
    assert "team-webb-daily-above-500-usd`" in waiting.notes[-1]


def test_a_channel_asks_within_its_scope_and_says_so(ledger: Session) -> None:
    """Whoever asks there, at each question; another channel and another workspace do not."""
    assert "everything" in _ask(ledger, "scope").headline
    _ask(ledger, "scope team=WEB")
    draft = _ask(ledger, "2026-10")
    assert "$310.00" in draft.headline
    assert any("Only team=web, this channel's scope" in note for note in draft.notes)
    assert "$31.00" in _ask(ledger, "2026-10 team=untagged").headline
    for other in (Asker(ASKER.person, "COTHER", TODAY), Asker(Person("T1", "ULEAD"), "C0COSTS", TODAY)):
        assert "$341.00" in _ask(ledger, "2026-10", who=other).headline
    assert "set on" in _ask(ledger, "scope").headline
    _ask(ledger, "scope off")
    assert "$341.00" in _ask(ledger, "2026-10").headline


def test_a_scope_that_the_ledger_does_not_know_is_not_set(ledger: Session) -> None:
    """It would answer every later question with nothing."""
    with pytest.raises(NotUnderstoodError) as error:
        _ask(ledger, "scope service=EC3")
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
            _ask(ledger, text.replace("```", ""))
        except NotUnderstoodError as error:
            sent = sendable(drawn.unclear(error))
            assert "<!channel>" not in sent


@pytest.mark.parametrize("kind", [Kind.COST, Kind.TREND, Kind.FORECAST, Kind.FRESHNESS])
def test_an_empty_ledger_says_what_to_do(session: Session, kind: Kind) -> None:
    """A sentence with a way out."""
    with pytest.raises(NoChargesError, match="costs ingest"):
        _ask(session, "" if kind is Kind.COST else kind.value)
