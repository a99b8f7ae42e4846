"""The mails of the weekly report: one a week and receiver, and the page that they were made of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from finops.weekly import iso_week
from storage import runs
from storage.models import Artifact, Outbox
from storage.settings import settings

NOTEBOOK = "weekly_costs"


def key(monday: date, address: str) -> str:
    """Say what a mail is: one a week and receiver."""
    return f"weekly {iso_week(monday)} to {address}"


def receivers(named: Iterable[str] | None = None) -> tuple[str, ...]:
    """Return who gets it: those named, or those of MAIL_TO; without any its sender, as mails are files then."""
    found = tuple(settings().receivers if named is None else named)
    return tuple(dict.fromkeys(found or (settings().mail_from,)))


def written(session: Session, monday: date, addresses: Iterable[str]) -> set[str]:
    """Return those of the receivers whose mail of the week that begins on `monday` is written."""
    keys = {key(monday, address): address for address in addresses}
    return {keys[one] for one in session.scalars(select(Outbox.key).where(Outbox.key.in_(keys)))}


def page(session: Session, monday: date) -> Artifact | None:
    """Return the newest page of that week's report, if one was made."""
    run = runs.latest_with(session, f"notebook:{NOTEBOOK}", {"start": str(monday)})
    return runs.page(session, run.id) if run else None
