"""The way to whom an alert rule tells: a message for Slack, a text for an outlet, or a mail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from finops.alerting.whom import Way, way
from finops.errors import CostsError
from finops.outlets import Outlet
from storage import outbox, outlets
from storage.models import Outbox, OutboxState
from storage.posted import KIND, MISSED
from storage.settings import settings

ABOUT = "about"
"""In the payload of a text for an outlet: what a message for Slack in its place would hold."""
GIVEN_UP = frozenset({OutboxState.FAILED, OutboxState.AMBIGUOUS})


@dataclass(frozen=True, slots=True)
class Text:
    """What is told where nothing is drawn: foreign names and all, as plain text."""

    title: str
    lines: list[str] = field(default_factory=list)
    link: str | None = None


def put(
    session: Session, to: str | None, text: Callable[[], Text], *, key: str, payload: Mapping[str, Any],
    workspace: str = "", not_before: datetime | None = None,
) -> bool:  # fmt: skip
    """Write something down for whom a rule names, once a key; `payload` is what Slack's message is drawn from.

    Returns whether it is new. Where there is no such outlet (any more), the channel of announcements is told so.
    """
    try:
        outlet = _outlet(to)
    except CostsError as error:
        held = {**payload, "channel": None, MISSED: {"to": to, "why": str(error)}}
        return outbox.put(session, workspace=workspace, key=key, kind=KIND, payload=held, not_before=not_before)
    if outlet is None:
        held = {**payload, "channel": to}
        return outbox.put(session, workspace=workspace, key=key, kind=KIND, payload=held, not_before=not_before)
    told, about = text(), {ABOUT: {**payload, "workspace": workspace}}
    return outlets.put(
        session, outlet, key=key, title=told.title, lines=told.lines, link=told.link, about=about, not_before=not_before
    )


def _outlet(to: str | None) -> Outlet | None:
    """Return the outlet that a rule names; None where Slack is asked. Raises UnknownWordError, BadSettingError."""
    kind = way(to) if to else None
    if to is None or kind in {Way.CHANNEL, Way.PERSON}:
        return None
    if kind is Way.MAIL:
        return outlets.address(to)
    try:
        return outlets.named(settings().home, to)
    except CostsError:
        if kind is Way.ID:
            return None
        raise


def tell_again(session: Session, shows: ColumnElement[bool], text: Text, *, key: str) -> int:
    """Tell the outlets of which `shows` is true something more; returns how many texts are new."""
    rows = session.scalars(select(Outbox).where(Outbox.kind == outlets.KIND, shows).order_by(Outbox.id))
    each = {str(row.payload.get("mail", row.payload["outlet"])): row.payload for row in rows}
    found = [one for payload in each.values() if (one := _still(payload)) is not None]
    return sum(
        outlets.put(session, one, key=f"{key} {'; '.join(one.mail)}".strip(), title=text.title, lines=text.lines,
                    link=text.link)
        for one in found
    )  # fmt: skip


def _still(payload: Mapping[str, Any]) -> Outlet | None:
    try:
        return outlets.of(payload)
    except CostsError:  # it was taken out: what it was told first was told elsewhere, or has arrived
        return None


def fall_back(session: Session, message_id: int) -> bool:
    """Tell the channel of announcements what an outlet, or a mail, was given up for; returns whether it is so.

    Only of what a rule sends there: everything else that an outlet is told, Slack is told anyway.
    """
    row = session.get_one(Outbox, message_id, populate_existing=True)
    about = dict(row.payload.get(ABOUT) or {})
    if row.state not in GIVEN_UP or not about:
        return False
    workspace = str(about.pop("workspace", ""))
    to = row.payload["mail"][0] if "mail" in row.payload else row.payload["outlet"]
    held = {**about, "channel": None, MISSED: {"to": to, "why": row.error or ""}}
    return outbox.put(session, workspace=workspace, key=f"{row.key} instead", kind=KIND, payload=held)
