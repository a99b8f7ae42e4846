"""What an alert rule may say, and how it tells itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from pydantic import ValidationError

from finops.alerting.kinds import RuleKind, Severity
from finops.alerting.rules import AlertRule
from finops.errors import CostsError

RULE = {
    "name": "web",
    "kind": "threshold",
    "where": {"team": "web", "tag:env": ["prod", "stage"]},
    "grain": "weekly",
    "amount": "500.10",
    "currency": "USD",
    "severity": "critical",
    "to": "#costs",
    "quiet": {"from": "22:00", "to": "07:00", "timezone": "Europe/Berlin"},
    "cool_down": "36h",
    "escalation": {"after": "30m", "to": "@ada"},
    "muted_until": "2026-12-24T00:00:00+00:00",
}


def test_a_rule_that_was_written_down_is_read_back_as_it_was() -> None:
    """With its exact amount, durations in the largest whole unit, and times of day without seconds."""
    rule = AlertRule.model_validate(RULE)
    held = rule.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    assert AlertRule.model_validate(held) == rule
    assert held["amount"] == "500.10"
    assert (held["cool_down"], held["escalation"]["after"]) == ("36h", "30m")
    assert held["quiet"] == {"from": "22:00", "to": "07:00", "timezone": "Europe/Berlin"}


def test_a_rule_tells_itself_in_one_sentence() -> None:
    """Whom it tells, of what, and when not."""
    assert AlertRule.model_validate(RULE).sentence() == (
        "Tells #costs when seven days' usage of team web, tag:env prod or stage costs more than $500.10; not from "
        "22:00 to 07:00 Europe/Berlin; again only 36 hours after it was over; @ada as well if nobody acknowledges it "
        "within 30 minutes; muted until 24 Dec 2026."
    )


def test_a_rule_says_that_it_goes_by_usage() -> None:
    """Taxes, fees and credits are left out: what a day cost with them is another figure."""
    for grain, told in (("daily", "a day's usage"), ("monthly", "the month's usage so far")):
        rule = AlertRule.model_validate({"name": "x", "kind": "threshold", "amount": 5, "grain": grain})
        assert rule.sentence().endswith(f"when {told} costs more than 5.")


@pytest.mark.parametrize("kind", RuleKind)
def test_every_kind_of_rule_has_a_sentence(kind: RuleKind) -> None:
    """None raises, none shows a field that it lacks."""
    needs = {RuleKind.THRESHOLD: {"amount": 5}, RuleKind.CHANGE: {"share": "0.2"}}
    told = AlertRule.model_validate({"name": "x", "kind": kind, **needs.get(kind, {})}).sentence()
    assert told.startswith("Tells the channel of announcements when ")
    assert "None" not in told


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"amount": None}, "needs an amount"),
        ({"budget": "all"}, "has no use for a budget"),
        ({"where": {"teem": "web"}}, "teem"),
        ({"where": {"day": "2026-01-01"}}, "day"),
        ({"severity": "info", "break_through": True}, "only a critical rule"),
        ({"cool_down": "soon"}, "write how long as 30m, 4h or 2d"),
        ({"cool_down": "0h"}, "write how long as 30m, 4h or 2d"),
        ({"quiet": {"from": "22:00", "to": "22:00"}}, "mute the rule"),
        ({"quiet": {"from": "22:00", "to": "07:00", "timezone": "Berlin"}}, "no time zone"),
        ({"amount": "NaN"}, "finite"),
        ({"amount": "-1"}, "greater than 0"),
        ({"name": " \n"}, "a few words"),
        ({"muted_until": "2026-12-24T00:00:00"}, "timezone"),
        ({"thresh": 5}, "Extra inputs"),
    ],
)
def test_a_rule_that_would_not_mean_what_it_says_is_refused(changed: dict[str, object], told: str) -> None:
    """And what is wrong is told."""
    with pytest.raises((ValidationError, CostsError), match=told):
        AlertRule.model_validate(RULE | changed)


def test_a_muted_rule_is_silent_until_its_mute_ends_and_a_critical_one_may_break_through_the_night() -> None:
    """Mute wins over breaking through: somebody asked for it."""
    rule = AlertRule.model_validate(RULE | {"break_through": True})
    night = datetime(2026, 12, 23, 23, tzinfo=UTC)
    assert rule.severity is Severity.CRITICAL
    assert rule.silent_until(night) == datetime(2026, 12, 24, tzinfo=UTC)
    assert rule.silent_until(night + timedelta(hours=1)) is None
    usual = AlertRule.model_validate(RULE | {"muted_until": None})
    assert usual.silent_until(night) == datetime(2026, 12, 24, 6, tzinfo=UTC)
    assert usual.amount == Decimal("500.10")
