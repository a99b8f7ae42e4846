"""An alert from its first message to its last: once each, by whoever came first."""

from __future__ import annotations

import threading
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from finops.alerting.findings import Found
from finops.alerting.lifecycle import AlertAct, AlertState, AlertVerdict
from finops.alerting.rules import AlertRule
from finops.anomalies.scopes import Of, Scope
from finops.errors import CostsError, NotOpenError, UnknownWordError
from finops.people import Person
from storage import alert_posts, alert_routes, alert_rules, alerting, alerts, workspaces
from storage.database import transaction
from storage.models import AlertRuleRow, Anomaly, CostAlert, Outbox, OutboxState

AT = datetime(2026, 9, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ADA, BEN = Person("T1", "U1"), Person("T1", "U2")
RULE = AlertRule.model_validate({"name": "web", "kind": "threshold", "amount": 500, "currency": "USD"})
FOUND = Found(
    scope="", value=Decimal(600), expected=Decimal(500), currency="USD", first_day=date(2026, 9, 9),
    end_day=date(2026, 9, 10), sentence="All costs were $600.00.",
)  # fmt: skip


def _open(session: Session) -> CostAlert:
    alert = alerting.fire(session, alert_rules.add(session, RULE, by=ADA), FOUND, at=AT)
    assert alert is not None
    return alert


def _posted(session: Session, alert: CostAlert) -> None:
    alerting.tell(session, alert, to="#costs", at=AT)
    row = session.scalars(select(Outbox)).one()
    row.state, row.receipt = OutboxState.SENT, {"channel": "C1", "ts": "1.0"}
    session.flush()


def test_an_alert_is_told_once_and_its_message_is_drawn_anew_with_every_change(session: Session) -> None:
    """Worse, taken on, over: three lines in the thread and three redraws, each a row beside its cause."""
    alert = _open(session)
    _posted(session, alert)
    assert not alerting.tell(session, alert, to="#costs", at=AT)
    worse = replace(FOUND, value=Decimal(900))
    assert alerting.changed(session, alert, AlertAct.WORSE, worse, worst=Decimal(900), at=AT + HOUR)
    alerting.acknowledge(session, alert.id, by=ADA, at=AT + HOUR)
    assert alerting.over(session, alert, at=AT + 2 * HOUR)
    assert (alert.state, alert.value, alert.worst, alert.acknowledged_by) == (AlertState.OVER, 900, 900, "U1")
    acts = [AlertAct.FIRED, AlertAct.WORSE, AlertAct.ACKNOWLEDGED, AlertAct.OVER]
    assert [event.act for event in alerting.history(session, alert.id)] == acts
    payloads = [row.payload for row in session.scalars(select(Outbox).order_by(Outbox.id))]
    assert payloads[0] == {"channel": "#costs", "cost_alert": str(alert.id)}
    assert [one["thread_ts"] for one in payloads if alert_posts.HAPPENED in one] == ["1.0"] * 3
    assert sum(one.get(alert_posts.REDRAW) == str(alert.id) for one in payloads) == 3


def test_what_is_over_stays_over_and_only_its_verdict_may_still_be_told(session: Session) -> None:
    """Whoever presses an old button is told so; a new breach is an alert of its own."""
    alert = _open(session)
    alerting.over(session, alert, at=AT + HOUR)
    for late in (
        lambda: alerting.acknowledge(session, alert.id, by=ADA, at=AT),
        lambda: alerting.snooze(session, alert.id, by=ADA, at=AT, until=AT + HOUR),
        lambda: alerting.assign(session, alert.id, by=ADA, at=AT, to="U9"),
    ):
        with pytest.raises(NotOpenError, match="over already"):
            late()
    assert not alerting.over(session, alert, at=AT + 2 * HOUR)
    assert not alerting.changed(session, alert, AlertAct.WORSE, FOUND, worst=FOUND.value, at=AT)
    assert alerting.judge(session, alert.id, AlertVerdict.REAL, by=BEN, at=AT).verdict is AlertVerdict.REAL
    assert alert.over_at == AT + HOUR
    row = session.get_one(AlertRuleRow, alert.rule_id)
    assert alerting.fire(session, row, FOUND, at=AT + 2 * HOUR) is not None


def test_of_two_people_the_second_is_told_who_took_it_on(session: Session) -> None:
    """And a third can still make somebody responsible."""
    alert = _open(session)
    alerting.acknowledge(session, alert.id, by=ADA, at=AT)
    with pytest.raises(NotOpenError, match="acknowledged already by U1"):
        alerting.acknowledge(session, alert.id, by=BEN, at=AT)
    assert alerting.assign(session, alert.id, by=BEN, at=AT, to="U3").assigned_to == "U3"


def test_a_snoozed_alert_wakes_and_an_expected_one_counts_as_taken_on(session: Session) -> None:
    """So that neither escalates meanwhile."""
    alert = _open(session)
    with pytest.raises(NotOpenError, match="yet to come"):
        alerting.snooze(session, alert.id, by=ADA, at=AT, until=AT)
    alerting.snooze(session, alert.id, by=ADA, at=AT, until=AT + HOUR)
    assert not alerting.escalate(session, alert, to="@boss", at=AT)
    assert alerting.wake(session, alert, at=AT + HOUR)
    assert (alert.state, alert.snoozed_until) == (AlertState.FIRING, None)
    alerting.judge(session, alert.id, AlertVerdict.EXPECTED, by=ADA, at=AT)
    assert (alert.state, alert.acknowledged_by) == (AlertState.ACKNOWLEDGED, "U1")
    assert not alerting.escalate(session, alert, to="@boss", at=AT)


def test_an_alert_escalates_once(session: Session) -> None:
    """To whom its rule names, in a message of its own."""
    alert = _open(session)
    assert alerting.escalate(session, alert, to="@boss", at=AT)
    assert not alerting.escalate(session, alert, to="@boss", at=AT + HOUR)
    (row,) = session.scalars(select(Outbox))
    assert row.payload == {"channel": "@boss", "cost_alert": str(alert.id), "escalated": True}


def test_nobody_of_another_workspace_reaches_an_alert(session: Session) -> None:
    """It is as if it were not there."""
    alert = _open(session)
    for stranger in (Person("T2", "U1"), Person("", "root")):
        with pytest.raises(UnknownWordError):
            alerting.acknowledge(session, alert.id, by=stranger, at=AT)
    assert alerting.listed(session, workspace="T2") == []
    assert alerting.listed(session, workspace="T1") == [alert]


def test_two_evaluations_at_once_open_one_alert(database: Path) -> None:
    """The other one waits for the first, and finds it open."""
    with transaction() as session:
        rule_id = alert_rules.add(session, RULE, by=ADA).id
    gate, made = threading.Barrier(2), []

    def evaluate() -> None:
        with transaction() as session:
            row = session.get_one(AlertRuleRow, rule_id)
            gate.wait()
            alert = alerting.fire(session, row, FOUND, at=AT)
            made.append(alert is not None and alerting.tell(session, alert, to=None, at=AT))

    both = [threading.Thread(target=evaluate) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(made) == [False, True]
    with transaction() as session:
        assert len(list(session.scalars(select(CostAlert)))) == len(list(session.scalars(select(Outbox)))) == 1


def test_however_many_alerts_one_connection_opens_each_is_opened_once(session: Session) -> None:
    """Also when the database has prepared the statement for any values."""
    row = alert_rules.add(session, RULE, by=ADA)
    scopes = [str(number) for number in range(20)]
    fired = [alerting.fire(session, row, replace(FOUND, scope=one), at=AT) for one in (*scopes, *scopes)]
    assert [one is not None for one in fired] == [True] * 20 + [False] * 20


def test_a_name_is_taken_while_its_rule_is_there(session: Session) -> None:
    """In its workspace; removed, it is free, and its alerts stay."""
    alert = _open(session)
    with pytest.raises(CostsError, match="There is a rule “web” already"):
        alert_rules.add(session, RULE, by=BEN)
    alert_rules.add(session, RULE, by=Person("T2", "U1"))
    row = alert_rules.named(session, "WEB", workspace="T1")
    assert alert_rules.value(row) == RULE
    alert_rules.remove(session, row, at=AT)
    assert alert_rules.add(session, RULE, by=BEN).id != row.id
    assert alerting.named(session, str(alert.id)[:8]) is alert
    with pytest.raises(UnknownWordError):
        alerting.named(session, str(uuid.uuid4()))


def test_the_file_of_rules_is_followed_and_a_mute_of_a_person_stays(session: Session) -> None:
    """New, changed and gone; what stands there cannot be removed elsewhere."""
    api = RULE.model_copy(update={"name": "api"})
    alert_rules.sync(session, [RULE, api], at=AT)
    row = alert_rules.named(session, "web", workspace="")
    alert_rules.mute(session, row, until=AT + HOUR)
    alert_rules.sync(session, [RULE.model_copy(update={"amount": Decimal(700)})], at=AT)
    (kept,) = alert_rules.listed(session, workspace="")
    assert kept.id == row.id
    with pytest.raises(CostsError, match="“web” is a rule of the server"):
        alert_rules.named(session, "web", workspace="T1")
    assert (alert_rules.value(kept).amount, alert_rules.value(kept).muted_until) == (700, AT + HOUR)
    with pytest.raises(CostsError, match=r"take it out there"):
        alert_rules.remove(session, kept, at=AT)
    alert_rules.add(session, api, by=Person("", "root"))
    with pytest.raises(CostsError, match="There is a rule “api” already"):
        alert_rules.sync(session, [RULE, api], at=AT)


def test_a_rule_about_anomalies_says_where_their_own_message_goes(session: Session) -> None:
    """The most severe that fits; what no rule fits goes to the channel of announcements, and nothing is told twice."""
    team = {"where": {"team": "web"}, "kind": "anomaly"}
    for given in (
        {"name": "a", "to": "#web", **team},
        {"name": "b", "to": "#oncall", "severity": "critical", "amount": 50, **team},
        {"name": "c", "kind": "anomaly", "where": {"service": "S3"}, "quiet": {"from": "12:00", "to": "13:00"}},
    ):
        alert_rules.add(session, AlertRule.model_validate(given), by=Person("", "ada"))
    scopes = [Scope(of=Of.TEAM, team="web"), Scope(of=Of.TEAM, team="data")]
    scopes += [Scope(of=Of.SERVICE, provider="aws", sub_account_id="a", service_name="S3")]
    rows = [_anomaly(session, scope, excess) for scope, excess in zip(scopes, (49, 50, 50), strict=True)]
    rows.append(_anomaly(session, scopes[0], 50, day=date(2026, 9, 20)))
    routes = alert_routes.routes(session, rows, at=AT)
    for row in rows:
        assert alerts.put(session, row, routes.get(str(row.id)))
        assert not alerts.put(session, row)
    sent = list(session.scalars(select(Outbox).order_by(Outbox.id)))
    told = [(one.payload["channel"], one.payload.get("severity"), one.payload.get("rule")) for one in sent]
    assert told == [("#web", "warning", "a"), (None, None, None), (None, "warning", "c"), ("#oncall", "critical", "b")]
    assert sent[2].next_attempt_at == AT + HOUR


def test_a_rule_about_a_teams_anomalies_is_about_those_whose_causes_are_the_teams(session: Session) -> None:
    """They are found after the event was read, and a rule's pattern fits series as before."""
    rule = {"name": "a", "kind": "anomaly", "where": {"team": "web"}, "to": "#web"}
    alert_rules.add(session, AlertRule.model_validate(rule), by=Person("", "ada"))
    row = _anomaly(session, Scope(of=Of.SERVICE, provider="aws", sub_account_id="a", service_name="S3"), 50)
    assert not alert_routes.routes(session, [row], at=AT)
    causes = [{"share": "0.9", "values": {"tag:team": "web"}, "shared": {}}]
    session.execute(
        update(Anomaly).where(Anomaly.id == row.id).values(causes=causes),
        execution_options={"synchronize_session": False},
    )
    assert alert_routes.routes(session, [row], at=AT)[str(row.id)].to == "#web"


def test_no_muted_rule_and_none_of_another_workspace_takes_an_anomaly_away(session: Session) -> None:
    """Its one message goes to the next rule that fits, else to the channel, at once; the own rules count."""
    row = _anomaly(session, Scope(of=Of.TEAM, team="web"), 50)

    def told() -> str | None:
        route = alert_routes.routes(session, [row], at=AT).get(str(row.id))
        assert route is None or route.not_before is None
        return route and route.to

    def add(workspace: str, to: str, severity: str) -> AlertRuleRow:
        given = {"name": to, "kind": "anomaly", "to": to, "severity": severity}
        return alert_rules.add(session, AlertRule.model_validate(given), by=Person(workspace, "U1"))

    theirs, mine = add("T2", "UVIC", "critical"), add("T1", "C1", "warning")
    assert told() is None
    workspaces.note_own(session, "T1")
    assert told() == "C1"
    workspaces.note_own(session, "T2")
    assert told() == "UVIC"
    workspaces.note_own(session, "T1")
    alert_rules.mute(session, mine, until=AT + 300 * 24 * HOUR)
    assert told() is None
    add("", "#costs", "info")
    assert told() == "#costs"
    assert theirs.workspace == "T2"


def _anomaly(session: Session, scope: Scope, excess: int, *, day: date = date(2026, 9, 9)) -> Anomaly:
    row = Anomaly(
        scope=scope.written(), currency="USD", kind="spike", rising=True, first_day=day, end_day=day,
        expected=Decimal(1), actual=Decimal(excess), excess=Decimal(excess), excess_so_far=Decimal(excess),
        monthly=Decimal(excess), months=9.0, lasts=True, rule="default",
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row
