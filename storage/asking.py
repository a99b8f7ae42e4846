"""What channels ask about by default, and what threads are about: each by workspace and channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storage.models import AskedThread, ChannelScope

Filters = Mapping[str, Sequence[str]]


def scope(session: Session, *, workspace: str, channel: str) -> ChannelScope | None:
    """Return what a channel asks about unless it says otherwise; None is everything."""
    return session.get(ChannelScope, (workspace, channel))


def scopes(session: Session, *, workspace: str) -> list[ChannelScope]:
    """Return every channel of a workspace that asks about less than everything, the latest first."""
    here = select(ChannelScope).where(ChannelScope.workspace == workspace)
    return list(session.scalars(here.order_by(ChannelScope.set_at.desc(), ChannelScope.channel)))


def set_scope(session: Session, filters: Filters, *, workspace: str, channel: str, by: str) -> None:
    """Have a channel ask about these costs from now on."""
    values = {"filters": {name: list(each) for name, each in filters.items()}, "set_by": by}
    statement = insert(ChannelScope).values(workspace=workspace, channel=channel, **values)
    changed = {**values, "set_at": func.now()}
    session.execute(statement.on_conflict_do_update(index_elements=["workspace", "channel"], set_=changed))
    session.expire_all()


def clear_scope(session: Session, *, workspace: str, channel: str) -> bool:
    """Have a channel ask about everything again; returns whether it did not before."""
    here = (ChannelScope.workspace == workspace, ChannelScope.channel == channel)
    return session.scalar(delete(ChannelScope).where(*here).returning(ChannelScope.channel)) is not None


def note(session: Session, question: str, *, workspace: str, channel: str, thread: str, by: str) -> None:
    """Keep what a thread is about now."""
    values = {"question": question, "asked_by": by}
    statement = insert(AskedThread).values(workspace=workspace, channel=channel, thread=thread, **values)
    key = ["workspace", "channel", "thread"]
    session.execute(statement.on_conflict_do_update(index_elements=key, set_={**values, "asked_at": func.now()}))


def above(session: Session, *, workspace: str, channel: str, thread: str) -> str | None:
    """Return the question above in a thread, or None if nothing was asked there."""
    found = session.get(AskedThread, (workspace, channel, thread))
    return found.question if found else None


def note_askers(session: Session, found: Sequence[tuple[str, str]]) -> None:
    """Keep who asked, each with their workspace, where no thread hangs on it: by a command, or with a button."""
    rows = [
        {"workspace": workspace, "channel": "", "thread": who, "question": "", "asked_by": who}
        for workspace, who in found
    ]
    key = ["workspace", "channel", "thread"]
    statement = insert(AskedThread).values(rows)
    session.execute(statement.on_conflict_do_update(index_elements=key, set_={"asked_at": func.now()}))


def has_asked(session: Session, *, workspace: str, who: str) -> bool:
    """Whether somebody asked anything lately, wherever that was."""
    theirs = (AskedThread.workspace == workspace) & (AskedThread.asked_by == who)
    return session.scalar(select(AskedThread.thread).where(theirs).limit(1)) is not None


def forget(session: Session, *, before: datetime) -> None:
    """Forget threads in which nothing was asked for long."""
    session.execute(delete(AskedThread).where(AskedThread.asked_at < before))
