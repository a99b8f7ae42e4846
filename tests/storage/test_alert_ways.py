"""Alerts on their way to whom a rule names: Slack, an outlet, a mail; and what has no way is told."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from finops.alerting.findings import Found
from finops.alerting.lifecycle import AlertAct
from finops.alerting.rules import AlertRule
from finops.anomalies.scopes import Of, Scope
from finops.errors import BadSettingError
from finops.people import Person
from jobs.alerting import listed
from storage import alert_files, alert_posts, alert_routes, alert_rules, alert_ways, alerting, alerts, outbox, outlets
from storage import alert_missed as missed
from storage.models import Anomaly, CostAlert, Outbox, OutboxState
from storage.settings import settings

AT = datetime(2026, 9, 10, 12, tzinfo=UTC)
FOUND = Found(
    scope="", value=Decimal(600), expected=Decimal(500), currency="USD", first_day=date(2026, 9, 9),
    end_day=date(2026, 9, 10), sentence="All costs were $600.00 <!here>.",
)  # fmt: skip


@pytest.fixture(autouse=True)
def home_with_an_outlet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own."""
    monkeypatch.setattr(type(settings()), "home", property(lambda _: tmp_path))
    (tmp_path / "outlets.yaml").write_text('- {name: oncall, url: "json://127.0.0.1:9"}\n')
    return tmp_path


def _rule(session: Session, to: str | None, **more: object) -> CostAlert:
    given = {"name": "web", "kind": "threshold", "amount": 500, "to": to, **more}
    row = alert_rules.add(session, AlertRule.model_validate(given), by=Person("", "root"))
    alert = alerting.fire(session, row, FOUND, at=AT)
    assert alert is not None
    return alert


def _tell(session: Session, to: str | None) -> CostAlert:
    alert = _rule(session, to)
    assert alerting.tell(session, alert, to=to, at=AT)
    return alert


def _rows(session: Session) -> list[Outbox]:
    return list(session.scalars(select(Outbox).order_by(Outbox.id)))


@pytest.mark.parametrize(("to", "mail"), [("oncall", None), ("ada@example.com", ["ada@example.com"])])
def test_an_alert_for_an_outlet_or_a_mail_address_is_a_text_and_so_is_what_becomes_of_it(
    session: Session, to: str, mail: list[str] | None
) -> None:
    """Once each; nobody in Slack is told, and foreign names call nobody."""
    alert = _tell(session, to)
    alerting.tell(session, alert, to=to, at=AT)
    assert alerting.changed(session, alert, AlertAct.WORSE, FOUND, worst=Decimal(900), at=AT)
    alerting.acknowledge(session, alert.id, by=Person("T1", "U1"), at=AT)
    assert alerting.over(session, alert, at=AT)
    rows = _rows(session)
    assert [(row.kind, row.payload.get("mail")) for row in rows] == [("outlet", mail)] * 3
    assert [row.payload["title"].split(":")[0] for row in rows] == ["Warning", "Worse", "Over"]
    assert "by the rule web" in rows[0].payload["text"]
    assert "<!here>" not in str([row.payload for row in rows])
    assert [outlets.of(row.payload).mail for row in rows] == [tuple(mail or ())] * 3


def test_an_escalation_goes_by_the_same_ways(session: Session) -> None:
    """To a mail address, while the first message is Slack's."""
    alert = _tell(session, "#web")
    assert alerting.escalate(session, alert, to="boss@example.com", at=AT)
    slack, mail = _rows(session)
    assert (slack.kind, slack.payload["channel"]) == ("slack_message", "#web")
    assert (mail.kind, mail.payload["mail"]) == ("outlet", ["boss@example.com"])
    assert mail.payload["title"].startswith("Nobody acknowledged it: All costs")


def test_an_outlet_that_is_gone_is_told_in_the_channel_and_listed(session: Session) -> None:
    """With why; the rules, the alerts and the doctor's list say so, too, until it is there again."""
    alert = _tell(session, "pager")
    [row] = _rows(session)
    assert row.payload["channel"] is None
    assert row.payload[alert_ways.MISSED]["to"] == "pager"
    assert "outlets.yaml (oncall)" in row.payload[alert_ways.MISSED]["why"]
    [(_, found)] = missed.of_rules(session, alert_rules.sound(alert_rules.listed(session)))
    assert "there is no outlet “pager”" in found.why
    line, values = listed._alert(session, alert, missed.of_alerts(session)[str(alert.id)])  # noqa: SLF001
    assert "pager could not be told" in line
    assert values["missed"]["to"] == "pager"


def test_a_place_that_was_missed_is_listed_until_something_arrives_there(session: Session) -> None:
    """What only the bot finds out, by asking Slack."""
    alert = _tell(session, "#web")
    [row] = _rows(session)
    moved = {**row.payload, "channel": None, alert_ways.MISSED: {"to": "#web", "why": "I am not in #web."}}
    outbox.elsewhere(session, row.id, payload=moved)
    rules = alert_rules.sound(alert_rules.listed(session))
    [(_, found)] = missed.of_rules(session, rules)
    assert found.sentence().startswith("#web could not be told on ")
    assert "I am not in #web." in found.sentence()
    alerting.escalate(session, alert, to="#web", at=AT)
    later = _rows(session)[-1]
    later.state = OutboxState.SENT
    session.flush()
    assert missed.of_rules(session, rules) == []


def test_what_an_outlet_is_given_up_for_is_told_in_the_channel_once(session: Session) -> None:
    """An alert of a rule, and not what Slack was told anyway."""
    alert = _tell(session, "oncall")
    outlets.put(session, outlets.named(settings().home, "oncall"), key="a digest", title="Digest", lines=[])
    for row in _rows(session):
        assert not alert_ways.fall_back(session, row.id)
        outbox.failed(session, row.id, "The outlet oncall (json) did not answer.")
    first, digest = _rows(session)
    assert [alert_ways.fall_back(session, one) for one in (first.id, first.id, digest.id)] == [True, False, False]
    told = _rows(session)[-1]
    assert (told.kind, told.payload["channel"], told.payload[alert_posts.ALERT]) == (
        "slack_message", None, str(alert.id)
    )  # fmt: skip
    assert told.payload[alert_ways.MISSED] == {"to": "oncall", "why": "The outlet oncall (json) did not answer."}


def test_an_anomaly_that_a_rule_has_go_to_an_outlet_is_told_there_alone_and_once(session: Session) -> None:
    """It counts as told: no later run tells it anew."""
    rule = AlertRule.model_validate({"name": "a", "kind": "anomaly", "to": "oncall"})
    alert_rules.add(session, rule, by=Person("", "root"))
    scope = Scope(of=Of.SERVICE, provider="aws", sub_account_id="1", service_name="EC2")
    row = Anomaly(
        id=uuid.uuid4(), scope=scope.written(), currency="USD", kind="spike", rising=True, first_day=date(2026, 9, 6),
        end_day=date(2026, 9, 9), expected=Decimal(10), actual=Decimal(60), excess=Decimal(50),
        excess_so_far=Decimal(200), monthly=Decimal(1500), months=12.0, lasts=True, rule="default",
    )  # fmt: skip
    session.add(row)
    session.flush()
    route = alert_routes.routes(session, [row], at=AT)[str(row.id)]
    assert [alerts.put(session, row, route), alerts.put(session, row, route)] == [True, False]
    [text] = _rows(session)
    assert (text.kind, text.payload["outlet"]) == ("outlet", "oncall")
    assert "EC2" in text.payload["title"]
    assert alerts.told(session) == {row.id}
    assert alerts.told_alone(session, [row]) == [row]
    outbox.failed(session, text.id, "away")
    assert alert_ways.fall_back(session, text.id)
    assert _rows(session)[-1].payload["anomaly"] == str(row.id)
    assert outbox.claim(session, ["slack_message"], now=datetime.now(UTC) + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("to: general", "rule 1 (“x”): to: there is no outlet “general” (those of outlets.yaml are oncall)"),
        ("to: ada@", "to: “ada@” is no mail address"),
        ("escalation: {after: 4h, to: boss}", "escalation.to: there is no outlet “boss”"),
    ],
)
def test_whom_nobody_could_tell_is_refused_when_a_rule_is_kept(tmp_path: Path, given: str, told: str) -> None:
    """In one sentence with what to write; what is there is kept, whatever other mistakes outlets.yaml may hold."""
    file = tmp_path / "rules.yaml"
    file.write_text(f"- {{name: x, kind: threshold, amount: 5, {given}}}\n")
    with pytest.raises(BadSettingError) as error:
        alert_files.read(file)
    assert told in str(error.value)
    assert "write #web for a channel" in str(error.value)
    file.write_text("- {name: x, kind: threshold, amount: 5, to: oncall, escalation: {after: 4h, to: a@b.c}}\n")
    assert alert_files.read(file)[0].to == "oncall"
    (tmp_path / "outlets.yaml").write_text("what is this")
    file.write_text("- {name: x, kind: threshold, amount: 5, to: '#web'}\n")
    assert alert_files.read(file)[0].to == "#web"
