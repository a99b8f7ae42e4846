"""An alert rule as people read it in Slack, and as it would be once a change is saved."""

from __future__ import annotations

import uuid

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, ContextBlock, SectionBlock

from bot import members
from bot.actions import Action
from bot.blocks.text import cut, escape, markdown
from finops.alerting.rules import AlertRule

TITLE, CHANNELS = 900, "CG"
WHOM, THEN = "\u2042", "\u2041"
"""Stand for whom a rule tells, at once and when nobody acknowledges it, until the rest is escaped."""


def sentence(rule: AlertRule, longest: int = TITLE) -> str:
    """Return what a rule does as markup, in which channels and people are ones to click."""
    then = rule.escalation and rule.escalation.model_copy(update={"to": THEN})
    told = rule.model_copy(update={"to": rule.to and WHOM, "escalation": then}).sentence()
    shown = escape(cut(told, longest)).replace(WHOM, place(rule.to or ""))
    return shown.replace(THEN, place(rule.escalation.to)) if rule.escalation else shown


def place(to: str) -> str:
    """Return the markup of whom a rule tells: a channel or a person by Slack's id, else as it was written."""
    if not to.isalnum() or not to.isupper():
        return escape(to)
    return f"<#{to}>" if to[0] in CHANNELS else members.mention(to)


def button(chosen: uuid.UUID) -> ButtonElement:
    """Return the button that opens a rule's form."""
    return ButtonElement(text="Edit", action_id=Action.RULE_EDIT, value=str(chosen))


def preview(
    change: uuid.UUID, *, before: AlertRule, after: AlertRule, replayed: str, alerts: str
) -> tuple[str, list[Block]]:
    """Return what would be saved: the sentence, how often it would have told, what becomes of what is open."""
    renamed = f" (until now {escape(before.name)})" if after.name != before.name else ""
    text = f"*As changed, {escape(after.name)}{renamed}* · {after.severity}\n{sentence(after)}\n{escape(replayed)}"
    notes = [f"Until now · {before.severity}: {sentence(before)}", escape(alerts), "Nothing is saved yet."]
    buttons = [
        ButtonElement(text="Save", action_id=Action.RULE_EDIT_SAVE, value=str(change), style="primary"),
        ButtonElement(text="Change", action_id=Action.RULE_EDIT_CHANGE, value=str(change)),
        ButtonElement(text="Cancel", action_id=Action.RULE_CANCEL, value=str(change)),
    ]
    return text, [
        SectionBlock(text=markdown(text)),
        ContextBlock(elements=[markdown("\n".join(one for one in notes if one))]),
        ActionsBlock(elements=list(buttons)),
    ]


def same(rule: AlertRule) -> tuple[str, list[Block]]:
    """Return that nothing would change."""
    text = f"*{escape(rule.name)} is so already,* and nothing was changed. {sentence(rule)}"
    return text, [SectionBlock(text=markdown(text))]


def done(rule: AlertRule, *, alerts: str, again: bool) -> tuple[str, list[Block]]:
    """Return that it is saved."""
    said = "This was saved already" if again else "Saved"
    text = f"*{said}: {escape(rule.name)}* · {rule.severity}\n{sentence(rule)}\n{escape(alerts)}".rstrip()
    return text, [SectionBlock(text=markdown(text))]
