"""Every ingest that did or refused something leaves a run behind; a second reading of the same leaves none."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from jobs.bills.results import Ingested, texts
from storage import outbox, posted, runs
from storage.database import transaction
from storage.models import DeliveryStatus, Outcome

JOB = "ingest"
REFUSED, DOUBTED = "A bill of {} was refused; the ledger is as it was.", "A bill of {} was loaded, and looks odd."
SHOWN = 20
"""Paths that are noted; a folder can hold thousands."""
PASSING = re.compile(r"\S*/tmp[a-z0-9_]{8}/(?:\d+-)?")
"""Where a fetched file lay for a moment: another folder every time, and no news."""


def failed(source: str, wanted: str, paths: Sequence[Path], error: str) -> None:
    """Note a delivery that was refused as a whole."""
    with transaction() as session:
        run = runs.begin(session, JOB, parameters=_given(source, wanted, paths))
        runs.finish(session, run.id, outcome=Outcome.FAILED, error=error)
        _alert(session, source, error)


def ended(source: str, paths: Sequence[Path], done: Ingested) -> None:
    """Note what became of each billing period, if anything did."""
    if all(period.status == "unchanged" for period in done.periods):
        return
    told = [
        {
            "billing_period": period.billing_period,
            "status": period.status,
            "rows": period.rows,
            "billed_cost": texts(period.billed_cost),
            "reason": period.reason,
        }
        for period in done.periods
    ]
    refused = "; ".join(f"{one.billing_period}: {one.reason}" for one in done.rejected)
    with transaction() as session:
        run = runs.begin(session, JOB, parameters=_given(source, done.format, paths))
        outcome = Outcome.FAILED if refused else Outcome.SUCCEEDED
        runs.finish(session, run.id, outcome=outcome, error=refused or None, result={"periods": told})
        if refused:
            _alert(session, source, f"{refused}. Give all files of the month together, or load it with --anyway.")
        for one in done.periods:
            if one.reason and one.status == DeliveryStatus.LOADED:
                _alert(session, source, f"{one.billing_period}: {one.reason}.", title=DOUBTED)


def _alert(session: Session, source: str, reason: str, *, title: str = REFUSED) -> None:
    """Tell the channel, once however often the same delivery is told of for the same reason."""
    reason = PASSING.sub("", reason)
    digest = hashlib.sha256(f"{source}\n{reason}".encode()).hexdigest()[:16]
    alert = {"title": title.format(source), "text": reason}
    outbox.put(session, key=f"refused {digest}", kind=posted.KIND, payload={"channel": None, "alert": alert})


def _given(source: str, wanted: str, paths: Sequence[Path]) -> dict[str, object]:
    return {"source": source, "format": wanted, "paths": [str(path) for path in paths[:SHOWN]]}
