"""Has the notebook make the evidence of an event: why it is, in one sentence, and the page that shows it."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from finops.anomalies import causes, commitments
from finops.anomalies.compared import compared
from finops.anomalies.results import AnomalyResult
from finops.anomalies.scopes import Of, Scope
from finops.errors import CostsError
from finops.focus import Metric
from finops.known_events import around
from finops.money import EXACT
from finops.periods import Period
from jobs import notebooks
from jobs.execution import process
from storage import accounts, allocation, anomalies, anomaly_parts, charges, known_events, watched
from storage.database import transaction
from storage.models import Anomaly, Run
from storage.settings import settings

NOTEBOOK = "anomalies"
MOST = 10
"""Pages of one run: each takes a few seconds."""
AT_ONCE = 2
"""Each is a process of its own, and holds some 200 MB."""
OLD, GROWN = timedelta(days=7), Decimal("0.25")
"""A page is made anew for an event that lasts, once it is so old; and for one whose money changed by such a share."""

log = logging.getLogger(__name__)


def made(rows: Sequence[Anomaly]) -> int:
    """Explain these events, the most important first, as many as a run makes pages. Returns how many were explained.

    One whose notebook fails goes without: its amounts are known all the same, and its run says why.
    """
    with ThreadPoolExecutor(AT_ONCE) as side_by_side:
        started = [side_by_side.submit(_explained, row) for row in rows[:MOST]]
        try:
            return sum(one.result() for one in started)
        except KeyboardInterrupt:  # only this thread hears of it
            for one in started:
                one.cancel()
            process.stop_all()
            raise


def due(session: Session, rows: Iterable[Anomaly]) -> list[Anomaly]:
    """Return those without a page, and those whose page lacks what is known now, or tells what is not so any more."""
    known = list(rows)
    asked = select(Run).where(Run.id.in_([row.run_id for row in known if row.run_id]))
    made_by = {run.id: run for run in session.scalars(asked)}
    return [
        row
        for row in known
        if row.run_id is None or _stale(row, made_by[row.run_id]) or _outlived(session, row, made_by[row.run_id])
    ]


def _outlived(session: Session, row: Anomaly, run: Run) -> bool:
    """Whether an event of its days was recorded since its page was made."""
    return known_events.added_since(session, around(Period(row.first_day, row.end_day)), run.started_at)


def _stale(row: Anomaly, run: Run) -> bool:
    told = AnomalyResult.model_validate(run.result)
    moved = abs(EXACT.subtract(row.excess, told.excess)) >= EXACT.multiply(GROWN, abs(told.excess))
    return row.lasts != told.lasts or moved or (row.lasts and datetime.now(UTC) - run.started_at >= OLD)


def told(rows: Sequence[Anomaly]) -> int:
    """Say why these events of the past were, without a page; what cannot be told any more goes without."""
    return sum(_told(row) for row in rows if row.sentence is None)


def _told(row: Anomaly) -> bool:
    """Do what the notebook does, but for its tables and its picture."""
    scope, teams = Scope.read(row.scope), allocation.rules(settings().home, "team")
    try:
        with transaction() as session:
            series, _ = watched.one(session, scope, currency=row.currency, teams=teams)
            days = Period(row.first_day, row.end_day)
            against = compared(series, days)
            parts = anomaly_parts.parts(session, scope, against, currency=row.currency, teams=teams)
            called, settled = accounts.labels(session), charges.settled_through(session)
            known = known_events.between(session, around(days))
    except CostsError as error:
        log.warning("An anomaly goes without its cause: %s", error)
        return False
    event = commitments.judge(scope, series, days)
    found = AnomalyResult.of(
        scope,
        event,
        causes.explain(parts),
        parts,
        called=called,
        currency=row.currency,
        metric=Metric.EFFECTIVE,
        settled_through=settled,
        known=known,
    )
    _keep(row.id, None, found)
    return True


def _explained(row: Anomaly) -> bool:
    days = {"first": str(row.first_day), "end": str(row.end_day)}
    try:
        ran = notebooks.run(NOTEBOOK, {"scope": row.scope, **days, "currency": row.currency, **_rules(row)})
    except CostsError as error:
        log.warning("An anomaly goes without its cause: %s", error)
        return False
    assert isinstance(ran.result, AnomalyResult)  # noqa: S101  the notebook's own model
    _keep(row.id, ran.run_id, ran.result)
    return True


def _rules(row: Anomaly) -> dict[str, str]:
    """Return whose costs a team's are, where the event is a team's."""
    if Scope.read(row.scope).of is not Of.TEAM:
        return {}
    return {"rules": allocation.written(allocation.rules(settings().home, "team"))}


def _keep(anomaly_id: uuid.UUID, run_id: uuid.UUID | None, result: AnomalyResult) -> None:
    why = [cause.model_dump(mode="json") for cause in result.causes]
    with transaction() as session:
        row = anomalies.get(session, anomaly_id)
        anomalies.explain(session, row, run_id=run_id, sentence=result.told(), causes=why)
