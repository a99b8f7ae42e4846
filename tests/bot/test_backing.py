"""An answer and what stands behind it agree: its table, its pages, and the page of a notebook that it links."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot import cost_alerts, recommending
from bot.answering import understand
from bot.blocks import draft as drawn
from bot.blocks import listing
from bot.drafts.draft import Draft, Grid
from bot.questions import EXAMPLE, NotUnderstoodError
from finops.alerting.kinds import RuleKind
from finops.alerting.rules import AlertRule
from finops.errors import CostsError
from storage import alert_rules, alerting, runs
from storage.alerting import Found
from storage.models import Artifact, CostRecord, Outcome, Request, Run, Source
from tests.bot import ledgers
from tests.bot.asked import ASKER, ask


def _first(draft: Draft) -> tuple[str, ...]:
    assert draft.grid is not None
    return draft.grid.rows[0]


def _page(session: Session, result: dict[str, object]) -> uuid.UUID:
    """Keep a run of the notebook and its page; returns the page's id."""
    run = runs.begin(session, "notebook:cost_breakdown")
    page = Artifact(run_id=run.id, name="page.html", media_type="text/html", address=str(run.id), size=1, sha256="0")
    session.add(page)
    session.flush()
    runs.finish(session, run.id, outcome=Outcome.SUCCEEDED, result=dict(result))
    return page.id


def test_an_answer_as_a_report_is_what_was_asked_for(ledger: Session) -> None:
    """Its days and names are what the notebook is run with; of what no notebook tells there is no such button."""
    ledger.execute(delete(Request))
    button = dict(ask(ledger, "billed by service and region last 7 days").deeper)["As report"]
    draft = ask(ledger, str(button))
    assert (draft.headline, draft.evidence) == (
        "I have asked for this as a report: billed by service and region last 7 days.",
        None,
    )
    asked = ledger.scalars(select(Request)).one()
    assert (asked.job, asked.parameters) == (
        "analyse",
        {
            "start": "2026-11-14", "end": "2026-11-21", "currency": "USD", "metric": "billed_cost",
            "group_by": "service_name", "then_by": "region_id",
        },
    )  # fmt: skip
    for text in ("by service where team=web", "by day last 7 days", "yesterday", "since monday"):
        assert "As report" not in dict(ask(ledger, text).deeper), text
    assert ask(ledger, "report where team=web").headline == "Of that I cannot make a report."
    assert len(ledger.scalars(select(Request)).all()) == 1


def test_an_answer_links_the_page_that_tells_the_same_and_no_other(ledger: Session) -> None:
    """Of other days, names or amounts, or of bills that were restated since, a page is no evidence."""
    asked = "by service last 7 days"
    result = {
        "start": "2026-11-14", "end": "2026-11-21", "currency": "USD", "metric": "effective_cost",
        "group_by": "service_name", "then_by": None, "total": "107.000",
    }  # fmt: skip
    page = _page(ledger, result)
    found = ask(ledger, asked)
    assert found.evidence is not None
    assert found.evidence.endswith(str(page))
    assert "As report" not in dict(found.deeper)
    assert ask(ledger, f"report {asked}").evidence == found.evidence
    assert ask(ledger, "last 7 days").evidence == found.evidence, "its total is on that page, too"
    for other in ("", "by region last 7 days", f"billed {asked}", "by service last 8 days", f"{asked} where team=web"):
        assert ask(ledger, other).evidence is None, other
    ledger.execute(update(Run).values(result=result | {"total": "106"}))
    assert ask(ledger, asked).evidence is None


def test_a_page_that_is_not_there_is_said_so(ledger: Session) -> None:
    """And not as if nothing had been spent; from each page the one before is in reach."""
    with pytest.raises(CostsError, match=r"There are only 2 pages: say `by day last 12 days page 2`\."):
        ask(ledger, "by day last 12 days page 3")
    with pytest.raises(CostsError, match=r"There is only 1 page: leave the page out\."):
        ask(ledger, "page 99")
    deeper = dict(ask(ledger, "by day last 12 days page 2").deeper)
    assert str(deeper["Previous 10"]) == "by day last 12 days"
    assert ask(ledger, "2020-01 by service page 3").headline.startswith("No charges")


def test_what_changed_most_is_what_the_table_says(ledger: Session) -> None:
    """Beside a table it is of its rows, and what is once in that is said; without one it is of usage."""
    source = ledger.scalars(select(Source)).one()
    fee = dict.fromkeys(("effective_cost", "billed_cost", "list_cost", "contracted_cost"), Decimal(500))
    row = {"id": uuid.uuid4(), "billing_period": date(2026, 10, 1), "source_id": source.id, "date": date(2026, 10, 2)}
    more = {"provider": "aws", "service_name": "EC2", "charge_category": "Purchase", "billing_currency": "USD"}
    ledger.add(CostRecord(**row, **more, charges=1, **fee))
    ledger.flush()
    apart = "Usage rose by $30.00; fees, taxes and one-off charges -$500.00"
    beside = ask(ledger, "by service")
    assert beside.more == f"{apart}. Largest changes: EC2 -$470.00."
    assert _first(beside) == ("EC2", "$230", "-67 %")
    assert ask(ledger, "").more == f"{apart} (largest changes of usage: EC2 +$30.00)."


def test_nothing_is_offered_that_the_ledger_does_not_know(ledger: Session) -> None:
    """Words of which nothing is known give an example; one that is a service gives that."""
    with pytest.raises(NotUnderstoodError) as error:
        understand(ledger, "asdf qwer zxcv", ASKER)
    assert error.value.nearest is None
    assert error.value.example == EXAMPLE
    with pytest.raises(NotUnderstoodError) as error:
        understand(ledger, "asdf qwer ec2", ASKER)
    assert str(error.value.nearest) == "where service=EC2"
    with pytest.raises(NotUnderstoodError) as error:
        understand(ledger, "untagged", ASKER)
    assert str(error.value.nearest) == "where team=untagged", "and not the first service of the alphabet"
    with pytest.raises(NotUnderstoodError) as error:
        ask(ledger, "service=untagged")
    assert (error.value.closest, str(error.value.nearest)) == (None, "by service"), "and not some service either"


def test_a_service_in_a_sentence_is_named_and_offered(ledger: Session) -> None:
    """With the rest of what was asked."""
    with pytest.raises(NotUnderstoodError, match="Did you mean “EC2”") as error:
        understand(ledger, "what did we spend on ec2 last week", ASKER)
    assert str(error.value.nearest) == "where service=EC2 2026-11-16 to 2026-11-22"


def test_a_team_that_is_like_none_leads_to_all_teams(ledger: Session) -> None:
    """As a button, too; the sentence names one."""
    with pytest.raises(NotUnderstoodError, match='For example: where team="web"') as error:
        ask(ledger, "where team=nosuchteam last month")
    assert str(error.value.nearest) == "by team 2026-10"


def test_a_trend_by_a_name_says_what_it_is(ledger: Session) -> None:
    """It goes by no weeks."""
    assert "`trend` alone goes week by week" in " ".join(ask(ledger, "trend by team").notes)


def test_a_budget_that_is_not_there_is_told_with_those_that_are(ledger: Session, tmp_path: Path) -> None:
    """By its name, or by what it is about."""
    (tmp_path / "budgets.yaml").write_text(
        "- {name: All, amount: 400, currency: USD}\n- {name: front, amount: 20, currency: USD, where: {team: web}}\n"
    )
    assert [row[0] for row in (ask(ledger, "budget all").grid or Grid((), ())).rows] == ["front", "All"]
    assert ask(ledger, "budget FRONT").headline.startswith("The budget front is heading over")
    assert ask(ledger, "budget web").headline.startswith("The budget front is heading over")
    with pytest.raises(CostsError, match=r"There is no budget “payments”; there is All, front\."):
        ask(ledger, "budget payments")


def test_a_budget_of_any_name_is_reached_and_what_it_is_about_is_offered(ledger: Session, tmp_path: Path) -> None:
    """Also where its name is a word of rules, or like the name of some service."""
    (tmp_path / "budgets.yaml").write_text(
        "- {name: data, amount: 20, currency: USD, where: {team: web}}\n- {name: total, amount: 400, currency: USD}\n"
    )
    assert [row[0] for row in (ask(ledger, "budget data").grid or Grid((), ())).rows] == ["data"]
    assert [row[0] for row in (ask(ledger, "budget total").grid or Grid((), ())).rows] == ["total"]
    rule = understand(ledger, "alert when forecast over budget total", ASKER).question.rule
    assert rule is not None
    assert rule.budget == "total"
    for text, near in (("forecast data", "forecast where team=web"), ("trend web", "trend where team=web")):
        with pytest.raises(NotUnderstoodError) as error:
            understand(ledger, text, ASKER)
        assert str(error.value.nearest) == near


def test_the_top_of_nothing_that_is_named_is_of_services(ledger: Session) -> None:
    """Which is said; a reply in a thread asks for the top of what is above it."""
    draft = ask(ledger, "top 5 2026-10")
    assert draft.grid is not None
    assert [row[0] for row in draft.grid.rows] == ["EC2", "S3"]
    assert "I read “top 5” as “top 5 services”." in draft.notes
    assert str(understand(ledger, "top 5", ASKER, above="by team").question) == "by team top 5"
    assert "I read “most” as “by service”." in ask(ledger, "what costs most?").notes


def test_other_lists_say_so_too(ledger: Session) -> None:
    """A page that is not there is no empty one."""
    with pytest.raises(CostsError, match=r"There is only 1 page: say `freshness`\."):
        ask(ledger, "freshness page 9")
    found = recommending.found(ledger, "recommendations page 9", workspace="", channel="")
    assert "There is only this page." in str([one.to_dict() for one in listing.build(found)])
    for number in range(6):
        ledgers.recommend(ledger, name=f"i-{number}")
    found = recommending.found(ledger, "recommendations page 9", workspace="", channel="")
    assert "There are 2 pages; this is the last." in str([one.to_dict() for one in listing.build(found)])


def test_thanks_are_answered(ledger: Session) -> None:
    """In short sentences, and what is there to be typed is code, without a stray mark."""
    assert ask(ledger, "thanks!").headline == "You are welcome."
    for text, code in (("thanks!", "`help`"), ("anomalies", "`costs run anomalies`")):
        draft = ask(ledger, text)
        sent = json.dumps([one.to_dict() for one in drawn.build(draft)], ensure_ascii=False)
        assert code in sent
        assert "\u02cb" not in f"{sent} {drawn.fallback(draft)}"


def test_an_alert_links_its_own_page_and_none_of_other_days(ledger: Session) -> None:
    """What was made last of all costs proves nothing of it."""
    _page(ledger, {"start": "2026-10-01"})
    rule = AlertRule(name="web", kind=RuleKind.THRESHOLD, amount=Decimal(500), to="C0COSTS")
    row = alert_rules.add(ledger, rule, by=ASKER.person)
    found = Found(
        scope="", value=Decimal(900), expected=Decimal(500), currency="USD", sentence="More",
        first_day=date(2026, 11, 20), end_day=date(2026, 11, 21),
    )  # fmt: skip
    alert = alerting.fire(ledger, row, found, at=datetime(2026, 11, 21, tzinfo=UTC))
    assert alert is not None
    assert cost_alerts.told(ledger, alert).evidence is None
    own = _page(ledger, {})
    alert.run_id = ledger.get_one(Artifact, own).run_id
    assert str(own) in str(cost_alerts.told(ledger, alert).evidence)
