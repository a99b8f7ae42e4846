"""Save, Change and Cancel of an alert rule, and its form: kept once, by somebody who may, where it can arrive."""

from __future__ import annotations

from datetime import UTC, datetime

from slack_bolt import Ack, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import Block, SectionBlock
from sqlalchemy.orm import Session

from bot import asker, people, places, rule_forms, rule_names, rule_rights
from bot import ruling as words
from bot.answering import understand
from bot.blocks import rule_change, rule_form
from bot.blocks.forms import Kept, missing, values
from bot.blocks.text import escape, markdown
from bot.listeners.permitted import asking, handed_in, in_place, pressed
from bot.listeners.telling import Body
from bot.questions import Rule
from bot.rule_forms import BadFieldError
from finops.alerting.rules import AlertRule
from finops.people import Person
from finops.roles import Act
from storage import alert_rules
from storage.alert_rules import RuleExistsError
from storage.database import transaction

TRIES = 9


@pressed(Act.LOOK)
def save(body: Body, respond: Respond, client: WebClient) -> None:
    """Keep the rule that the button's words mean."""
    (rule, _), by = _meant(body, client), people.of(body)
    text, blocks = _kept(client, rule, by)
    respond(text=text, blocks=blocks, replace_original=True)


@pressed(Act.LOOK)
def change(body: Body, respond: Respond, client: WebClient) -> None:
    """Open the form, filled in with the rule that the button's words mean."""
    rule, waits = _meant(body, client)
    kept = Kept((), people.channel(body), rule.name, message=respond.response_url or "")
    view = rule_form.build(rule, kept, anyway=waits, whole=not rule_form.can_change(client.base_url))
    client.views_open(trigger_id=body["trigger_id"], view=view)


def follow(body: Body, client: WebClient) -> None:
    """Show the fields that the chosen kind uses, and what was filled into them; a newer form stays as it is."""
    view = body["view"]
    kept, chosen = Kept.read(view), values(view)
    if "kind" not in chosen:
        return
    shown = rule_form.drawn(view["callback_id"], {**kept.hidden, **chosen}, kept)
    try:
        client.views_update(view_id=view["id"], hash=view["hash"], view=shown)
    except SlackApiError as error:
        if error.response["error"] != "hash_conflict":
            raise


@asking
def cancel(body: Body, respond: Respond, client: WebClient) -> None:
    """Forget it: nothing was kept."""
    del body, client
    respond(delete_original=True)


def ack_form(ack: Ack, body: Body) -> None:
    """Take the form in, or send it back with what is wrong with which field: only the ledger's names are asked for."""
    wrong = _wrong(body)
    if wrong:
        ack(response_action="errors", errors=wrong)
    else:
        ack()


def _wrong(body: Body) -> dict[str, str]:
    """Return what is wrong with the form, by field."""
    if wrong := missing(body["view"]):
        return wrong
    try:
        check_names(body, _read(body))
    except BadFieldError as error:
        return {error.field: str(error)[:300]}
    return {}


@handed_in(Act.LOOK)
def hand_in(body: Body, respond: Respond, client: WebClient) -> None:
    """Keep the rule of the form, and tell that in place of what was proposed: its Save would make another one."""
    if _wrong(body):  # it was sent back
        return
    text, blocks = _kept(client, _read(body), people.of(body))
    in_place(body, respond, text=text, blocks=blocks)


def _read(body: Body) -> AlertRule:
    kept, by = Kept.read(body["view"]), people.of(body)
    place = by.user if kept.channel.startswith("D") else kept.channel or None
    given = values(body["view"])
    rule = rule_forms.read(given, name=kept.place, otherwise=place, today=datetime.now(UTC).date())
    return rule.model_copy(update={"name": words.name_anew(rule)})


def check_names(body: Body, rule: AlertRule) -> None:
    """Raise BadFieldError for names that neither the ledger nor the budgets know."""
    if rule_forms.anyway(values(body["view"]), datetime.now(UTC).date()):
        return
    with transaction() as session:
        unknown = rule_names.field(session, rule)
    if unknown is not None:
        raise BadFieldError(unknown[1], field=unknown[0])


def _meant(body: Body, client: WebClient) -> tuple[AlertRule, bool]:
    """Return the rule that a button's words mean, and whether what it names need not be there yet."""
    who = asker.of(client, people.of(body), people.channel(body))
    with transaction() as session:
        asked = understand(session, body["actions"][0]["value"], who)
        rule_names.held(session, asked.question)
        rule = words.rule_of(session, asked.question, who)
        return rule, (asked.question.rule or Rule()).anyway


def _kept(client: WebClient, rule: AlertRule, by: Person) -> tuple[str, list[Block]]:
    """Keep it once, and tell that. Raises Refused for who may not."""
    rule = places.placed(client, rule, by=by)
    rule_rights.allow(client, by, rule)
    with transaction() as session:
        kept, is_new = _add(session, rule, by)
    name = escape(kept.name)
    how = f"`/cost alert edit {name}` changes it, `/cost alert mute {name} for 7 days` silences it"
    how += f", `/cost alert off {name}` ends it."
    text = f"*{'Saved' if is_new else 'This is kept already'} as {name}.* {rule_change.sentence(kept)}"
    return f"{text}\n{how}", [SectionBlock(text=markdown(f"{text}\n{how}"))]


def _add(session: Session, rule: AlertRule, by: Person) -> tuple[AlertRule, bool]:
    """Add it; the same again is the same, another one of its name gets a number."""
    for number in range(1, TRIES):
        named = rule if number == 1 else rule.model_copy(update={"name": f"{rule.name}-{number}"})
        held = next(
            (one for one in alert_rules.listed(session, workspace=by.workspace) if one.name == named.name), None
        )
        if held is None:
            return alert_rules.value(alert_rules.add(session, named, by=by)), True
        if alert_rules.value(held).model_copy(update={"muted_until": None}) == named:
            return alert_rules.value(held), False
    message = f"There are {TRIES} rules called {rule.name} already: end one of them first."
    raise RuleExistsError(message)
