"""How fast Slack is spoken to, all processes taken together: who may, does; who may not is told how long to wait."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storage.models import SlackPace

POST = timedelta(seconds=1)
"""A channel takes one message a second (https://docs.slack.dev/apis/web-api/rate-limits)."""
HISTORY = timedelta(seconds=60)
"""A workspace's histories are read once a minute by apps that are in no marketplace (same page)."""


def take(session: Session, *, workspace: str, what: str, every: timedelta) -> timedelta:
    """Take the next turn, if it is now; returns zero, or how long to wait and ask again."""
    now = func.clock_timestamp()
    turn = insert(SlackPace).values(workspace=workspace, what=what, free_at=now + every)
    mine = turn.on_conflict_do_update(
        index_elements=["workspace", "what"], set_={"free_at": now + every}, where=SlackPace.free_at <= now
    )
    if session.scalar(mine.returning(SlackPace.what)) is not None:
        return timedelta(0)
    this = (SlackPace.workspace == workspace) & (SlackPace.what == what)
    free_at, at = session.execute(select(SlackPace.free_at, now).where(this)).one()
    wait: timedelta = free_at - at
    return max(wait, timedelta(milliseconds=50))


def pause(session: Session, *, workspace: str, what: str, until: timedelta) -> None:
    """Let nobody have a turn for so long: Slack asked for it."""
    free = func.clock_timestamp() + until
    turn = insert(SlackPace).values(workspace=workspace, what=what, free_at=free)
    later = func.greatest(SlackPace.free_at, free)
    session.execute(turn.on_conflict_do_update(index_elements=["workspace", "what"], set_={"free_at": later}))
