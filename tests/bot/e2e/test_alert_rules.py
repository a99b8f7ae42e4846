"""A rule and its alert in a Slack that nobody here wrote: kept by a button, changed in a form, acknowledged once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from bot.actions import Action
from jobs.demo.local_slack import COSTS
from storage import alert_rules, alerting
from storage.alerting import Found
from storage.database import transaction
from storage.models import CostAlert
from tests.bot.e2e.stage import Message, Stage


def _fire(stage: Stage) -> Message:
    """Have the rule fire, and return its message."""
    found = Found(
        scope="", value=Decimal(900), expected=Decimal(500), currency="USD", first_day=date(2026, 11, 20),
        end_day=date(2026, 11, 21), sentence="A day of team <!channel> costs $900.00, more than $500.00",
    )  # fmt: skip
    with transaction() as session:
        [row] = alert_rules.listed(session, workspace=stage.slack.team)
        alert = alerting.fire(session, row, found, at=datetime.now(UTC))
        assert alert is not None
        alerting.tell(session, alert, to=alert_rules.value(row).to, at=datetime.now(UTC))
    stage.until(lambda: "Warning: A day of team" in str(stage.texts()))
    return next(one for one in stage.messages() if "Warning: A day of team" in str(one.get("text")))


def test_a_rule_is_kept_from_its_form_and_its_alert_is_taken_on(stage: Stage) -> None:
    """The form is filled in with what was said; the message is drawn anew in its place, its thread tells who."""
    answer = stage.say("alert when team=web daily > 500 USD")
    assert "costs more than $500.00" in str(answer)
    stage.press(answer, Action.RULE_CHANGE)
    stage.hand_in({
        "kind": {"selected_option": {"value": "threshold"}}, "grain": {"selected_option": {"value": "daily"}},
        "severity": {"selected_option": {"value": "warning"}}, "size": {"value": "> 500 USD"},
        "where": {"value": "team=web"}, "channel": {"selected_conversation": COSTS},
    })  # fmt: skip
    stage.until(lambda: "Saved as team-web-daily-above-500-usd" in stage.now(answer))
    assert Action.RULE_CHANGE not in stage.now(answer)
    message = _fire(stage)
    assert "&lt;!channel&gt;" in str(message["blocks"])
    stage.press(message, Action.ALERT_ACKNOWLEDGE)
    stage.until(lambda: "*Acknowledged* by <@U0LENA>" in stage.now(message))
    stage.until(lambda: any("Acknowledged by <@U0LENA>" in one for one in stage.thread(message)))
    with transaction() as session:
        assert [one.acknowledged_by for one in session.query(CostAlert)] == ["U0LENA"]
