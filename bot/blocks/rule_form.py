"""The form of an alert rule: what is watched, whose costs, how much, how bad, who is told, and when not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from slack_sdk.models.blocks import (
    ContextBlock,
    ConversationFilter,
    ConversationSelectElement,
    InputBlock,
    InputInteractiveElement,
    Option,
    PlainTextInputElement,
    StaticSelectElement,
    UserSelectElement,
)
from slack_sdk.models.views import View

from bot.actions import Form
from bot.blocks.forms import ID, Kept
from bot.blocks.text import escape, markdown
from bot.questions import terms
from finops.alerting import durations
from finops.alerting.kinds import TAKES, Grain, RuleKind, Severity
from finops.alerting.rules import AlertRule

KINDS = {
    RuleKind.THRESHOLD: "Costs above or below an amount",
    RuleKind.CHANGE: "Costs up or down by a share or amount",
    RuleKind.FORECAST_OVER_BUDGET: "Forecast to exceed a budget",
    RuleKind.ANOMALY: "Anomalies",
    RuleKind.NEW_SERVICE: "A new service",
    RuleKind.NEW_REGION: "A new region",
    RuleKind.COMMITMENT_EXPIRING: "A commitment that ends",
    RuleKind.COMMITMENT_UNDERUSED: "A commitment that is not used",
    RuleKind.UNTAGGED: "Untagged spend",
    RuleKind.STALE_DATA: "Bills that are late",
    RuleKind.FAILED_COLLECTION: "A collection that failed",
}
QUIET = "22:00-07:00 Europe/Berlin"
SIZE = {
    RuleKind.THRESHOLD: "For example > 500 USD, or < 100 USD.",
    RuleKind.CHANGE: "For example up 30%, or down 20%.",
    RuleKind.FORECAST_OVER_BUDGET: "For example > 90%. Empty: over the whole budget.",
    RuleKind.COMMITMENT_UNDERUSED: "For example < 80%. Empty: below 80%.",
    RuleKind.UNTAGGED: "For example > 100 USD, or > 5%.",
}
ANY_SIZE = "For example > 500 USD, up 30%, or < 80%. Empty for anomalies, late bills and failed collections."
"""Where the form does not follow what is chosen."""
OTHER_SIZE = "For example > 500 USD. Empty: any amount."
GRAINS = {Grain.DAILY: "One day", Grain.WEEKLY: "The last seven days", Grain.MONTHLY: "The month so far"}
SEVERITIES = {
    Severity.INFO: "Good to know",
    Severity.WARNING: "Warning",
    Severity.CRITICAL: "Critical",
}
SLACKS = ("slack.com", "slack-gov.com")
WORDS, NAME = 1000, 80
KEPT = "Kept as *{name}*, or under what you change it to."
TRIED = "Nothing is saved yet: you see first how often it would have told somebody."


FIELDS = {
    "where": {"where"},
    "size": {"amount", "share"},
    "grain": {"grain"},
    "budget": {"budget"},
}
"""Fields of the form that not every kind uses, by the fields of a rule that they fill."""


def build(rule: AlertRule, kept: Kept, *, anyway: bool = False, whole: bool = True) -> View:
    """Return the form, filled in with a rule; not `whole` it has only the fields that the rule's kind uses."""
    return drawn(Form.RULE, _given(rule, anyway=anyway), kept, name=rule.name, whole=whole)


def edit(rule: AlertRule, kept: Kept, *, whole: bool = True) -> View:
    """Return the form of a rule that there is, filled in with what it is, its name among that."""
    return drawn(Form.RULE_EDIT, {**_given(rule), "name": rule.name}, kept, whole=whole)


def drawn(form: str, given: Mapping[str, str], kept: Kept, *, name: str = "", whole: bool = False) -> View:
    """Return the form, filled in with what `values` returns of one; what is not shown of it is kept along."""
    kind, editing = RuleKind(given["kind"]), form == Form.RULE_EDIT
    shown = _fields(given, size_hint=ANY_SIZE if whole else SIZE.get(kind, OTHER_SIZE))
    if not whole:
        gone = {one for one, fills in FIELDS.items() if not fills & TAKES[kind].fields}
        shown = [one for one in shown if one.block_id not in gone]
        kept = replace(kept, hidden={one: given[one] for one in FIELDS if one in gone and given.get(one)})
    if editing:
        shown.append(_text("name", "Name", given.get("name", ""), "As in /cost alert mute NAME.", longest=NAME))
    note = _note(TRIED if editing else KEPT.format(name=escape(name or kept.place)))
    return View(
        type="modal", callback_id=form, title="Alert rule", submit="Try it" if editing else "Save", close="Cancel",
        private_metadata=kept.text(), blocks=[*shown, note],
    )  # fmt: skip


def can_change(address: str) -> bool:
    """Whether the Slack at this address tells of a choice in a form, so that the form can follow it.

    One that is run for trying things out may not: there the whole form is shown.
    """
    host = urlsplit(address).hostname or ""
    return host.endswith(SLACKS)


def _note(words: str) -> ContextBlock:
    return ContextBlock(elements=[markdown(words)])


def _given(rule: AlertRule, *, anyway: bool = False) -> dict[str, str]:
    """Return what a rule fills into the fields, as `values` would return it."""
    then = rule.escalation
    return {
        "kind": rule.kind, "where": _where(rule, anyway=anyway), "size": size(rule), "grain": rule.grain,
        "budget": rule.budget or "", "severity": rule.severity, "channel": rule.to or "", "person": rule.to or "",
        "quiet": _quiet(rule), "cool_down": _long(rule.cool_down), "escalate": _long(then.after if then else None),
        "escalate_to": then.to if then else "",
    }  # fmt: skip


def _fields(given: Mapping[str, str], *, size_hint: str) -> list[InputBlock]:
    def of(name: str) -> str:
        return given.get(name, "")

    return [
        _choice("kind", "Tell me about", KINDS, of("kind"), follows=True),
        _text("where", "Whose costs", of("where"), 'For example team=web, or service="Amazon RDS". Empty: all costs.'),
        _text("size", "How much", of("size"), size_hint),
        _choice("grain", "Added up over", GRAINS, of("grain") or Grain.DAILY),
        _text("budget", "Which budget", of("budget"), "Only for a forecast: its name. Empty: each of them."),
        _choice("severity", "How important is it", SEVERITIES, of("severity") or Severity.WARNING),
        _channel(of("channel")),
        _person("person", "Or tell one person", of("person"), "In a direct message, in place of a channel."),
        _text("quiet", "Do not disturb between", of("quiet"), f"For example {QUIET}. Critical alerts may come anyway."),
        _text("cool_down", "Once it is over, stay silent for", of("cool_down"), "For example 4h. Empty: no pause."),
        _text("escalate", "If nobody reacts, tell somebody else after", of("escalate"), "For example 4h or 1d."),
        _person("escalate_to", "Whom to tell then", of("escalate_to"), "Only if nobody acknowledged it by then."),
    ]  # fmt: skip


def _choice(block: str, label: str, options: Mapping[Any, str], chosen: object, *, follows: bool = False) -> InputBlock:
    listed = {str(key): Option(value=str(key), text=text) for key, text in options.items()}
    element = StaticSelectElement(action_id=ID, options=list(listed.values()), initial_option=listed[str(chosen)])
    return InputBlock(block_id=block, label=label, element=element, dispatch_action=follows or None)


def _text(block: str, label: str, value: str, hint: str, *, longest: int = WORDS) -> InputBlock:
    element = PlainTextInputElement(action_id=ID, initial_value=value[:longest] or None, max_length=longest)
    return _input(block, label, element, hint)


def _channel(chosen: str | None) -> InputBlock:
    element = ConversationSelectElement(
        action_id=ID, placeholder="Choose", initial_conversation=_id(chosen, "CG"),
        filter=ConversationFilter(include=["public", "private"]),
    )  # fmt: skip
    return _input(
        "channel",
        "Tell this channel",
        element,
        "One that I am in. Empty, and no person below either: here, where you asked.",
    )


def _person(block: str, label: str, chosen: str | None, hint: str) -> InputBlock:
    element = UserSelectElement(action_id=ID, placeholder="Choose", initial_user=_id(chosen, "UW"))
    return _input(block, label, element, hint)


def _id(chosen: str | None, begins: str) -> str | None:
    """Return an id of Slack's that begins so; a name of a rule that no Slack made chooses nothing."""
    return chosen if chosen and chosen[0] in begins and chosen.isalnum() and chosen.isupper() else None


def _input(block: str, label: str, element: InputInteractiveElement, hint: str) -> InputBlock:
    return InputBlock(block_id=block, label=label, element=element, optional=True, hint=hint)


def _where(rule: AlertRule, *, anyway: bool) -> str:
    words = terms(rule.filters)
    return f"{words} anyway" if words and anyway else words


def size(rule: AlertRule) -> str:
    """Return how much, as one writes it."""
    below = str(rule.comparison) == "below"
    if rule.share is not None:
        words = ("up", "down") if rule.kind is RuleKind.CHANGE else (">", "<")
        less = below or rule.kind is RuleKind.COMMITMENT_UNDERUSED
        return f"{words[1 if less else 0]} {_plain(rule.share * 100)}%"
    if rule.amount is None:
        return ""
    return f"{'<' if below else '>'} {_plain(rule.amount)} {rule.currency or ''}".strip()


def _plain(number: Any) -> str:  # noqa: ANN401  a Decimal
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _quiet(rule: AlertRule) -> str:
    return f"{rule.quiet.start:%H:%M}-{rule.quiet.end:%H:%M} {rule.quiet.timezone}" if rule.quiet else ""


def _long(length: Any) -> str:  # noqa: ANN401  a timedelta
    return durations.written(length) if length else ""
