"""An alert of somebody's rule as one message: how bad, how much, whether it rises, whose it is, what to do about it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, ContextBlock, SectionBlock

from bot import members
from bot.actions import Action
from bot.blocks.text import FALLBACK, cut, escape, link, markdown
from finops.alerting.kinds import Severity
from finops.alerting.lifecycle import AlertState, AlertVerdict
from finops.tables import moment

TITLE, AMOUNTS, LINES, LINE = 400, 900, 10, 200
MARKS = {Severity.INFO: "🔵", Severity.WARNING: "🟠", Severity.CRITICAL: "🔴"}
OVER = "🟢"
WORDS = {
    Action.ALERT_ACKNOWLEDGE: "Acknowledge",
    Action.ALERT_SNOOZE: "Snooze",
    Action.ALERT_EXPECTED: "Expected",
    Action.ALERT_ASSIGN: "Assign",
    Action.ALERT_WHY: "Why",
}
"""What the buttons say."""
ALSO = (Action.ALERT_ASSIGN, Action.ALERT_WHY)
BUTTONS = {
    AlertState.FIRING: (Action.ALERT_ACKNOWLEDGE, Action.ALERT_SNOOZE, Action.ALERT_EXPECTED, *ALSO),
    AlertState.ACKNOWLEDGED: (Action.ALERT_SNOOZE, Action.ALERT_EXPECTED, *ALSO),
    AlertState.SNOOZED: (Action.ALERT_ACKNOWLEDGE, Action.ALERT_SNOOZE, Action.ALERT_EXPECTED, *ALSO),
    AlertState.OVER: (Action.ALERT_EXPECTED, Action.ALERT_WHY),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One alert as people read it; all texts may hold foreign names, ids are Slack's."""

    id: uuid.UUID
    severity: Severity
    state: AlertState
    sentence: str
    amounts: str
    course: str
    scope: str
    rule: str
    step: str
    owner: str | None = None
    evidence: str | None = None
    verdict: AlertVerdict | None = None
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    snoozed_until: datetime | None = None
    assigned_to: str | None = None
    escalated: bool = False
    """Whether this message goes to whom it was escalated."""

    def title(self) -> str:
        """Tell how bad it is, and what."""
        return f"{'Over' if self.state is AlertState.OVER else str(self.severity).capitalize()}: {self.sentence}"


def sentence(told: Told) -> str:
    """Return what a notification shows: it makes sense alone."""
    return cut(escape(" ".join(one for one in (told.title(), told.amounts, told.course, told.step) if one)), FALLBACK)


def build(told: Told) -> list[Block]:
    """Return the message."""
    mark = OVER if told.state is AlertState.OVER else MARKS[told.severity]
    lines = [f"{mark} *{escape(cut(told.title(), TITLE))}*", _shown(f"{told.amounts} {told.course}".strip(), AMOUNTS)]
    lines.append(f"*Scope:* {_shown(told.scope, LINE)}" + (f" · {members.mention(told.owner)}" if told.owner else ""))
    about = [_shown(told.step, LINE), link(told.evidence, "Evidence"), f"Rule {_shown(told.rule, LINE)}"]
    blocks: list[Block] = [
        SectionBlock(text=markdown("\n".join(one for one in lines if one))),
        ContextBlock(elements=[markdown(" · ".join(one for one in about if one))]),
    ]
    if said := status(told):
        blocks.append(ContextBlock(elements=[markdown(said)]))
    blocks.append(ActionsBlock(elements=[_button(one, told.id) for one in _buttons(told)]))
    return blocks


def _buttons(told: Told) -> list[Action]:
    gone = {Action.ALERT_EXPECTED} if told.verdict is AlertVerdict.EXPECTED else set()
    if told.state is AlertState.SNOOZED and told.acknowledged_by:  # what its status says is not asked again
        gone |= {Action.ALERT_ACKNOWLEDGE}
    return [one for one in BUTTONS[told.state] if one not in gone]


def _button(action: Action, alert: uuid.UUID) -> ButtonElement:
    style = "primary" if action is Action.ALERT_ACKNOWLEDGE else None
    return ButtonElement(text=WORDS[action], action_id=action, value=str(alert), style=style)


def status(told: Told) -> str:
    """Tell who did what about it."""
    by = f" by {members.mention(told.acknowledged_by)}" if told.acknowledged_by else ""
    at = f" on {told.acknowledged_at:%-d %b at %H:%M} UTC" if told.acknowledged_at else ""
    said = "*Expected*, said" if told.verdict is AlertVerdict.EXPECTED else "*Acknowledged*"
    parts = [
        "*Escalated to you:* nobody has acknowledged it yet" if told.escalated and not by else "",
        f"{said}{by}{at}" if by else "*Expected*" if told.verdict is AlertVerdict.EXPECTED else "",
        f"*Snoozed* until {moment(told.snoozed_until)}"
        if told.snoozed_until and told.state is AlertState.SNOOZED
        else "",
        f"Assigned to {members.mention(told.assigned_to)}" if told.assigned_to else "",
    ]
    return " · ".join(one for one in parts if one)


def refusal(told: Told) -> str:
    """Tell who comes too late how it stands, as markup."""
    return status(told) if told.state is not AlertState.OVER else "It is over already, so there is nothing to decide."


def many(rule: str, told: Sequence[Told]) -> list[Block]:
    """Return one message about many alerts of a rule."""
    lines = [f"• {_shown(one.sentence, LINE)}" for one in told[:LINES]]
    left = f"\n… and {len(told) - LINES} more" if len(told) > LINES else ""
    head = f"{MARKS[told[0].severity]} *{escape(many_sentence(rule, told))}*"
    return [
        SectionBlock(text=markdown("\n".join([head, *lines]) + left)),
        ContextBlock(elements=[markdown("`/cost alerts` lists each of them.")]),
    ]


def many_sentence(rule: str, told: Sequence[Told]) -> str:
    """Tell them in one sentence; foreign."""
    severity = str(told[0].severity).capitalize()
    if told[0].escalated:
        what = f"{len(told)} alerts of the rule {cut(rule, LINE)}"
        return f"{severity}, escalated to you: nobody has acknowledged {what}."
    return f"{severity}: the rule {cut(rule, LINE)} found {len(told)} at once."


def _shown(text: str, limit: int) -> str:
    return escape(cut(text, limit))
