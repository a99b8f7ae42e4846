"""What quiet hours, or a mute, keep from the thread of an alert, and what becomes of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from finops.alerting.findings import Found
from finops.alerting.lifecycle import AlertAct
from finops.alerting.rules import AlertRule
from finops.people import Person
from jobs.alerting import evaluate
from jobs.alerting.following import follow
from storage import alert_posts, alert_rules, alerting
from storage.database import transaction
from storage.models import AlertRuleRow, CostAlert, CostAlertEvent, Outbox, OutboxState

ADA = Person("", "ada")
HOUR = timedelta(hours=1)
EVENING = datetime(2026, 3, 10, 20, tzinfo=UTC)
NIGHT, MORNING = EVENING + 3 * HOUR, EVENING + 11 * HOUR
QUIET = {"from": "22:00", "to": "07:00"}
Rule = tuple[AlertRuleRow, AlertRule]


def _found(value: int) -> Found:
    return Found(
        "", Decimal(value), Decimal(500), "USD", date(2026, 3, 9), date(2026, 3, 10), f"It was ${value}.00."
    )  # fmt: skip


def _rule(session: Session, **fields: object) -> Rule:
    given = {"name": "web", "kind": "threshold", "amount": 500, "currency": "USD", "to": "#costs", **fields}
    rule = AlertRule.model_validate(given)
    return alert_rules.add(session, rule, by=ADA), rule


def _opened(session: Session, rule: Rule) -> None:
    """Have it fire in the evening, and its message posted."""
    follow(session, *rule, [_found(600)], at=EVENING)
    for row in session.scalars(select(Outbox)):
        row.state, row.receipt = OutboxState.SENT, {"channel": "C1", "ts": "1.0"}
    session.flush()


def _said(session: Session) -> list[AlertAct]:
    """Return what the thread is told, in order."""
    rows = session.scalars(select(Outbox).order_by(Outbox.id))
    ids = [one.payload[alert_posts.HAPPENED] for one in rows if alert_posts.HAPPENED in one.payload]
    return [session.get_one(CostAlertEvent, one).act for one in ids]


def _drawn(session: Session) -> int:
    return sum(alert_posts.REDRAW in row.payload for row in session.scalars(select(Outbox)))


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ((700, 900, 1300), [AlertAct.WORSE]),
        ((900, 620), []),
        ((900, 0), [AlertAct.OVER]),
        ((900, 620, 800), [AlertAct.WORSE]),
    ],
)
def test_in_quiet_hours_a_thread_is_told_nothing_and_then_how_it_stands(
    session: Session, values: tuple[int, ...], told: list[AlertAct]
) -> None:
    """The message is drawn anew with every change; once they are over the latest is told, once."""
    rule = _rule(session, quiet=QUIET)
    _opened(session, rule)
    for hour, value in enumerate(values):
        follow(session, *rule, [_found(value)] if value else [], at=NIGHT + hour * HOUR)
    assert (_said(session), _drawn(session)) == ([], len(values))
    for hour in range(2):
        follow(session, *rule, [_found(values[-1])] if values[-1] else [], at=MORNING + hour * HOUR)
    assert _said(session) == told


def test_what_is_over_as_quiet_hours_end_is_told_alone(session: Session) -> None:
    """Not first how it was in the night."""
    rule = _rule(session, quiet=QUIET)
    _opened(session, rule)
    follow(session, *rule, [_found(900)], at=NIGHT)
    follow(session, *rule, [], at=MORNING)
    assert _said(session) == [AlertAct.OVER]


def test_a_muted_rule_tells_its_threads_nothing_until_it_is_heard_again(session: Session) -> None:
    """Also when the mute is ended before its time."""
    row, rule = _rule(session)
    _opened(session, (row, rule))
    alerting.snooze(session, _only(session).id, by=ADA, at=EVENING, until=NIGHT)
    muted = rule.model_copy(update={"muted_until": MORNING + 48 * HOUR})
    assert follow(session, row, muted, [_found(600)], at=NIGHT)["woken"] == 1
    assert _said(session) == [AlertAct.SNOOZED]
    follow(session, row, rule, [_found(600)], at=NIGHT + HOUR)
    assert _said(session) == [AlertAct.SNOOZED, AlertAct.WOKEN]


def test_who_takes_it_on_in_the_night_is_not_told_in_the_morning_that_it_woke(session: Session) -> None:
    """They know; what they did is told at once."""
    rule = _rule(session, quiet=QUIET)
    _opened(session, rule)
    alerting.snooze(session, _only(session).id, by=ADA, at=EVENING, until=NIGHT)
    follow(session, *rule, [_found(600)], at=NIGHT)
    alerting.acknowledge(session, _only(session).id, by=ADA, at=NIGHT + HOUR)
    follow(session, *rule, [_found(600)], at=MORNING)
    assert _said(session) == [AlertAct.SNOOZED, AlertAct.ACKNOWLEDGED]


def test_what_a_rule_closed_that_was_removed_in_the_night_is_told_in_the_morning(
    session: Session, database: Path
) -> None:
    """Nothing judges it any more, and its thread hears of it all the same."""
    del session, database
    with transaction() as opened:
        rule = _rule(opened, quiet=QUIET)
        _opened(opened, rule)
        alert_rules.remove(opened, rule[0], at=NIGHT)
        assert _said(opened) == []
    for at in (NIGHT + HOUR, MORNING, MORNING + HOUR):
        evaluate.run(at=at.isoformat())
    with transaction() as after:
        assert _said(after) == [AlertAct.OVER]


def test_a_critical_rule_that_breaks_through_tells_its_threads_at_once(session: Session) -> None:
    """As it does its first message."""
    rule = _rule(session, quiet=QUIET, severity="critical", break_through=True)
    _opened(session, rule)
    follow(session, *rule, [_found(900)], at=NIGHT)
    assert _said(session) == [AlertAct.WORSE]


def _only(session: Session) -> CostAlert:
    return session.scalars(select(CostAlert)).one()
