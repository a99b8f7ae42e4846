"""Alert rules that cannot be judged: told once, where the rule tells, while it lasts."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy.orm import Session

from finops.errors import CostsError
from finops.foreign import plain
from storage import alert_files, alert_rules, alert_ways, outbox, surprises
from storage.alert_ways import Text
from storage.models import AlertRuleRow
from storage.posted import KIND

PLACE = "alerts"
"""Where a surprise happened, as `costs errors` tells it."""
UNTIL = "Until that is mended this rule tells nothing; the other rules are judged as ever."
HELD = "Until that is mended the rules hold that were read last."


def failed(session: Session, row: AlertRuleRow, error: Exception, *, at: datetime) -> str:
    """Keep why a rule cannot be judged, and tell it when that is new; returns why, for whoever runs the job.

    Of what nobody expected the id is told by which `costs errors` explains it; while it lasts that is kept once.
    """
    row.failure = str(error) if isinstance(error, CostsError) else _surprised(session, row, error)
    if row.failing_since is None:
        row.failing_since = at
        told = {"title": f"The alert rule “{plain(row.name)}” cannot be judged.", "text": f"{row.failure} {UNTIL}"}
        alert_ways.put(
            session, _whom(row), lambda: Text(title=told["title"], lines=[told["text"]]), payload={"alert": told},
            key=f"alert rule {row.id} fails since {at.isoformat()}", workspace=row.workspace,
            not_before=alert_rules.silent_until(row, at),
        )  # fmt: skip
    session.flush()
    return row.failure


def judged(row: AlertRuleRow) -> None:
    """Note that it can be judged: when it fails the next time, that is news."""
    row.failing_since = row.failure = None


def file(session: Session, error: CostsError, *, at: datetime) -> bool:
    """Tell the channel of announcements that the file of rules cannot be read, once a week while it says the same.

    Returns whether it is told now.
    """
    digest = hashlib.sha256(str(error).encode()).hexdigest()[:16]
    told = {"title": f"{alert_files.FILE} cannot be read.", "text": f"{error} {HELD}"}
    key = f"{alert_files.FILE} {digest} in {at:%G-W%V}"
    return outbox.put(session, key=key, kind=KIND, payload={"channel": None, "alert": told})


def _surprised(session: Session, row: AlertRuleRow, error: Exception) -> str:
    begins = f"Something went wrong on our side ({type(error).__name__})"
    if row.failure and row.failure.startswith(begins):
        return row.failure
    name = surprises.number()
    asked = f"judging the alert rule {row.name}"
    surprises.keep(session, error, name=name, place=PLACE, asked=asked, who="", workspace=row.workspace)
    return f"{begins}: `costs errors {name}` explains it."


def _whom(row: AlertRuleRow) -> str | None:
    """Return where it tells, as far as what is kept, which may be unsound, says so."""
    held: object = row.rule
    to = held.get("to") if isinstance(held, dict) else None
    return to if isinstance(to, str) else None
