"""Alert rules: what one would tell and would have told, those that there are, muting and ending them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time

from sqlalchemy.orm import Session

from bot import rule_names, rule_rights, ruling, table_pages
from bot.asker import Asker
from bot.drafts.draft import Draft, Item, Open
from bot.questions import CostQuestion, Kind, Manage, Rule, Watch
from finops.alerting.lifecycle import AlertState
from finops.alerting.rules import AlertRule
from finops.foreign import plain
from storage import alert_replay, alert_rules, alerting
from storage.models import AlertRuleRow, CostAlert

MOST = 10
"""Rules of a message: with more of them it would be longer than Slack takes."""
OPEN = 5
"""Open alerts that are told in full."""
EXAMPLES = (
    (ruling.EXAMPLE, "an amount a day, weekly or monthly"),
    ("alert when service=EC2 up 30% weekly", "a change"),
    ("alert on anomalies where team=web", "or on new service, on new region, on failed collection"),
    ("alert when forecast over budget payments", "or when data stale, when untagged > 100 USD"),
)
OWN = ((f"{ruling.EXAMPLE} to me", "an amount a day, told to you alone"),)
"""What everybody may keep."""
SAVED = "Nothing is saved yet."


def draft(session: Session, question: CostQuestion, who: Asker) -> Draft:
    """Show a rule before it is kept, or change one that there is. Raises OneThingError, UnknownWordError."""
    said = question.rule or Rule()
    if said.manage is not None:
        return _managed(session, said, who)
    if ruling.kind_of(question) is None:
        return Draft(
            "Say what to wait for, and I show what it would have told:", lines=EXAMPLES, values={"kept": False}
        )
    rule_names.held(session, question)
    rule = ruling.rule_of(session, question, who)
    replay = alert_replay.would_have_fired(session, rule, who.today)
    return Draft(
        headline=shown(rule, whom(rule, who)),
        more=replay.sentence,
        notes=(f"{SAVED} {_how(rule, question, who)}",),
        save=question if who.workspace else None,
        values={
            "kept": False,
            "rule": rule.model_dump(mode="json", by_alias=True, exclude_defaults=True),
            "replay": {"count": replay.count, "days": [str(day) for day in replay.days]},
        },
    )


def refused(draft: Draft, question: CostQuestion) -> Draft:
    """Return a rule that is shown to somebody who may not keep it, with who may and what they may."""
    if question.kind is Kind.ALERTS:  # those that tell others are changed by others
        lines = OWN if draft.lines == EXAMPLES else ()
        return replace(
            draft, lines=lines, items=tuple(one if one.own else replace(one, edit=None) for one in draft.items)
        )
    said = question.rule or Rule()
    if said.watch is Watch.ANOMALY:
        note = "Only analysts may save it: an anomaly has one message for all, which goes where such a rule says."
        return replace(draft, save=None, notes=(note,))
    mine = question.changed(channel=None, rule=said.model_copy(update={"to": "me"}))
    note = "Only analysts may save a rule that tells others: ask one of them, or let it tell you alone."
    return replace(draft, save=None, notes=(note,), deeper=(("Tell only me", mine),))


def whom(rule: AlertRule, who: Asker) -> str:
    """Say whom a rule tells, as the asker calls it."""
    if rule.to == who.person.user and who.workspace:
        return "you"
    return "this channel" if rule.to and rule.to == who.channel else rule.to or "the channel of announcements"


def shown(rule: AlertRule, to: str) -> str:
    """Return a rule's sentence with other words for whom it tells."""
    return rule.model_copy(update={"to": to}).sentence()


def _how(rule: AlertRule, question: CostQuestion, who: Asker) -> str:
    if who.workspace:
        return f"Save keeps it as `{plain(rule.name)}`."
    return f"In Slack, `/cost {plain(str(question))}` keeps it with its button Save; here it is only shown."


def _managed(session: Session, said: Rule, who: Asker) -> Draft:
    """Mute, unmute, end or show a rule of the asker's workspace. Raises UnknownWordError."""
    if said.manage is Manage.EDIT:
        return _editable(session, said.name or "", who)
    row = alert_rules.named(session, said.name or "", workspace=who.workspace)
    name = plain(row.name)
    if said.manage is Manage.OFF:
        closed = alert_rules.remove(session, row, at=datetime.now(UTC))
        what = f"{_many(closed, 'alert')} that it opened {'is' if closed == 1 else 'are'} over, too." if closed else ""
        return Draft(f"The rule {name} is gone.", what, values={"rule": name, "off": True, "closed": closed})
    until = datetime.combine(said.until, time(), UTC) if said.until else None
    alert_rules.mute(session, row, until=until)
    if until is None:
        return Draft(f"The rule {name} tells again.", values={"rule": name, "muted_until": None})
    again = CostQuestion(kind=Kind.ALERT, rule=Rule(manage=Manage.UNMUTE, name=row.name))
    return Draft(
        f"The rule {name} tells nothing until {until:%-d %b %Y}.",
        "What still holds then is told then.",
        deeper=(("Unmute", again),),
        values={"rule": name, "muted_until": until.isoformat()},
    )


def _editable(session: Session, name: str, who: Asker) -> Draft:
    """Show a rule with the button that opens its form. Raises UnknownWordError, CostsError."""
    row = alert_rules.editable(session, name, workspace=who.workspace)
    item = _item(row, alert_rules.value(row), alerting.of_rule(session, row.id), who)
    here = "Edit opens the form that makes rules, filled in." if who.workspace else "Here it is only shown."
    return Draft("This is how it stands.", here, items=(item,), values={"rule": row.name})


def listed(session: Session, question: CostQuestion, who: Asker) -> Draft:
    """Tell the rules of the workspace and what is open."""
    rules = {row.id: row for row in alert_rules.listed(session, workspace=who.workspace)}
    if who.workspace:  # those of the file are the deployment's own
        rules |= {row.id: row for row in alert_rules.listed(session, workspace=alert_rules.COMMAND_LINE)}
    alerts = alerting.listed(session, workspace=who.workspace)
    if not rules and not alerts:
        return Draft("There is no alert rule yet. For example:", lines=EXAMPLES, values={"rules": [], "open": []})
    top = min(question.top, MOST)
    page = table_pages.of(list(rules.values()), question, MOST)
    left = len(rules) - top * question.page
    more = (f"{left} more: say `{question.changed(page=question.page + 1)}`.",) if left > 0 else ()
    return Draft(
        headline=f"{_many(len(rules), 'alert rule')}, {_many(len(alerts), 'alert')} open.",
        items=tuple(_item(row, rule, alerts, who) for row, rule in alert_rules.sound(page)),
        lines=_commands(page, who),
        open=tuple(_open(one) for one in alerts[:OPEN]),
        notes=(*_failing(rules.values()), *more),
        values={
            "rules": [
                {"name": row.name, "sentence": rule.sentence()} for row, rule in alert_rules.sound([*rules.values()])
            ],
            "failing": [{"name": one.name, "failure": one.failure} for one in rules.values() if one.failure],
            "open": [_values(one) for one in alerts],
        },
    )


def _open(one: CostAlert) -> Open:
    return Open(one.sentence, one.acknowledged_by, one.snoozed_until if one.state is AlertState.SNOOZED else None)


def _values(one: CostAlert) -> dict[str, str | None]:
    shown = _open(one)
    return {
        "id": str(one.id),
        "state": str(one.state),
        "sentence": one.sentence,
        "acknowledged_by": shown.acknowledged_by,
        "snoozed_until": shown.snoozed_until.isoformat() if shown.snoozed_until else None,
    }


def _failing(rows: Iterable[AlertRuleRow]) -> list[str]:
    return [f"The rule {plain(one.name)} cannot be judged: {one.failure}" for one in rows if one.failure]


def _commands(rows: list[AlertRuleRow], who: Asker) -> tuple[tuple[str, str], ...]:
    """Return what can be done with the first rule that can be changed here."""
    row = next((one for one in rows if not one.from_yaml and one.workspace == who.workspace), None)
    if row is None:
        return ()
    each = [Rule(manage=one, name=row.name) for one in (Manage.EDIT, Manage.MUTE, Manage.OFF)]
    edit, mute, off = (str(CostQuestion(kind=Kind.ALERT, rule=one)) for one in each)
    return ((edit, "changes it"), (f"{mute} for 7 days", "tells nothing until then"), (off, "ends it"))


def _item(row: AlertRuleRow, rule: AlertRule, alerts: list[CostAlert], who: Asker) -> Item:
    count = sum(one.rule_id == row.id for one in alerts)
    muted = row.muted_until if row.muted_until is not None and row.muted_until > datetime.now(UTC) else None
    about = [
        str(row.severity),
        "cannot be judged" if row.failure else f"{count or 'none'} open",
        f"muted until {muted:%-d %b}" if muted else "",
        "in alerts.yaml" if row.from_yaml else "" if row.workspace else "set up on the server",
    ]
    mine = row.workspace == who.workspace != alert_rules.COMMAND_LINE
    return Item(
        rule.model_copy(update={"muted_until": None}),
        ", ".join(one for one in about if one),
        edit=row.id if mine else None,
        own=rule_rights.is_own(who.person, row),
    )


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
