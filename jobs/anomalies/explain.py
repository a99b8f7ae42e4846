"""Has the notebook make the evidence of an event: why it is, in one sentence, and the page that shows it."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence

from finops.anomalies.results import AnomalyResult
from finops.anomalies.scopes import Of, Scope
from finops.errors import CostsError
from jobs import notebooks
from storage import allocation, anomalies
from storage.database import transaction
from storage.models import Anomaly
from storage.settings import settings

NOTEBOOK = "anomalies"
MOST = 5
"""Pages of one run: each takes a few seconds."""

log = logging.getLogger(__name__)


def made(rows: Sequence[Anomaly]) -> int:
    """Explain these events, the most important first, as many as a run makes pages. Returns how many were explained.

    One whose notebook fails goes without: its amounts are known all the same, and its run says why.
    """
    return sum(_explained(row) for row in rows[:MOST])


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


def _keep(anomaly_id: uuid.UUID, run_id: uuid.UUID, result: AnomalyResult) -> None:
    causes = [cause.model_dump(mode="json") for cause in result.causes]
    with transaction() as session:
        anomalies.explain(
            session, anomalies.get(session, anomaly_id), run_id=run_id, sentence=result.said, causes=causes
        )
