"""Known events as they are kept: recorded one by one, or brought by a file, each workspace's apart."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Text, cast, delete, func, select
from sqlalchemy.orm import Session

from finops.errors import UnknownWordError
from finops.known_events import KnownEvent
from finops.periods import Period
from storage.models import KnownEventRow

COMMAND_LINE = ""
"""The workspace of what the command line records; its events are everybody's."""
EXAMPLE = "`costs events list` shows each with its id."


def add(
    session: Session, event: KnownEvent, *, by: str, workspace: str = COMMAND_LINE, source: str | None = None
) -> tuple[KnownEventRow, bool]:
    """Record an event; returns its row and whether it is new: the same again is one."""
    row = KnownEventRow(
        workspace=workspace,
        title=event.title,
        kind=event.kind,
        first_day=event.first,
        end_day=event.end,
        scope={word: list(values) for word, values in event.where.items()},
        link=event.link,
        source=source,
        added_by=by,
    )
    same = ("workspace", "title", "first_day", "end_day", "scope")
    known = session.scalar(
        select(KnownEventRow)
        .where(*(getattr(KnownEventRow, name) == getattr(row, name) for name in same))
        .where(KnownEventRow.source.is_not_distinct_from(source))
        .limit(1)
    )
    if known:
        return known, False
    session.add(row)
    session.flush()
    return row, True


def replace(
    session: Session, source: str, events: Iterable[KnownEvent], *, by: str, workspace: str = COMMAND_LINE
) -> tuple[int, int]:
    """Keep what a file or calendar brings now in place of what it brought before; returns how many are new, and gone.

    What is as it was keeps its row, with who brought it and when.
    """
    held = KnownEventRow.workspace == workspace, KnownEventRow.source == source
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"known events {workspace} {source}"))))
    before = set(session.scalars(select(KnownEventRow.id).where(*held)))
    made = [add(session, one, by=by, workspace=workspace, source=source) for one in events]
    gone = before - {row.id for row, _ in made}
    session.execute(delete(KnownEventRow).where(KnownEventRow.id.in_(gone)))
    return sum(new for _, new in made), len(gone)


def remove(session: Session, text: str, *, workspace: str = COMMAND_LINE) -> KnownEventRow:
    """Take out the one whose id begins so. Raises UnknownWordError."""
    found = list(
        session.scalars(
            select(KnownEventRow)
            .where(KnownEventRow.workspace == workspace)
            .where(cast(KnownEventRow.id, Text).startswith(text.strip().lower(), autoescape=True))
            .limit(2)
        )
    )
    if len(found) != 1 or not text.strip():
        raise UnknownWordError(text[:60], None, EXAMPLE)
    session.delete(found[0])
    return found[0]


def listed(session: Session, period: Period | None = None, *, workspace: str = COMMAND_LINE) -> list[KnownEventRow]:
    """Return the rows of a workspace that touch a period, or all, in the order of their days."""
    asked = select(KnownEventRow).where(KnownEventRow.workspace == workspace)
    if period is not None:
        asked = asked.where(KnownEventRow.first_day < period.end, KnownEventRow.end_day > period.start)
    return list(session.scalars(asked.order_by(KnownEventRow.first_day, KnownEventRow.title, KnownEventRow.id)))


def between(session: Session, period: Period, *, workspace: str | None = None) -> list[KnownEvent]:
    """Return the events that touch a period: of all workspaces, or of one together with the command line's.

    The ledger is one for all workspaces, and so are the pages that show it.
    """
    asked = select(KnownEventRow).where(KnownEventRow.first_day < period.end, KnownEventRow.end_day > period.start)
    if workspace is not None:
        asked = asked.where(KnownEventRow.workspace.in_({workspace, COMMAND_LINE}))
    found = map(value, session.scalars(asked.order_by(KnownEventRow.first_day, KnownEventRow.title)))
    return list({one.model_dump_json(): one for one in found}.values())  # a file and a person may both tell of it


def added_since(session: Session, period: Period, moment: datetime) -> bool:
    """Whether an event of these days was recorded after a moment."""
    asked = select(KnownEventRow.id).where(
        KnownEventRow.first_day < period.end, KnownEventRow.end_day > period.start, KnownEventRow.added_at > moment
    )
    return session.scalar(asked.limit(1)) is not None


def value(row: KnownEventRow) -> KnownEvent:
    """Return what a row records."""
    where = {word: tuple(values) for word, values in row.scope.items()}
    return KnownEvent.model_construct(
        title=row.title, kind=row.kind, first=row.first_day, end=row.end_day, where=where, link=row.link
    )
