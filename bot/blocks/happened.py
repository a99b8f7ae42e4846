"""One thing that happened to a recommendation, as the line that its thread gets."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, SectionBlock

from bot.blocks.text import cut, escape, markdown
from bot.members import mention
from finops.recommendations import kinds, owning
from finops.recommendations.lifecycle import Happened, State
from storage.models import Recommendation, RecommendationEvent

TITLE, SHORT, NOTE = 150, 100, 400


def line(row: Recommendation, event: RecommendationEvent) -> str:
    """Say who did what, when, and what followed from it."""
    who = "the analysis" if event.who == "costs" and not event.workspace else mention(event.who)
    note = escape(cut(event.note, NOTE)) if event.note else ""
    reason = f": {note}" if note else ""
    until = f" until {row.until:%-d %b %Y}" if row.until else ""
    said = {
        Happened.FOUND: f"found by {who}",
        Happened.RENEWED: f"looked at anew{reason}. Approvals given before no longer count",
        Happened.EXPIRED: f"expired{reason}",
        Happened.OPENED: f"opened again by {who}{reason}",
        Happened.APPROVED: f"approved by {who}{f' ({note})' if note else ''}{_what_next(event)}",
        Happened.DISMISSED: f"dismissed{until} by {who}{reason}",
        Happened.SNOOZED: f"put off{until} by {who}",
        Happened.ASSIGNED: f"assigned to {mention(event.note or '')} by {who}",
        Happened.ASKED: f"{who} asked its owner, {mention(event.note or '')}",
        Happened.ANSWERED: f"its owner, {who}, {owning.said(row.recommendation_type, note)}",
        Happened.DONE: f"carried out, says {who}. From now on it is held against the bill",
        Happened.MEASURED: note,
        Happened.UNMEASURED: note,
    }[event.act]
    return f"*{escape(cut(row.title, TITLE))}*: {said}. _{event.at:%-d %b %Y, %H:%M} UTC_"


def _what_next(event: RecommendationEvent) -> str:
    return "" if event.after is State.APPROVED else "; more are needed"


def together(told: Sequence[tuple[Recommendation, RecommendationEvent]]) -> tuple[str, list[Block]]:
    """Return the fallback text and the blocks of what somebody approved at once: a line each under one for all."""
    first = told[0][1]
    sums = escape(" and ".join(map(str, kinds.totals([row for row, _ in told]))))
    text = f"*{len(told)} at once*, saving {sums} a month: approved by {mention(first.who)}."
    text += f" _{first.at:%-d %b %Y, %H:%M} UTC_"
    lines = [f"• {escape(cut(row.title, SHORT))}{_counted(event)}" for row, event in told]
    return text, [SectionBlock(text=markdown("\n".join([text, *lines])))]


def _counted(event: RecommendationEvent) -> str:
    note = f" ({escape(cut(event.note, SHORT))})" if event.note else ""
    return f"{note}{_what_next(event)}"


def build(row: Recommendation, event: RecommendationEvent) -> tuple[str, list[Block]]:
    """Return the fallback text and the blocks of the line."""
    text = line(row, event)
    return text, [SectionBlock(text=markdown(text))]
