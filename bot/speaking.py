"""Posting an answer: written down, then posted at once; what Slack does not take now is posted by the outbox."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from bot import charting, deliver, repeated, said
from bot.answers import CostAnswer
from bot.listeners.telling import KNOWN, Body
from bot.said import Payload, Said
from storage import outbox
from storage.database import transaction
from storage.models import Outbox, OutboxState

NOW = timedelta(0)
LATER = "Slack does not take messages for this channel right now: it is posted as soon as it does."
UNSURE = "Slack did not answer me in time. I look whether it is there, and post it if it is not."


def post(body: Body, what: Said, *, workspace: str, once: str = "", chart: Payload | None = None) -> Outbox | None:
    """Post what answers a delivery of Slack's, as `put` does."""
    return put(body, said.KIND, what.payload(), workspace=workspace, once=once, chart=chart)


def put(
    body: Body, kind: str, payload: Payload, *, workspace: str, once: str = "", chart: Payload | None = None
) -> Outbox | None:
    """Post what answers a delivery of Slack's; returns what became of it so far.

    `chart` is to follow it: written down with it, posted by `draw`, or by the outbox if nobody else does. None if the
    same delivery was answered before: then the outbox sees to it that it arrives. `once` says what several deliveries
    have in common of which only one is answered; what Slack refused may be tried again.
    """
    with transaction() as session:
        key = f"answer {repeated.key(body)}" if not once else _untried(session, f"answer {once}", workspace)
        row = outbox.put_claimed(session, workspace=workspace, key=key, kind=kind, payload=payload)
        if row is None:
            return None
        follows = _follow(session, key, chart, workspace) if chart else None
        behind = outbox.is_behind(session, row.id)
        if behind:  # a thread is read in order
            outbox.later(session, row.id, after=NOW)
    if not behind:
        deliver.send(row)
    with transaction() as session:
        posted = session.get_one(Outbox, row.id)
        if follows is not None and posted.state is not OutboxState.SENT:
            outbox.later(session, follows.id, after=NOW)
        return posted


def _follow(session: Session, key: str, chart: Payload, workspace: str) -> Outbox | None:
    after = {**chart, charting.AFTER: key}
    return outbox.put_claimed(session, workspace=workspace, key=charting.key(key), kind=charting.KIND, payload=after)


def draw(answer: Outbox, found: CostAnswer) -> None:
    """Draw the chart of an answer that was just posted, and post it in its thread."""
    drawn = charting.Drawn.of(found)
    with transaction() as session:
        row = outbox.of_key(session, charting.key(answer.key), workspace=answer.workspace)
        mine = charting.fill(session, row, drawn) if row else None
    if mine is not None:
        deliver.send(mine)


def _untried(session: Session, key: str, workspace: str) -> str:
    tries = 0
    while (row := outbox.of_key(session, f"{key} {tries}", workspace=workspace)) and row.state is OutboxState.FAILED:
        tries += 1
    return f"{key} {tries}"


def fate(row: Outbox) -> str:
    """Say what the person has to know of a message that is not there yet; '' of one that is."""
    if row.state is OutboxState.SENT:
        return ""
    if row.state is OutboxState.FAILED:
        code = row.error or "unknown"
        return KNOWN.get(code, f"Slack did not take my answer ({code}).")
    return UNSURE if outbox.maybe_sent(row) else LATER
