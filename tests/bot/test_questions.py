"""People write as they speak; what is not understood is answered with the nearest reading."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal

import pytest

from bot.questions import (
    EXAMPLES,
    LONGEST,
    Cadence,
    ImpossibleDateError,
    Kind,
    NotUnderstoodError,
    OneThingError,
    TooLongError,
    TooManyGroupsError,
    When,
    parse,
    read,
)
from finops.errors import CostsError, UnknownWordError
from finops.focus import Metric
from finops.periods import Period

TODAY = date(2026, 11, 23)  # a Monday


def _period(text: str, today: date = TODAY, first: int = 1) -> str:
    return str(parse(text, today=today, fiscal_year_start=first).when)


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


@pytest.mark.parametrize(
    ("text", "nearest"),
    [("by", "by service"), ("top", "top 7"), ("last", "last 7 days"), ("last 7", "last 7 days"), ("since", "since")],
)
def test_a_phrase_without_its_end_is_completed_as_an_offer(text: str, nearest: str) -> None:
    """It is not called unknown, and not answered as if it had been said."""
    with pytest.raises(NotUnderstoodError, match="I know “") as error:
        parse(text, today=TODAY)
    assert str(error.value.nearest).startswith(nearest)


@pytest.mark.parametrize(
    ("text", "read_as"),
    [("by servce", "by service"), ("yesterdy", "2026-11-22"), ("forcast by servce", "forecast by service")],
)
def test_a_clear_mistake_of_spelling_is_put_right_and_said(text: str, read_as: str) -> None:
    """So that nobody has to trust a reading that he cannot see."""
    reading = read(text, today=TODAY)
    assert str(reading.question) == read_as
    assert [raw for raw, _ in reading.mended] == [word for word in text.split() if word not in ("by", "30")]


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("by srvc", "by service"),
        ("ec2 last month", "where service=ec2 2026-10"),
        ("by zzz", "by service"),
        ("where x", None),
    ],
)
def test_what_is_less_clear_is_offered(text: str, nearest: str | None) -> None:
    """Where there is anything to offer, and with an example that works anyway."""
    with pytest.raises(UnknownWordError) as error:
        parse(text, today=TODAY)
    assert isinstance(error.value, NotUnderstoodError)
    assert (error.value.nearest and str(error.value.nearest)) == nearest
    parse(error.value.example, today=TODAY)


@pytest.mark.parametrize("text", ["2026-13", "31 february", "2026-02-30", "q5", "2026-W60", "from 15 to 1 october"])
def test_an_impossible_date_is_a_sentence(text: str) -> None:
    """That says how days are written."""
    with pytest.raises(ImpossibleDateError, match="2026-10-15"):
        parse(text, today=TODAY)


@pytest.mark.parametrize("text", ["by week", "weekly", "trend forecast", "> 500 USD", "yesterday off"])
def test_what_does_not_go_together_is_a_sentence(text: str) -> None:
    """With an example, where there is one."""
    with pytest.raises(OneThingError):
        parse(text, today=TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "'; drop table runs; --",
        "🎉🎉",
        "كم التكلفة",
        "\u202eabc",
        "<!channel>",
        "service != S3",
        "=",
        '"',
        "by by by",
        "/" * 900,
    ],
)
def test_nonsense_is_one_sentence_never_a_crash(text: str) -> None:
    """Whatever is typed."""
    with pytest.raises(CostsError) as error:
        parse(text, today=TODAY)
    assert len(str(error.value)) < 300
    assert "\u202e" not in str(error.value)


def test_a_novel_is_refused_with_its_length() -> None:
    """What is longer than a button can carry would be cut, and mean something else."""
    with pytest.raises(TooLongError, match="3,000 characters"):
        parse("x" * 3000, today=TODAY)
    with pytest.raises(TooLongError, match="characters"):
        parse("service=" + "\\" * (LONGEST - 20), today=TODAY)


@pytest.mark.parametrize("words", [words for words, _ in EXAMPLES])
def test_every_example_that_help_shows_is_understood(words: str) -> None:
    """Nobody is taught words that are refused."""
    assert read(words, today=TODAY).mended == ()


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
