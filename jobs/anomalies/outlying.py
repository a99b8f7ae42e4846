"""Events that Slack is told of, for the outlets that want them, too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from finops.outlets import Tells
from storage import accounts, alerts, anomaly_scopes, outlets, runs
from storage.anomalies import Recorded
from storage.artifacts import link
from storage.models import Anomaly
from storage.settings import settings

FRESH = timedelta(days=2)
"""Since an event was found: an outlet that was set up today is not told of last month."""


def tell(session: Session, recorded: Recorded) -> int:
    """Write down what each outlet is told: events that a message of their own tells of. Returns how many are new.

    Raises BadSettingError for outlets.yaml.
    """
    wanted = [one for one in outlets.outlets(settings().home) if Tells.ANOMALIES in one.tells]
    since = datetime.now(UTC) - FRESH
    rows = [row for row in (*recorded.new, *recorded.going) if row.found_at >= since] if wanted else []
    told = alerts.told_alone(session, rows) if rows else []
    if not told:
        return 0
    called, last = accounts.labels(session), alerts.through(session)
    return sum(
        outlets.put(
            session, outlet, key=f"anomaly {row.id}", title=alert.title(), lines=[alert.sentence()],
            link=_page(session, row),
        )
        for outlet in wanted
        for row, alert in [
            (row, alerts.alert(row, called, last)) for row in anomaly_scopes.of(session, told, outlet.filters)
        ]
    )  # fmt: skip


def _page(session: Session, row: Anomaly) -> str | None:
    page = runs.page(session, row.run_id) if row.run_id else None
    return link(page) if page else None
