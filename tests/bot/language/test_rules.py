"""Alert rules as people say them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bot.language.onething import TwoPlacesError
from bot.questions import Cadence, Kind, Manage, NotUnderstoodError, OneThingError, Watch, parse, read

TODAY = date(2026, 11, 23)  # a Monday


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("alert when team=web daily > 500 USD", "alert where team=web daily > 500 USD"),
        ('alert when service="Amazon RDS" up 30% weekly', 'alert up 30% where service="Amazon RDS" weekly'),
        ("alert when team=web falls by 20 percent monthly", "alert down 20% where team=web monthly"),
        ("alert when forecast over budget Web", 'alert when forecast over budget "Web"'),
        ('alert when the forecast exceeds the budget "my web"', 'alert when forecast over budget "my web"'),
        ("alert when over budget to #web", "alert when forecast over budget #web"),
        ("alert on anomalies where team=web", "alert on anomalies where team=web"),
        ("alert on new service", "alert on new service"),
        ("alert on a new region where provider=aws", "alert on new region where provider=aws"),
        ("alert when data is stale", "alert when data stale"),
        ("alert when untagged > 100 USD", "alert when untagged > 100 USD"),
        ("alert when untagged more than 10%", "alert when untagged > 10%"),
        ("alert when over 90% of the budget web", 'alert when forecast over budget "web" > 90%'),
        ("alert when reservations expire", "alert when commitment expiring"),
        ("alert when commitment underused < 80%", "alert when commitment underused < 80%"),
        ("alert on failed collection", "alert on failed collection"),
        ("alert on anomalies to #costs severity critical", "alert on anomalies severity critical #costs"),
        ("alert me when team=web > $500", "alert to me where team=web > 500 USD"),
        ("alert to @ada when service=EC2 > 500", "alert to @ada where service=EC2 > 500"),
        ("alert on anomalies to <@U0ADA|ada>", "alert on anomalies to <@U0ADA>"),
        ("alert on anomalies to <#C0WEB|web>", "alert on anomalies <#C0WEB>"),
        ("my alerts", "alerts"),
        ("alerts on anomalies", "alert on anomalies"),
        ("alert mute web-daily until friday", "alert mute web-daily until 2026-11-27"),
        ("alert mute web-daily until 15 march", "alert mute web-daily until 2027-03-15"),
        ("alert mute 'x' until tomorrow", "alert mute \"'x'\" until 2026-11-24"),
        ('alert snooze "a rule" for 2 weeks', 'alert mute "a rule" until 2026-12-07'),
        ("alert mute web-daily", "alert mute web-daily until 2026-11-30"),
        ("alert unmute web-daily", "alert unmute web-daily"),
        ("alert delete web-daily", "alert off web-daily"),
    ],
)
def test_every_kind_of_rule_is_understood(text: str, written: str) -> None:
    """And written in one way; days of muting are the next of their name, not the last."""
    question = parse(text, today=TODAY)
    assert str(question) == written
    assert parse(written, today=TODAY) == question


def test_a_rule_is_read_whole() -> None:
    """What is watched, whose costs, how often, how much, who is told."""
    question = parse("alert #web when the service EC2 weekly up 12.5% severity warning", today=TODAY)
    assert question.rule is not None
    assert question.rule.share is not None
    assert (question.rule.share.above, question.rule.share.percent) == (True, Decimal("12.5"))
    assert (question.rule.severity, question.channel, question.cadence) == ("warning", "#web", Cadence.WEEKLY)
    assert question.where == {"service_name": ("EC2",)}
    muted = parse("alert mute x until 2026-12-01", today=TODAY).rule
    assert muted is not None
    assert (muted.manage, muted.name, muted.until) == (Manage.MUTE, "x", date(2026, 12, 1))


def test_the_same_words_mean_what_they_did_in_a_question() -> None:
    """Forecast, budget and new are words of rules only after alert."""
    assert parse("forecast by team", today=TODAY).kind is Kind.FORECAST
    assert parse("budget", today=TODAY).kind is Kind.BUDGET
    assert parse("alert when budget", today=TODAY).rule.watch is Watch.FORECAST_OVER_BUDGET  # type: ignore[union-attr]


def test_a_misspelt_rule_is_put_right_and_said() -> None:
    """By the words of rules, not of questions."""
    reading = read("alert on anomalis where team=web", today=TODAY)
    assert (str(reading.question), reading.mended) == (
        "alert on anomalies where team=web",
        (("anomalis", "anomalies"),),
    )
    with pytest.raises(NotUnderstoodError, match="not as it stands there"):
        parse("alert when costs rise", today=TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "alert on anomalies and new service",
        "alert on new team",
        "alert on anomalies up 30%",
        "alert when service > 500 USD",
        "alert mute x until yesterday",
        "alert mute x until 2029-01-01",
    ],
)
def test_what_no_rule_can_wait_for_is_a_sentence(text: str) -> None:
    """With an example."""
    with pytest.raises(OneThingError, match=r"For example|one rule for each"):
        parse(text, today=TODAY)


@pytest.mark.parametrize("to", ["#web, #ops", "@ada and #web", "@ada and @ben", "me and <@UADA>"])
def test_a_rule_tells_one_place_and_several_are_refused(to: str) -> None:
    """Rather than telling one of them and nobody of the others."""
    with pytest.raises(TwoPlacesError, match="one channel or person each time"):
        parse(f"alert when team=web daily > 500 USD to {to} severity critical", today=TODAY)
    assert parse("alert when team=web daily > 500 USD to #web severity critical", today=TODAY).channel == "#web"


def test_who_is_called_beside_a_question_says_nothing_of_it() -> None:
    """But a digest for somebody else becomes nobody's own."""
    assert str(parse("<@UADA> by service", today=TODAY)) == "by service"
    with pytest.raises(OneThingError):
        parse("subscribe daily to <@UADA>", today=TODAY)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("budget data", 'budget "data"'),
        ("budget Total?", 'budget "Total"'),
        ("budget data platform this month", 'budget "data platform"'),
        ("budget team", 'budget "team"'),
        ("budget team=web", "budget where team=web"),
        ("alert when forecast over budget total to me", 'alert when forecast over budget "Total" to me'),
        ("alert when over budget data platform > 90%", 'alert when forecast over budget "data platform" > 90%'),
        ("alert when over budget data to me", 'alert when forecast over budget "data" to me'),
    ],
)
def test_a_budget_that_is_there_is_meant_whatever_else_its_name_means(text: str, written: str) -> None:
    """A rule about any budget in its place would tell of others."""
    assert str(parse(text, today=TODAY, budgets=("data", "Total", "team", "data platform"))) == written


def test_data_after_a_budget_is_its_name_also_where_none_is_known() -> None:
    """So that it is said that there is none, instead of watching all of them."""
    assert str(parse("budget data", today=TODAY)) == 'budget "data"'
    written = 'alert when forecast over budget "data" to me'
    assert str(parse("alert when forecast over budget data to me", today=TODAY)) == written
