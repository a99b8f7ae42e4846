"""A sentence says whose costs it tells, since when there are any, and never holds half a period against a whole one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from bot import narrowed
from bot.answers import CostAnswer, Row
from bot.asker import Asker
from bot.blocks.draft import build, fallback
from bot.blocks.grid import WIDTH, lines
from bot.drafts import cost, scope
from bot.drafts.draft import Grid
from bot.questions import CostQuestion
from bot.terminal import shown
from bot.wording import freshness_line, headline, movers_line
from finops.people import Person

WEEK = {"start": date(2026, 11, 14), "end": date(2026, 11, 21), "before_start": date(2026, 11, 7)}


def _answer(**fields: object) -> CostAnswer:
    """Return an answer about a settled week of $120 after one of $100, bills beginning in October; or another one."""
    usual: dict[str, object] = {
        "question": CostQuestion(), **WEEK, "before_end": date(2026, 11, 14), "currency": "USD",
        "other_currencies": (), "total": Decimal(120), "previous": Decimal(100), "comparable": True,
        "rows": (Row(key={}, cost=Decimal(120), previous=Decimal(100)),), "others": 0,
        "movers": (("EC2", Decimal(20)),), "landing": None, "settled_through": {"aws": date(2026, 11, 20)},
        "evidence": None, "since": date(2026, 10, 1),
    }  # fmt: skip
    return CostAnswer.model_validate(usual | fields)


def _told(**where: tuple[str, ...]) -> str:
    names = {"team": "tag:team", "env": "tag:env", "account": "sub_account_id", "service": "service_name"}
    return narrowed.told({names.get(name, name): values for name, values in where.items()}, {"0001": "payments-prod"})


def test_filters_are_said_as_people_say_them() -> None:
    """Clouds and services by their names alone, tags and accounts with their word; what is missing is said so."""
    assert _told() == ""
    assert _told(team=("payments",)) == "Team payments"
    assert _told(provider=("aws", "gcp"), env=("prod",)) == "AWS or Google Cloud, env prod"
    assert _told(account=("0001",), service=("EC2",)) == "Account payments-prod, EC2"
    assert _told(team=("(unallocated)",)) == _told(team=("",)) == "No team tag"
    assert _told(team=("web", "")) == "Team web or none"


def test_a_change_that_is_the_whole_one_is_told_once() -> None:
    """The only part of what was asked about says nothing new; a part that changed among others does."""
    team = {"question": CostQuestion(where={"tag:team": ("catalog",)}, group_by=("tag:team",))}
    row = Row(key={"tag:team": "catalog"}, cost=Decimal(120), previous=Decimal(100))
    moved = {"movers": (("catalog", Decimal(20)),), "rows": (row,)}
    assert movers_line(_answer(**team, **moved, once=Decimal(0))) == ""
    assert movers_line(_answer(**team, **moved, once=Decimal(0), others=1)).startswith("Largest changes") is False
    assert movers_line(_answer(question=CostQuestion(where={"service_name": ("ec2",)}))) == ""
    assert movers_line(_answer()) == "Largest changes of usage: EC2 +$20.00."
    by_team = {"question": CostQuestion(group_by=("tag:team",)), "once": Decimal(0)}
    assert movers_line(_answer(**by_team, **moved)) == ""
    assert "catalog +$20.00" in movers_line(_answer(**by_team, **moved | {"rows": (row, row)}))


def test_usage_is_told_first_where_fees_and_taxes_hide_how_it_changed() -> None:
    """A month has few of its fees until its end: less than last month's is no saving. Small ones are told behind it."""
    hidden = {"once": Decimal(-60), "movers": (("EC2", Decimal(50)), ("S3", Decimal(30)))}
    fees = "fees, taxes and one-off charges"
    assert movers_line(_answer(**hidden)) == (
        f"Usage rose by $80.00; {fees} -$60.00 (largest changes of usage: EC2 +$50.00, S3 +$30.00)."
    )
    fell = {"once": Decimal(50), "movers": ((fees, Decimal(50)), ("EC2", Decimal(-30)))}
    assert movers_line(_answer(**fell)).startswith(f"Usage fell by $30.00; {fees} +$50.00 (largest")
    alone = {"once": Decimal(20), "movers": ((fees, Decimal(20)),)}
    assert movers_line(_answer(**alone)) == "Fees, taxes and one-off charges +$20.00."
    by_team = {"question": CostQuestion(group_by=("tag:team",)), "movers": (("web", Decimal(20)),)}
    told = movers_line(_answer(**by_team, once=Decimal(-60)))
    assert told == f"Usage rose by $80.00; {fees} -$60.00.", "of the one row that there is, the headline has the rest"
    small = {"once": Decimal(2), "movers": (("EC2", Decimal(18)), (fees, Decimal(2)))}
    assert movers_line(_answer(**small)) == f"Largest changes of usage: EC2 +$18.00; {fees} +$2.00."
    beside = movers_line(_answer(**by_team, once=Decimal(2), others=1))
    assert beside == "Largest changes: web +$20.00. Fees, taxes and one-off charges in that: +$2.00."


def test_a_headline_names_a_service_as_bills_do() -> None:
    """There is room; of a resource's path the last part tells which one it is."""
    assert _told(service=("Amazon Relational Database Service",)) == "Amazon Relational Database Service"
    path = "/subscriptions/8c2f4b7e-19d3-4c6a-b1f0-6e5d3a92c7f8/resourcegroups/rg/virtualmachines/db-1"
    assert _told(resource_id=(path,)).endswith("virtualmachines/db-1")


def test_many_filters_and_long_names_leave_room_for_the_figures() -> None:
    """What is too much is counted; a name loses its vendor and is cut in its middle."""
    assert _told(team=("a", "b", "c", "d")) == "Team a, b or 2 more"
    assert _told(provider=("aws",), env=("x",), team=("y",), service=("z",)) == "AWS, env x, team y, 1 more filter"
    said = _told(service=("Amazon Elastic " + "Long " * 40 + "Service",))
    assert said.startswith("Elastic Long")
    assert said.endswith("Service")
    assert len(said) <= narrowed.NAME


def test_an_answer_says_whose_costs_it_tells_wherever_it_is_drawn() -> None:
    """In the message, in a notification and on a terminal, each safe from what a name holds."""
    hostile = "<!channel> *x*\x1b[2J"
    draft = cost.of(_answer(about=narrowed.told({"tag:team": (hostile,)}, {})))
    block = build(draft)[0].to_dict()["text"]["text"]
    assert block.startswith(
        "*Team &lt;!channel&gt; \u2217x\u2217 [2J: spent $120.00 from 14 Nov to 20 Nov 2026, +$20.00"
    )
    assert fallback(draft).startswith("Team &lt;!channel&gt; \u2217x\u2217 [2J: spent $120.00")
    assert "\x1b" not in shown(draft)
    assert shown(draft).startswith("Team <!channel> *x* [2J: spent $120.00")


def test_days_before_all_bills_are_not_claimed() -> None:
    """It says since when there are bills."""
    found = _answer(start=date(2026, 1, 1), comparable=False)
    assert headline(found) == "Spent $120.00 from 1 Oct to 20 Nov 2026 (bills begin 1 Oct 2026)."
    before = _answer(start=date(2025, 1, 1), end=date(2025, 2, 1), rows=(), movers=(), comparable=False)
    assert headline(before) == "No charges from 1 Jan to 31 Jan 2025 (bills begin 1 Oct 2026)."
    assert movers_line(before) == ""


def test_days_that_are_not_complete_are_held_against_nothing() -> None:
    """Neither in the sentences nor in the table; a whole month whose last days are open is."""
    one_day = {"start": date(2026, 11, 21), "end": date(2026, 11, 22)}
    found = _answer(**one_day, question=CostQuestion(group_by=("service_name",)))
    assert headline(found) == "Spent $120.00 on 21 Nov 2026, not complete yet."
    assert movers_line(found) == ""
    grid = cost.of(found).grid
    assert grid is not None
    assert grid.head == ("Service", "USD")
    empty = _answer(**one_day, rows=(), movers=(), total=Decimal(0))
    assert headline(empty) == "No charges on 21 Nov 2026 yet: bills are complete through 20 Nov 2026."
    month = _answer(start=date(2026, 10, 22), end=date(2026, 11, 22))
    assert "+$20.00 (+20.0 %)" in headline(month)


def test_what_lacks_a_tag_is_nobodys_only_where_the_tag_says_whose_it_is() -> None:
    """An environment has no owner."""
    for tag, said in (("team", "$12.00, 10.0 % of it, belongs to nobody."), ("env", "10.0 % of it, has no env tag.")):
        found = _answer(question=CostQuestion(group_by=(f"tag:{tag}",)), unclaimed=Decimal(12))
        assert freshness_line(found).endswith(said)


def test_of_two_names_in_a_row_each_is_cut_by_itself() -> None:
    """What is short stays whole; a line is as wide as before."""
    grid = Grid(("team · Service", "USD"), (("no team tag · Amazon Elastic Compute Cloud", "$1,234"),))
    line = lines(grid)[1]
    assert len(line) <= WIDTH
    assert line.startswith("no team tag · Elastic Comp… ")
    both = lines(Grid(("x", "USD"), (("A long name of a team · Another long name of it", "$1,234"),)))[1]
    assert " · " in both
    assert len(both) <= WIDTH


def test_accounts_are_headed_as_they_were_asked_for() -> None:
    """Not as bills call them."""
    grid = cost.of(_answer(question=CostQuestion(group_by=("sub_account_id",)))).grid
    assert grid is not None
    assert grid.head[0] == "Account"


def test_a_scope_says_where_it_holds() -> None:
    """A direct message is no channel."""
    who = Asker(Person("T0", "UVIC"), "D0DIRECT", date(2026, 11, 23))
    _, said = scope.applied(CostQuestion(), {"tag:team": ("web",)}, scope.here(who))
    assert "this chat's scope" in said
