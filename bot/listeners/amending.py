"""Edit of an alert rule that there is: its form, what it would tell as changed, and Save, which counts once."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from slack_bolt import Ack, Respond
from slack_sdk import WebClient
from slack_sdk.models.blocks import Block

from bot import announcements, asker, people, places, rule_forms, rule_rights
from bot.blocks import rule_change, rule_form
from bot.blocks.forms import Kept, values
from bot.listeners.permitted import handed_in, in_place, pressed
from bot.listeners.ruling import check_names
from bot.listeners.telling import Body
from bot.rule_forms import BadFieldError
from finops.alerting.changing import effect
from finops.alerting.rules import AlertRule
from finops.people import Person
from finops.roles import Act
from storage import alert_changes, alert_replay, alert_rules, alerting
from storage.database import transaction
from storage.models import AlertRuleRow


@pressed(Act.LOOK)
def edit(body: Body, respond: Respond, client: WebClient) -> None:
    """Open the form, filled in with the rule of the button."""
    del respond
    with transaction() as session:
        row = session.get_one(AlertRuleRow, uuid.UUID(body["actions"][0]["value"]))
        gone = alert_changes.meanwhile(session, row) if row.deleted_at is not None else None
    rule_rights.allow_editing(client, people.of(body), row)
    if gone is not None:
        raise gone
    _open(body, client, row.id, alert_rules.value(row), alert_changes.fingerprint(row))


@pressed(Act.LOOK)
def change(body: Body, respond: Respond, client: WebClient) -> None:
    """Open the form again, filled in with what was proposed."""
    person = people.of(body)
    with transaction() as session:
        proposed = alert_changes.get(session, uuid.UUID(body["actions"][0]["value"]), workspace=person.workspace)
        row = session.get_one(AlertRuleRow, proposed.rule_id)
        rule = alert_changes.wanted(proposed, row)
    rule_rights.allow_editing(client, person, row)
    _open(body, client, row.id, rule, proposed.seen, message=respond.response_url or "")


def _open(
    body: Body, client: WebClient, chosen: uuid.UUID, rule: AlertRule, seen: str, *, message: str = ""
) -> None:  # fmt: skip
    kept = Kept((chosen,), people.channel(body), seen, message=message)
    view = rule_form.edit(rule, kept, whole=not rule_form.can_change(client.base_url))
    client.views_open(trigger_id=body["trigger_id"], view=view)


def ack_form(ack: Ack, body: Body) -> None:
    """Take the form in, or send it back with what is wrong with which field: only what it names anew is looked up."""
    try:
        with transaction() as session:
            held = alert_rules.value(session.get_one(AlertRuleRow, Kept.read(body["view"]).offers[0]))
        rule = _read(body, held)
        if _names(rule) != _names(held):
            check_names(body, rule)
    except BadFieldError as error:
        ack(response_action="errors", errors={error.field: str(error)[:300]})
    else:
        ack()


def _names(rule: AlertRule) -> tuple[object, ...]:
    return rule.filters, rule.currency, rule.budget


@handed_in(Act.LOOK)
def hand_in(body: Body, respond: Respond, client: WebClient) -> None:
    """Show what the rule would tell as changed, before anything is saved; in place of what was proposed before."""
    kept, person = Kept.read(body["view"]), people.of(body)
    with transaction() as session:
        row = session.get_one(AlertRuleRow, kept.offers[0])
        held = alert_rules.value(row)
    try:
        rule = _read(body, held)
    except BadFieldError:  # it was sent back
        return
    rule_rights.allow_editing(client, person, row)
    rule = places.placed(client, rule, by=person)
    rule_rights.allow(client, person, rule)
    text, blocks = _previewed(client, row.id, held, rule, kept=kept, by=person)
    in_place(body, respond, text=text, blocks=blocks)


def _previewed(
    client: WebClient, chosen: uuid.UUID, held: AlertRule, rule: AlertRule, *, kept: Kept, by: Person
) -> tuple[str, list[Block]]:
    today = asker.of(client, by, kept.channel).today
    with transaction() as session:
        row = session.get_one(AlertRuleRow, chosen)
        if row.deleted_at is None and rule == alert_rules.value(row):
            return rule_change.same(rule)
        proposed = alert_changes.propose(session, row, rule, seen=kept.place, by=by)
        replay = alert_replay.would_have_fired(session, rule, today)
        alerts = effect(held, rule).told(len(alerting.of_rule(session, row.id)))
        return rule_change.preview(proposed.id, before=held, after=rule, replayed=replay.sentence, alerts=alerts)


@pressed(Act.LOOK)
def save(body: Body, respond: Respond, client: WebClient) -> None:
    """Change the rule as it was shown, once."""
    chosen, person = uuid.UUID(body["actions"][0]["value"]), people.of(body)
    with transaction() as session:
        proposed = alert_changes.get(session, chosen, workspace=person.workspace)
        row = session.get_one(AlertRuleRow, proposed.rule_id)
        rule, held = alert_changes.wanted(proposed, row), alert_rules.value(row)
    rule_rights.allow_editing(client, person, row)
    rule_rights.allow(client, person, places.placed(client, rule, by=person))
    with transaction() as session:
        saved = alert_changes.save(session, chosen, by=person, at=datetime.now(UTC))
        shown = [one.id for one in alerting.of_rule(session, saved.row.id)] if _looks(held) != _looks(rule) else []
    text, blocks = rule_change.done(rule, alerts=saved.effect.told(saved.open, saved=True), again=saved.again)
    respond(text=text, blocks=blocks, replace_original=True)
    for alert in shown:
        announcements.redraw_alert(alert)


def _looks(rule: AlertRule) -> tuple[str, str]:
    """Return what an alert's message shows of its rule."""
    return rule.severity.value, rule.name


def _read(body: Body, held: AlertRule) -> AlertRule:
    kept, by = Kept.read(body["view"]), people.of(body)
    place = by.user if kept.channel.startswith("D") else kept.channel or None
    today = datetime.now(UTC).date()
    return rule_forms.read(values(body["view"]), name=held.name, otherwise=place, today=today, held=held)
