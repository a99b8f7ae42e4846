"""An event out of order as one message: what it costs, why, what to do, and three buttons that say what it was."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, ContextBlock, SectionBlock

from bot.actions import Action
from bot.blocks.text import FALLBACK, cut, escape, link, markdown
from bot.questions import CostQuestion, Kind
from finops.anomalies.alerts import Alert, summary
from finops.anomalies.feedback import Verdict
from storage.models import Anomaly, AnomalyFeedback

TITLE, CAUSE, WHY, LINES, ID = 200, 1200, 320, 5, 8
SAID = {
    Verdict.EXPECTED: "Expected",
    Verdict.REAL: "Real",
    Verdict.FIXED: "Fixed",
}
"""What a person says of an event, on its button."""
BUTTONS = {
    Action.ANOMALY_EXPECTED: Verdict.EXPECTED,
    Action.ANOMALY_REAL: Verdict.REAL,
    Action.ANOMALY_FIXED: Verdict.FIXED,
}


def sentence(told: Alert) -> str:
    """Return what a notification shows: it makes sense alone."""
    return cut(escape(told.sentence()), FALLBACK)


def build(row: Anomaly, told: Alert, *, evidence: str | None, said: AnomalyFeedback | None) -> list[Block]:
    """Return the message. Names of services and the cause are foreign, so they mark up and call nobody."""
    mark = "📈" if told.excess > 0 else "📉"
    blocks: list[Block] = [
        _section(f"{mark} *{_shown(told.title(), TITLE)}*\n{_shown(told.amounts(), CAUSE)} {escape(told.course())}")
    ]
    if told.cause:
        blocks.append(_section(f"*Why:* {_shown(told.cause, CAUSE)}"))
    page = link(evidence, "Evidence")
    blocks.append(ContextBlock(elements=[markdown(" · ".join(one for one in (escape(told.step()), page) if one))]))
    return [*blocks, *judging(row.id, said)]


def judging(event: uuid.UUID, said: AnomalyFeedback | None) -> list[Block]:
    """Return what was said of an event, and the buttons that say what it was, as far as something is left to say."""
    blocks: list[Block] = [ContextBlock(elements=[markdown(verdict(said))])] if said is not None else []
    if said is None or said.verdict is Verdict.REAL:  # what is real can still be fixed
        chosen = (Action.ANOMALY_FIXED,) if said else tuple(BUTTONS)
        blocks.append(ActionsBlock(elements=[_button(one, event) for one in chosen]))
    return blocks


def kept(said: AnomalyFeedback) -> str:
    """Return what whoever pressed a button is told where no message shows it."""
    return f"Kept: {verdict(said)}. What people say moves how rare an alarm of these costs has to be."


def _section(text: str) -> SectionBlock:
    return SectionBlock(text=markdown(text))


def _shown(text: str, limit: int) -> str:
    return escape(cut(text, limit))


def _button(action: Action, event: uuid.UUID) -> ButtonElement:
    return ButtonElement(text=SAID[BUTTONS[action]], action_id=action, value=str(event))


def verdict(said: AnomalyFeedback) -> str:
    """Tell who said what of it, and when."""
    who = f" by <@{said.who}>" if said.who.isalnum() else ""
    return f"*{SAID[said.verdict]}*, said{who} on {said.at:%-d %b %Y at %H:%M} UTC"


def many(told: Sequence[tuple[uuid.UUID, Alert]]) -> list[Block]:
    """Return one message about the past: its sentence, and its largest with their causes, what goes on first.

    The button of each asks why, which is where people say what it was.
    """
    ranked = sorted(told, key=lambda one: (not one[1].lasts, -abs(one[1].of_late)))
    more = "*Why* tells all of one, and takes what you say of it. What is new is told as it comes, one message each."
    return [
        _section(f"*{_shown(past([one for _, one in told]), TITLE)}*"),
        *(_line(event, one) for event, one in ranked[:LINES]),
        ContextBlock(elements=[markdown(more)]),
        ActionsBlock(elements=[_ask("All anomalies", CostQuestion(kind=Kind.ANOMALIES))]),
    ]


def _line(event: uuid.UUID, one: Alert) -> SectionBlock:
    cause = f" {_shown(one.cause, WHY)}" if one.cause else ""
    text = f"• *{_shown(one.title(), TITLE)}*, {escape(one.when())}.{cause}"
    why = CostQuestion(kind=Kind.WHY, identifier=str(event)[:ID])
    return SectionBlock(text=markdown(text), accessory=_ask("Why", why))


def _ask(words: str, question: CostQuestion) -> ButtonElement:
    return ButtonElement(text=words, action_id=Action.ASK, value=str(question))


def past(told: Sequence[Alert]) -> str:
    """Return the sentence about the past."""
    return summary(told, since=min(one.days.start for one in told))
