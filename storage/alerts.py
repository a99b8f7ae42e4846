"""Messages about anomalies: one an event at most, and one for all of the past."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from math import log

from sqlalchemy import ColumnElement, case, select
from sqlalchemy.orm import Session

from finops.anomalies.alerts import Alert, whom
from finops.anomalies.detectors import Kind
from finops.anomalies.scopes import Scope
from finops.periods import Period
from storage import accounts, alert_ways, charges, outbox, outlets, runs
from storage.alert_routes import RULE, Route
from storage.alert_ways import Text
from storage.artifacts import link
from storage.models import Anomaly, Outbox
from storage.posted import KIND

ALONE, MONTHLY = "anomaly", "monthly"
"""In a payload: the event that a message is about, and what it cost a month when it was told."""
GROWN = 1.5


def through(session: Session) -> date | None:
    """Return the last settled day of any bill."""
    return max(charges.settled_through(session).values(), default=None)


def alert(row: Anomaly, called: Mapping[str, str], last: date | None) -> Alert:
    """Return an event as people read it; `called` has the names of sub accounts, `last` is what `through` returns."""
    silent = row.lasts and last is not None and row.end_day <= last - charges.ENDED
    return Alert(
        name=Scope.read(row.scope).name(called),
        kind=Kind(row.kind),
        days=Period(row.first_day, row.end_day),
        lasts=row.lasts and not silent,
        silent=silent,
        currency=row.currency,
        expected=row.expected,
        actual=row.actual,
        excess=row.excess,
        so_far=row.excess_so_far,
        monthly=row.monthly,
        cause=row.sentence,
        whom=whom({**one.get("values", {}), **one.get("shared", {})} for one in row.causes or ()),
    )


def put(session: Session, row: Anomaly, route: Route | None = None) -> bool:
    """Write an event's message down, once, to where a rule has it go if one does. Returns whether it is new."""
    payload, key = {ALONE: str(row.id), MONTHLY: str(row.monthly)}, f"anomaly {row.id}"
    if route is None:
        return outbox.put(session, key=key, kind=KIND, payload={"channel": None, **payload})
    payload |= {"severity": route.severity.value, RULE: route.rule}
    return alert_ways.put(
        session, route.to, lambda: _text(session, row), key=key, payload=payload, workspace=route.workspace,
        not_before=route.not_before,
    )  # fmt: skip


def _text(session: Session, row: Anomaly) -> Text:
    told = alert(row, accounts.labels(session), through(session))
    page = runs.page(session, row.run_id) if row.run_id else None
    return Text(title=told.title(), lines=[told.sentence()], link=link(page) if page else None)


def renew(session: Session, rows: Sequence[Anomaly]) -> int:
    """Have posted messages drawn anew in their place whose event is over, or has grown by half since, and half again.

    Returns how many are new.
    """
    by = {str(row.id): row for row in rows}
    alone = Outbox.payload["anomaly"].astext
    asked = select(alone, Outbox.payload[MONTHLY].astext).where(Outbox.kind == KIND, alone.in_(by))
    keys = [(name, change) for name, told in session.execute(asked) for change in _changes(by[name], told)]
    return sum(
        outbox.put(session, key=f"anomaly {name} {change}", kind=KIND, payload={"channel": None, "redraw": name})
        for name, change in keys
    )


def _changes(row: Anomaly, told: str | None) -> list[str]:
    if not row.lasts:
        return [f"is over on {row.end_day}"]
    times = float(row.monthly) / float(told) if told and float(told) else 0.0
    return [f"has grown {int(log(times, GROWN))} times"] if times >= GROWN else []


def put_summary(session: Session, rows: Sequence[Anomaly]) -> bool:
    """Write one message about many events down; none of them gets one of its own. Returns whether it is new."""
    ids = [str(row.id) for row in rows]
    payload = {"channel": None, "anomalies": ids}
    return outbox.put(session, key=f"anomalies of the past, {min(ids)} first", kind=KIND, payload=payload)


def _alone() -> ColumnElement[str | None]:
    """Return the event that a message is about: one of Slack's, or the text that an outlet gets in its place."""
    about = Outbox.payload[alert_ways.ABOUT][ALONE].astext
    return case((Outbox.kind == KIND, Outbox.payload[ALONE].astext), (Outbox.kind == outlets.KIND, about))


def told_alone(session: Session, rows: Sequence[Anomaly]) -> list[Anomaly]:
    """Return those of these events that a message of their own tells of, wherever a rule had it go."""
    alone = _alone()
    asked = select(alone).where(alone.in_([str(row.id) for row in rows]))
    ids = set(session.scalars(asked))
    return [row for row in rows if str(row.id) in ids]


def told(session: Session) -> set[uuid.UUID]:
    """Return the events that a message tells of already."""
    alone, many = _alone(), Outbox.payload["anomalies"]
    kinds = Outbox.kind.in_([KIND, outlets.KIND])
    asked = select(alone, many).where(kinds, (alone.is_not(None)) | (many.as_string().is_not(None)))
    return {
        uuid.UUID(one)
        for single, several in session.execute(asked)
        for one in ([single] if single else [*(several or ())])
    }
