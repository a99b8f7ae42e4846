"""When an alert is told, and when not: quiet hours, mute, cool-down, escalation, many at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from finops.alerting.findings import Found
from finops.alerting.lifecycle import AlertState
from finops.alerting.rules import AlertRule
from finops.people import Person
from jobs.alerting.following import follow
from storage import alert_rules, alerting
from storage.models import AlertRuleRow, CostAlert, Outbox, OutboxState

ADA = Person("", "ada")
NIGHT = datetime(2026, 3, 28, 22, tzinfo=UTC)  # 23:00 in Berlin, an hour before the night that is an hour short
HOUR = timedelta(hours=1)
FOUND = Found("", Decimal(600), Decimal(500), "USD", date(2026, 3, 27), date(2026, 3, 28), "It was $600.00.")
QUIET = {"quiet": {"from": "22:00", "to": "07:00", "timezone": "Europe/Berlin"}}


def _rule(session: Session, **fields: object) -> tuple[AlertRuleRow, AlertRule]:
    given = {"name": "web", "kind": "threshold", "amount": 500, "currency": "USD", "to": "#costs", **fields}
    rule = AlertRule.model_validate(given)
    return alert_rules.add(session, rule, by=ADA), rule


def _told(session: Session) -> list[dict[str, object]]:
    return [row.payload for row in session.scalars(select(Outbox).order_by(Outbox.id))]


def _only(session: Session) -> CostAlert:
    return session.scalars(select(CostAlert)).one()


def test_what_fires_in_quiet_hours_is_told_when_they_end(session: Session) -> None:
    """At 05:00 UTC, as the clock was put forward that night; not at 06:00, and not in the night."""
    rule = _rule(session, **QUIET)
    for at in (NIGHT, NIGHT + 6 * HOUR + timedelta(minutes=59)):
        follow(session, *rule, [FOUND], at=at)
        assert _told(session) == []
    counts = follow(session, *rule, [FOUND], at=NIGHT + 7 * HOUR)
    assert counts["told"] == 1
    assert _told(session) == [{"channel": "#costs", "cost_alert": str(_only(session).id)}]
    follow(session, *rule, [FOUND], at=NIGHT + 8 * HOUR)
    assert len(_told(session)) == 1


def test_a_critical_alert_breaks_through_quiet_hours_if_its_rule_says_so(session: Session) -> None:
    """Otherwise it waits like any other."""
    follow(session, *_rule(session, **QUIET, severity="critical"), [FOUND], at=NIGHT)
    assert _told(session) == []
    follow(session, *_rule(session, **QUIET, name="b", severity="critical", break_through=True), [FOUND], at=NIGHT)
    assert len(_told(session)) == 1


def test_what_was_over_before_anybody_was_told_is_listed_and_not_told(session: Session) -> None:
    """Nobody can do anything about it any more."""
    rule = _rule(session, **QUIET)
    follow(session, *rule, [FOUND], at=NIGHT)
    follow(session, *rule, [], at=NIGHT + HOUR)
    follow(session, *rule, [], at=NIGHT + 12 * HOUR)
    assert _told(session) == []
    assert _only(session).state is AlertState.OVER


def test_an_alert_that_was_over_is_not_opened_again_while_it_cools_down(session: Session) -> None:
    """And after that it is another one."""
    rule = _rule(session, cool_down="4h")
    follow(session, *rule, [FOUND], at=NIGHT)
    follow(session, *rule, [], at=NIGHT + HOUR)
    assert follow(session, *rule, [FOUND], at=NIGHT + 4 * HOUR + timedelta(minutes=59))["fired"] == 0
    assert follow(session, *rule, [FOUND], at=NIGHT + 5 * HOUR + timedelta(minutes=1))["fired"] == 1
    assert len(_told(session)) == 2


def test_what_nobody_acknowledges_goes_to_somebody_else_as_well(session: Session) -> None:
    """After the time that the rule gives, from when it was told; once, and not if somebody took it on."""
    rule = _rule(session, escalation={"after": "2h", "to": "@boss"})
    follow(session, *rule, [FOUND], at=NIGHT)
    assert follow(session, *rule, [FOUND], at=NIGHT + timedelta(minutes=119))["escalated"] == 0
    assert follow(session, *rule, [FOUND], at=NIGHT + 2 * HOUR)["escalated"] == 1
    assert follow(session, *rule, [FOUND], at=NIGHT + 9 * HOUR)["escalated"] == 0
    assert [one["channel"] for one in _told(session)] == ["#costs", "@boss"]
    other = _rule(session, name="b", escalation={"after": "2h", "to": "@boss"})
    follow(session, *other, [FOUND], at=NIGHT)
    (alert,) = alerting.of_rule(session, other[0].id)
    alerting.acknowledge(session, alert.id, by=ADA, at=NIGHT)
    assert follow(session, *other, [FOUND], at=NIGHT + 2 * HOUR)["escalated"] == 0


def test_a_muted_rule_is_followed_and_told_after_its_mute(session: Session) -> None:
    """What still goes on then."""
    row, rule = _rule(session)
    muted = rule.model_copy(update={"muted_until": NIGHT + HOUR})
    assert follow(session, row, muted, [FOUND], at=NIGHT)["told"] == 0
    assert follow(session, row, muted, [FOUND], at=NIGHT + HOUR)["told"] == 1


def test_an_alert_follows_its_value_and_is_news_only_where_it_changes_much(session: Session) -> None:
    """From 100 above to 120, 126 and back to 90: one worse, one better, and the worst is kept."""
    rule = _rule(session)
    counts = [
        follow(session, *rule, [replace(FOUND, value=Decimal(value))], at=NIGHT + n * HOUR)
        for n, value in enumerate((600, 620, 626, 590))
    ]
    assert [(one["worse"], one["better"]) for one in counts] == [(0, 0), (0, 0), (1, 0), (0, 1)]
    assert (_only(session).value, _only(session).worst) == (590, 626)


def test_a_snoozed_alert_is_silent_until_its_time_and_then_fires_again(session: Session) -> None:
    """Whatever becomes of its value meanwhile."""
    rule = _rule(session)
    follow(session, *rule, [FOUND], at=NIGHT)
    alerting.snooze(session, _only(session).id, by=ADA, at=NIGHT, until=NIGHT + 2 * HOUR)
    counts = follow(session, *rule, [replace(FOUND, value=Decimal(900))], at=NIGHT + HOUR)
    assert (counts["worse"], _only(session).state) == (0, AlertState.SNOOZED)
    assert follow(session, *rule, [FOUND], at=NIGHT + 2 * HOUR)["woken"] == 1
    assert _only(session).state is AlertState.FIRING


def test_a_snoozed_alert_that_wakes_is_nobodys_and_escalates_only_after_as_long_as_at_first(session: Session) -> None:
    """Also where it had been escalated before, and where quiet hours keep back that it woke: who sleeps is not late."""
    rule = _rule(session, escalation={"after": "2h", "to": "@boss"})
    follow(session, *rule, [FOUND], at=NIGHT)
    assert follow(session, *rule, [FOUND], at=NIGHT + 2 * HOUR)["escalated"] == 1
    alert = alerting.acknowledge(session, _only(session).id, by=ADA, at=NIGHT + 3 * HOUR)
    alerting.snooze(session, alert.id, by=ADA, at=NIGHT + 3 * HOUR, until=NIGHT + 9 * HOUR)
    woken = follow(session, *rule, [FOUND], at=NIGHT + 9 * HOUR)
    assert (woken["woken"], woken["escalated"]) == (1, 0)
    assert (alert.state, alert.acknowledged_by, alert.acknowledged_at) == (AlertState.FIRING, None, None)
    assert follow(session, *rule, [FOUND], at=NIGHT + 10 * HOUR)["escalated"] == 0
    assert follow(session, *rule, [FOUND], at=NIGHT + 11 * HOUR)["escalated"] == 1
    assert [one["channel"] for one in _told(session)] == ["#costs", "@boss", "@boss"]


def test_what_wakes_in_quiet_hours_escalates_after_people_were_told(session: Session) -> None:
    """At 05:00 UTC they are, two hours later somebody else is."""
    rule = _rule(session, **QUIET, escalation={"after": "2h", "to": "@boss"})
    follow(session, *rule, [FOUND], at=NIGHT - 3 * HOUR)
    alerting.snooze(session, _only(session).id, by=ADA, at=NIGHT - 3 * HOUR, until=NIGHT)
    escalated = [follow(session, *rule, [FOUND], at=NIGHT + n * HOUR)["escalated"] for n in (0, 7, 8, 9)]
    assert escalated == [0, 0, 0, 1]


def test_many_alerts_of_one_rule_are_one_message(session: Session) -> None:
    """As after a first bill: each is an alert of its own, and none is posted by itself."""
    rule = _rule(session)
    many = [replace(FOUND, scope=f"s{n}") for n in range(4)]
    assert follow(session, *rule, many, at=NIGHT)["fired"] == 4
    (payload,) = _told(session)
    assert payload["cost_alerts"] == sorted(str(one.id) for one in alerting.of_rule(session, rule[0].id))


def test_what_one_message_told_of_escalates_in_one_message(session: Session) -> None:
    """Of those that nobody took on, with how many they are, in its thread, too; one that woke later has its own."""
    rule = _rule(session, escalation={"after": "2h", "to": "@boss"})
    many = [replace(FOUND, scope=f"s{n}") for n in range(5)]
    follow(session, *rule, many, at=NIGHT)
    [summary] = session.scalars(select(Outbox))
    summary.state, summary.receipt = OutboxState.SENT, {"channel": "C1", "ts": "1.0"}
    mine = {one.scope: one.id for one in alerting.of_rule(session, rule[0].id)}
    alerting.acknowledge(session, mine["s0"], by=ADA, at=NIGHT)
    alerting.snooze(session, mine["s1"], by=ADA, at=NIGHT, until=NIGHT + HOUR)
    before = len(_told(session))
    assert follow(session, *rule, many, at=NIGHT + 2 * HOUR)["escalated"] == 3
    new = [one for one in _told(session)[before:] if "redraw_cost_alert" not in one]
    threads = [one for one in new if "count" in one]
    assert [one["count"] for one in threads] == [3]
    [escalated] = [one for one in new if one.get("escalated")]
    assert escalated["channel"] == "@boss"
    assert escalated["cost_alerts"] == sorted(str(mine[name]) for name in ("s2", "s3", "s4"))
    assert follow(session, *rule, many, at=NIGHT + 3 * HOUR)["escalated"] == 0
    assert follow(session, *rule, many, at=NIGHT + 4 * HOUR)["escalated"] == 1
    assert _told(session)[-1]["cost_alert"] == str(mine["s1"])


def test_what_the_channel_knows_by_another_message_is_not_posted_there_again(session: Session) -> None:
    """A refused bill: who wants it elsewhere names where."""
    known = replace(FOUND, announced=True)
    follow(session, *_rule(session, to=None), [known], at=NIGHT)
    assert _told(session) == []
    follow(session, *_rule(session, name="b", to="@ada"), [known], at=NIGHT)
    assert [one["channel"] for one in _told(session)] == ["@ada"]


def test_what_may_not_open_an_alert_keeps_one_open(session: Session) -> None:
    """A bill that ended long ago: late enough not to be opened, and no reason to call it over."""
    rule = _rule(session)
    old = replace(FOUND, opens=False)
    assert follow(session, *rule, [old], at=NIGHT)["fired"] == 0
    follow(session, *rule, [FOUND], at=NIGHT)
    assert follow(session, *rule, [old], at=NIGHT + HOUR)["over"] == 0


def test_the_alerts_of_a_rule_that_is_removed_are_over(session: Session) -> None:
    """Nobody would ever judge them again."""
    rule = _rule(session)
    follow(session, *rule, [FOUND], at=NIGHT)
    alert_rules.remove(session, rule[0], at=NIGHT + HOUR)
    assert _only(session).state is AlertState.OVER
