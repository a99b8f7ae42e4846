"""Whom the names in the tags `owner` and `team` stand for, in Slack."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from finops.people import Person
from storage.models import ResourceOwner


def put(session: Session, name: str, subject: str, *, by: Person) -> None:
    """Say whom a name stands for, in `by`'s workspace, in the place of who was named before."""
    new = insert(ResourceOwner).values(
        workspace=by.workspace, name=name.strip().lower(), subject=subject, set_by=by.user
    )
    anew = {"subject": new.excluded.subject, "set_by": new.excluded.set_by, "set_at": new.excluded.set_at}
    session.execute(new.on_conflict_do_update(index_elements=["workspace", "name"], set_=anew))


def named(session: Session, *, workspace: str) -> list[ResourceOwner]:
    """Return every name that is known in a workspace."""
    here = select(ResourceOwner).where(ResourceOwner.workspace == workspace)
    return list(session.scalars(here.order_by(ResourceOwner.name)))


def of(session: Session, names: Iterable[object], *, workspace: str) -> str | None:
    """Return Slack's id of the first of these names that stands for somebody."""
    known = {one.name: one.subject for one in named(session, workspace=workspace)}
    found = (known.get(name.strip().lower()) for name in names if isinstance(name, str))
    return next((one for one in found if one), None)
