"""An event out of order as one message: what it costs, why, what to do, and three buttons that say what it was."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, ContextBlock, SectionBlock

from bot.actions import Action
from bot.blocks.text import FALLBACK, cut, escape, link, markdown
from finops.anomalies.alerts import Alert, summary
from finops.anomalies.feedback import Verdict
from storage.models import Anomaly, AnomalyFeedback

TITLE, CAUSE, WHY, LINES = 200, 1200, 320, 5
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
    if said is not None:
        blocks.append(ContextBlock(elements=[markdown(verdict(said))]))
    if said is None or said.verdict is Verdict.REAL:  # what is real can still be fixed
        chosen = (Action.ANOMALY_FIXED,) if said else tuple(BUTTONS)
        blocks.append(ActionsBlock(elements=[_button(one, row) for one in chosen]))
    return blocks


def _section(text: str) -> SectionBlock:
    return SectionBlock(text=markdown(text))


def _shown(text: str, limit: int) -> str:
    return escape(cut(text, limit))


def _button(action: Action, row: Anomaly) -> ButtonElement:
    return ButtonElement(text=SAID[BUTTONS[action]], action_id=action, value=str(row.id))


def verdict(said: AnomalyFeedback) -> str:
    """Tell who said what of it, and when."""
    who = f" by <@{said.who}>" if said.who.isalnum() else ""
    return f"*{SAID[said.verdict]}*, said{who} on {said.at:%-d %b %Y at %H:%M} UTC"


def many(told: Sequence[Alert]) -> list[Block]:
    """Return one message about the past: its sentence, and its largest with their causes, what goes on first."""
    ranked = sorted(told, key=lambda one: (not one.lasts, -abs(one.of_late)))
    lines = [
        " ".join(
            [
                f"• *{_shown(one.title(), TITLE)}*, {escape(one.when())}.",
                *([_shown(one.cause, WHY)] if one.cause else []),
            ]
        )
        for one in ranked[:LINES]
    ]
    more = "`costs anomalies --all` lists every one. What is new is told as it comes, one message each."
    return [
        _section(f"*{_shown(past(told), TITLE)}*" + "".join(f"\n{line}" for line in lines)),
        ContextBlock(elements=[markdown(more)]),
    ]


def past(told: Sequence[Alert]) -> str:
    """Return the sentence about the past."""
    return summary(told, since=min(one.days.start for one in told))
