"""The form of an alert rule: what is watched, whose costs, how much, how bad, who is told, and when not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_sdk.models.blocks import (
    Block,
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
from bot.questions import written
from finops.alerting import durations
from finops.alerting.kinds import Grain, RuleKind, Severity
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
WORDS, NAME = 1000, 80
KEPT = "Kept as *{name}*, or under what you change it to."
TRIED = "Nothing is saved yet: you see first how often it would have told somebody."


def build(rule: AlertRule, kept: Kept, *, anyway: bool = False) -> View:
    """Return the form, filled in with a rule; what is left empty is as it is without the field."""
    return _view(Form.RULE, "Save", kept, [*_fields(rule, anyway=anyway), _note(KEPT.format(name=escape(rule.name)))])


def edit(rule: AlertRule, kept: Kept) -> View:
    """Return the form of a rule that there is, filled in with what it is, its name among that."""
    name = _text("name", "Name", rule.name, "as /cost alert mute NAME calls it", longest=NAME)
    return _view(Form.RULE_EDIT, "Try it", kept, [*_fields(rule), name, _note(TRIED)])


def _view(form: Form, submit: str, kept: Kept, blocks: list[Block]) -> View:
    return View(
        type="modal", callback_id=form, title="Alert rule", submit=submit, close="Cancel",
        private_metadata=kept.text(), blocks=blocks,
    )  # fmt: skip


def _note(words: str) -> ContextBlock:
    return ContextBlock(elements=[markdown(words)])


def _fields(rule: AlertRule, *, anyway: bool = False) -> list[Block]:
    return [
        _choice("kind", "Tell me about", KINDS, rule.kind, hint="What a kind has no use for is refused, not ignored."),
        _text("where", "Whose costs", _where(rule, anyway=anyway), 'team=web, service="Amazon RDS"; empty: all costs'),
        _text("size", "How much", size(rule), "> 500 USD, up 30%, < 80%; none for anomalies, new and failed"),
        _choice("grain", "Over", {one: str(one).capitalize() for one in Grain}, rule.grain),
        _text("budget", "Budget", rule.budget or "", "of a forecast; empty: any of them"),
        _choice("severity", "Severity", {one: str(one).capitalize() for one in Severity}, rule.severity),
        _channel(rule.to),
        _person("person", "Or a person", rule.to, "In direct messages, in place of a channel."),
        _text("quiet", "Quiet hours", _quiet(rule), f"{QUIET}: nothing is told then, unless it is critical"),
        _text("cool_down", "Cool-down", _long(rule.cool_down), "4h or 2d after it was over before it is told again"),
        _text(
            "escalate", "Escalate after", _long(rule.escalation.after if rule.escalation else None),
            "4h: if nobody has acknowledged it by then, somebody else is told",
        ),
        _person("escalate_to", "Escalate to", rule.escalation.to if rule.escalation else None, "Who that is."),
    ]  # fmt: skip


def _choice(
    block: str, label: str, options: Mapping[Any, str], chosen: object, *, hint: str | None = None
) -> InputBlock:
    listed = {key: Option(value=str(key), text=text) for key, text in options.items()}
    element = StaticSelectElement(action_id=ID, options=list(listed.values()), initial_option=listed[chosen])
    return InputBlock(block_id=block, label=label, element=element, hint=hint)


def _text(block: str, label: str, value: str, hint: str, *, longest: int = WORDS) -> InputBlock:
    element = PlainTextInputElement(action_id=ID, initial_value=value[:longest] or None, max_length=longest)
    return _input(block, label, element, hint)


def _channel(chosen: str | None) -> InputBlock:
    element = ConversationSelectElement(
        action_id=ID, placeholder="Choose", initial_conversation=_id(chosen, "CG"),
        filter=ConversationFilter(include=["public", "private"]),
    )  # fmt: skip
    return _input("channel", "Channel", element, "One that I am in; empty, and no person either: where you asked.")


def _person(block: str, label: str, chosen: str | None, hint: str) -> InputBlock:
    element = UserSelectElement(action_id=ID, placeholder="Choose", initial_user=_id(chosen, "UW"))
    return _input(block, label, element, hint)


def _id(chosen: str | None, begins: str) -> str | None:
    """Return an id of Slack's that begins so; a name of a rule that no Slack made chooses nothing."""
    return chosen if chosen and chosen[0] in begins and chosen.isalnum() and chosen.isupper() else None


def _input(block: str, label: str, element: InputInteractiveElement, hint: str) -> InputBlock:
    return InputBlock(block_id=block, label=label, element=element, optional=True, hint=hint)


def _where(rule: AlertRule, *, anyway: bool) -> str:
    words = written(rule.filters).removeprefix("where ")
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
