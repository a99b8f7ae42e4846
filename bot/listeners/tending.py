"""Acknowledge, Snooze, Expected, Assign and Why: what people answer an alert, once, by somebody who may."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from slack_bolt import Respond
from slack_sdk import WebClient
from slack_sdk.models.views import View
from sqlalchemy.orm import Session

from bot import announcements, cost_alerts, members, people, permissions
from bot.blocks import alert_forms, cost_alert
from bot.blocks.cost_alert import Told
from bot.blocks.forms import Kept, values
from bot.listeners.asking import answer_privately
from bot.listeners.disposing import WEEK, unless_sent_back, until_of
from bot.listeners.permitted import asking, handed_in, pressed
from bot.listeners.telling import Body
from finops.alerting.lifecycle import AlertState, AlertVerdict
from finops.errors import NotOpenError
from finops.people import Person
from finops.roles import Act
from storage import alert_posts, alert_rules, alerting, outbox, posted
from storage.database import transaction
from storage.models import AlertRuleRow, CostAlert

Change = Callable[[Session, Told], None]
"""What is done to an alert."""


def _allow(client: WebClient, person: Person, alert: uuid.UUID) -> None:
    """Raise Refused unless the person answers alerts, or the rule is their own. Raises UnknownWordError."""
    with transaction() as session:
        row = alerting.get(session, alert, workspace=person.workspace)
        held = session.get_one(AlertRuleRow, row.rule_id)
        here = held.workspace == person.workspace
        own = here and person.user in {held.created_by, alert_rules.value(held).to, row.assigned_to}
    permissions.check(client, person, Act.LOOK if own else Act.TEND)


def _decide(body: Body, respond: Respond, client: WebClient, alert: uuid.UUID, change: Change) -> None:
    """Change it once; who comes second is told how it stands."""
    person = people.of(body)
    _allow(client, person, alert)
    try:
        with transaction() as session:
            change(session, cost_alerts.told(session, alerting.get(session, alert, workspace=person.workspace)))
    except NotOpenError:
        with transaction() as session:
            row = alerting.get(session, alert, workspace=person.workspace)
            text = cost_alert.refusal(cost_alerts.told(session, row))
        respond(text=text, response_type="ephemeral", replace_original=False)
    announcements.redraw_alert(alert)


@pressed(Act.LOOK)
def acknowledge(body: Body, respond: Respond, client: WebClient) -> None:
    """Take it on."""
    alert, by = _chosen(body), people.of(body)

    def change(session: Session, told: Told) -> None:
        alerting.acknowledge(session, told.id, by=by, at=datetime.now(UTC))

    _decide(body, respond, client, alert, change)


@pressed(Act.LOOK)
def expected(body: Body, respond: Respond, client: WebClient) -> None:
    """Say that it is meant to be so."""
    alert, by = _chosen(body), people.of(body)

    def change(session: Session, told: Told) -> None:
        if told.verdict is AlertVerdict.EXPECTED:
            raise NotOpenError(told.title())
        alerting.judge(session, told.id, AlertVerdict.EXPECTED, by=by, at=datetime.now(UTC))

    _decide(body, respond, client, alert, change)


@pressed(Act.LOOK)
def ask_until(body: Body, respond: Respond, client: WebClient) -> None:
    """Open the form of Snooze."""
    initial = datetime.now(UTC).date() + WEEK
    _open(body, respond, client, lambda told, kept: alert_forms.snooze(told, kept, initial=initial))


@pressed(Act.LOOK)
def ask_whom(body: Body, respond: Respond, client: WebClient) -> None:
    """Open the form of Assign."""
    _open(body, respond, client, alert_forms.assign)


def _open(body: Body, respond: Respond, client: WebClient, form: Callable[[Told, Kept], View]) -> None:
    alert, person = _chosen(body), people.of(body)
    _allow(client, person, alert)
    with transaction() as session:
        told = cost_alerts.told(session, alerting.get(session, alert, workspace=person.workspace))
    if told.state is AlertState.OVER:
        respond(text=cost_alert.refusal(told), response_type="ephemeral", replace_original=False)
        announcements.redraw_alert(alert)
        return
    kept = Kept((alert,), people.channel(body))
    client.views_open(trigger_id=body["trigger_id"], view=form(told, kept))


@unless_sent_back
@handed_in(Act.LOOK)
def snooze(body: Body, respond: Respond, client: WebClient) -> None:
    """Hear nothing of it until the day that was given."""
    (alert,), by = Kept.read(body["view"]).offers, people.of(body)
    until = until_of(values(body["view"])["until"])
    assert until is not None  # noqa: S101  the form requires a day

    def change(session: Session, told: Told) -> None:
        if told.state is not AlertState.SNOOZED or told.snoozed_until != until:
            alerting.snooze(session, told.id, by=by, at=datetime.now(UTC), until=until)

    _decide(body, respond, client, alert, change)


@unless_sent_back
@handed_in(Act.LOOK)
def assign(body: Body, respond: Respond, client: WebClient) -> None:
    """Make somebody responsible, and tell them in direct messages."""
    (alert,), by = Kept.read(body["view"]).offers, people.of(body)
    to = values(body["view"])["to"]
    members.require(client, to, by=by, to="look after an alert")

    def change(session: Session, told: Told) -> None:
        if told.assigned_to != to:
            row = alerting.assign(session, told.id, by=by, at=datetime.now(UTC), to=to)
            _hand_over(session, row, to)

    _decide(body, respond, client, alert, change)


def _hand_over(session: Session, row: CostAlert, to: str) -> None:
    payload = {"channel": to, alert_posts.ALERT: str(row.id)}
    key = f"cost alert {row.id} is assigned {to}"
    outbox.put(session, workspace=row.workspace, key=key, kind=posted.KIND, payload=payload)


@asking
def why(body: Body, respond: Respond, client: WebClient) -> None:
    """Answer what is behind it, seen by whoever pressed."""
    person = people.of(body)
    with transaction() as session:
        row = alerting.get(session, _chosen(body), workspace=person.workspace)
        question = cost_alerts.why(alert_rules.value(session.get_one(AlertRuleRow, row.rule_id)), row)
    answer_privately(body, respond, client, str(question))


def _chosen(body: Body) -> uuid.UUID:
    return uuid.UUID(body["actions"][0]["value"])
