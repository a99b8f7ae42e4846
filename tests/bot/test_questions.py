"""People write as they speak: days, groups, filters, comparisons and every kind of question are understood."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal

import pytest

from bot.listeners import granting
from bot.questions import (
    EXAMPLES,
    Cadence,
    Kind,
    TooManyGroupsError,
    When,
    parse,
    read,
)
from finops.errors import CostsError
from finops.focus import Metric
from finops.periods import Period
from jobs.demo.estate.groups import AWS_GROUPS
from tests.bot.asked import TODAY


def _period(text: str, today: date = TODAY, first: int = 1) -> str:
    return str(parse(text, today=today, fiscal_year_start=first).when)


def test_the_examples_of_help_work_in_the_demo() -> None:
    """They name teams that it has, and convert nothing, for which it has no rates."""
    teams = {group.team for group in AWS_GROUPS}
    questions = [parse(words, today=TODAY) for words, _ in EXAMPLES if not words.startswith("roles")]
    assert {team for one in questions for team in one.where.get("tag:team", ())} <= teams
    assert not [one for one in questions if one.currency]


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("", "this month"),
        ("this month", "this month"),
        ("month to date", "this month"),
        ("today", "2026-11-23"),
        ("yesterday", "2026-11-22"),
        ("3 days ago", "2026-11-20"),
        ("LAST MONTH", "2026-10"),
        ("the cost of last month?", "2026-10"),
        ("how much did we spend last week?", "2026-11-16 to 2026-11-22"),
        ("this week", "since 2026-11-23"),
        ("since monday", "since 2026-11-16"),
        ("since tuesday", "since 2026-11-17"),
        ("on friday", "2026-11-20"),
        ("2026-02", "2026-02"),
        ("october", "2026-10"),
        ("december", "2025-12"),
        ("oct 2025", "2025-10"),
        ("15 october", "2026-10-15"),
        ("dec 24", "2025-12-24"),
        ("15.10.2026", "2026-10-15"),
        ("from 1 to 15 october", "2026-10-01 to 2026-10-15"),
        ("october 1 to 15", "2026-10-01 to 2026-10-15"),
        ("between 3 and 9 november", "2026-11-03 to 2026-11-09"),
        ("15 october to 3 november", "2026-10-15 to 2026-11-03"),
        ("from october 2025 to march 2026", "2025-10-01 to 2026-03-31"),
        ("2026-10-01 - 2026-10-15", "2026-10-01 to 2026-10-15"),
        ("2026-W41", "2026-10-05 to 2026-10-11"),
        ("q3", "2026-07-01 to 2026-09-30"),
        ("Q4 2025", "2025-10-01 to 2025-12-31"),
        ("2025-q4", "2025-10-01 to 2025-12-31"),
        ("last quarter", "2026-07-01 to 2026-09-30"),
        ("this quarter", "since 2026-10-01"),
        ("ytd", "since 2026-01-01"),
        ("last year", "2025-01-01 to 2025-12-31"),
        ("last 3 months", "2026-08-01 to 2026-10-31"),
        ("yesterday this month", "this month"),
    ],
)
def test_days_are_named_as_people_do(text: str, when: str) -> None:
    """Weeks begin on Monday; what has no year is the last that has begun; what is named last counts."""
    assert _period(text) == when
    assert _period(when) == when


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("q1", "2026-04-01 to 2026-06-30"),
        ("q4", "2026-01-01 to 2026-03-31"),
        ("last quarter", "2026-07-01 to 2026-09-30"),
        ("this fiscal year", "since 2026-04-01"),
        ("last fiscal year", "2025-04-01 to 2026-03-31"),
        ("fy2026", "2025-04-01 to 2026-03-31"),
        ("fy26 q1", "2025-04-01 to 2025-06-30"),
        ("this year", "since 2026-01-01"),
    ],
)
def test_quarters_follow_the_fiscal_year(text: str, when: str) -> None:
    """Here it begins in April, and is named after the year in which it ends."""
    assert _period(text, first=4) == when


@pytest.mark.parametrize(
    ("text", "days"),
    [("last 7 days", 7), ("over the past 2 weeks", 14), ("last 0 days", 1), ("2026-09 last 9 days", 9), ("30d", 30)],
)
def test_rolling_days_are_counted_from_what_is_complete(text: str, days: int) -> None:
    """So they are a number here, and days only once the ledger is asked."""
    assert parse(text, today=TODAY).when == When(days=days)


def test_the_parts_come_in_any_order() -> None:
    """By, where, top, metric, currency and period, in whatever case, synonyms and plurals too."""
    texts = (
        'billed by team and region where provider=aws and service="Amazon RDS" last month top 5 in EUR',
        'Last month Top 5 where PROVIDER=aws, service="Amazon RDS" by team, region billed in eur',
        "top 5 per teams and locations invoiced euros 2026-10 vendor=aws product: 'Amazon RDS'",
    )
    one, *others = (parse(text, today=TODAY) for text in texts)
    assert others == [one, one]
    assert one.metric is Metric.BILLED
    assert one.group_by == ("tag:team", "region_id")
    assert one.where == {"provider": ("aws",), "service_name": ("Amazon RDS",)}
    assert (one.top, one.currency, one.when) == (5, "EUR", When.of(Period.month(2026, 10)))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("this month vs last month by team", "by team vs 2026-10"),
        ("compare october with september by service", "by service 2026-10 vs 2026-09"),
        ("difference between october and september", "2026-10 vs 2026-09"),
        ("last month vs this month", "2026-10 vs this month"),
        ("compare last 7 days with previous 7 days", "last 7 days"),
    ],
)
def test_two_periods_are_compared(text: str, written: str) -> None:
    """What every answer is held against anyway needs no words."""
    question = parse(text, today=TODAY)
    assert str(question) == written
    assert (question.kind is Kind.COMPARE) == (" vs " in written)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("account payments-prod last 90 days by month", "by month where account=payments-prod last 90 days"),
        ('trend service="Amazon RDS"', 'trend where service="Amazon RDS"'),
        ("forecast 30 days by team", "forecast by team next 30 days"),
        ("next month", "forecast next 30 days"),
        ("budgets", "budget"),
        ("anything unusual?", "anomalies"),
        ("why 3F2a91bc", "why 3f2a91bc"),
        ("why did our costs increase", "anomalies"),
        ("savings", "recommendations"),
        ("report weekly", "report weekly"),
        ("subscribe weekly #channel", "subscribe weekly #channel"),
        ("alert when team=web daily > 500 USD", "alert where team=web daily > 500 USD"),
        ("alert when team=web daily more than $1,500", "alert where team=web daily > 1500 USD"),
        ("how fresh", "freshness"),
        ("scope team=payments", "scope where team=payments"),
        ("scope off", "scope off"),
        ("?", "help"),
        ("costs from aws since yesterday", "where provider=aws since 2026-11-22"),
        ("google cloud by project", "by account where provider=gcp"),
        ("daily this month", "by day"),
        ("region", "by region"),
        ("by team region", "by team and region"),
    ],
)
def test_every_kind_of_question_is_understood(text: str, written: str) -> None:
    """And written in one way."""
    question = parse(text, today=TODAY)
    assert str(question) == written
    assert parse(written, today=TODAY) == question


def test_a_rule_is_read_whole() -> None:
    """Whose costs, how often, how much."""
    question = parse("alert when team=web daily > 500 USD", today=TODAY)
    assert question.threshold is not None
    assert (question.threshold.above, question.threshold.amount) == (True, Decimal(500))
    assert (question.cadence, question.where) == (Cadence.DAILY, {"tag:team": ("web",)})


@pytest.mark.parametrize("more", ["last 7 days", "top 5", "where env=prod", "env=prod", "yesterday", "billed"])
def test_a_comma_may_stand_where_one_breathes(more: str) -> None:
    """What follows it is a name to group by only if it can be one."""
    assert parse(f"by service, {more}", today=TODAY).group_by == ("service_name",)


def test_names_to_group_by_add_up_and_are_no_more_than_a_table_shows() -> None:
    """However they are given; a third is refused by its reason, not as an unknown word."""
    for text in ("by month, service", "by month and service", "by month by service"):
        assert parse(text, today=TODAY).group_by == ("month", "service_name")
    for text in ("by team, service, region", "by team by service by region"):
        with pytest.raises(TooManyGroupsError, match="2 names at most, and you gave 3"):
            parse(text, today=TODAY)


@pytest.mark.parametrize("words", [words for words, _ in EXAMPLES])
def test_every_example_that_help_shows_is_understood(words: str) -> None:
    """Nobody is taught words that are refused."""
    assert granting.is_asked({"text": words}) or read(words, today=TODAY).mended == ()


def test_reading_takes_no_time_that_anybody_notices() -> None:
    """A hundred readings of a long question, and of one that needs mending, in less than five milliseconds each."""
    texts = [
        "billed by team and region where provider=aws and service=RDS last month vs 2026-09 top 5",
        "by servce " * 60,
    ]
    for text in texts:
        began = time.process_time()
        for _ in range(100):
            try:
                parse(text, today=TODAY)
            except CostsError:
                continue
        assert (time.process_time() - began) / 100 < 0.005
