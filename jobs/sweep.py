"""The sweep: jobs whose worker died go back to the queue, runs without a process end, old records go."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from finops.errors import UnknownWordError
from jobs import queue
from storage import alert_caps, alert_changes, alive, asking, inbox, outbox, runs, slots, surprises, workspaces
from storage.database import transaction
from storage.health import SILENT
from storage.models import Outcome

KEEP = timedelta(days=30)
REPLIES = timedelta(days=3)
"""What somebody was answered is kept as long as what they sent."""

# The queue's own functions cannot take part in our transaction, so its tables are asked directly.
_STALLED = text("""
    select job.id, job.args from procrastinate_jobs job
    left join procrastinate_workers worker on worker.id = job.worker_id
    where job.status = 'doing' and (worker.id is null or worker.last_heartbeat < now() - :silent)
    for update of job skip locked
""")
_FINISH = text("select procrastinate_finish_job_v1(:id, 'failed', true)")
_CHATTER = text("""
    delete from runs where job in ('deliver', 'sweep') and outcome = 'succeeded' and started_at < :before
    and not exists (select from artifacts where artifacts.run_id = runs.id)
""")

log = logging.getLogger(__name__)


def run() -> dict[str, Any]:
    """Sweep once."""
    now = datetime.now(UTC)
    with transaction() as session:
        returned = give_back(session)
    with transaction() as session:
        ended = end_lost_runs(session, now=now)
    with transaction() as session:
        pruned = slots.prune(session, older_than=now - KEEP)
        session.execute(_CHATTER, {"before": now - KEEP})
        forget(session, now=now)
    return {"given_back": returned, "lost_runs": ended, "pruned_slots": pruned}


def forget(session: Session, *, now: datetime) -> None:
    """Let go of what Slack sent and was answered, what threads were about, and errors, once they are old enough."""
    inbox.prune(session, now=now)
    for kind in ("slack_reply", "slack_answer", "slack_chart", "slack_awaited"):
        outbox.prune(session, kind, before=now - REPLIES)
    asking.forget(session, before=now - KEEP)
    surprises.prune(session, now=now)
    alert_caps.prune(session, before=(now - KEEP).date())
    alert_changes.forget(session, before=now - KEEP)
    workspaces.prune(session, now=now)


def give_back(session: Session, *, silent: timedelta = SILENT) -> list[str]:
    """Queue anew what dead workers held; what has already killed its worker several times is given up, loudly."""
    names = []
    for job_id, arguments in session.execute(_STALLED, {"silent": silent}).all():
        session.execute(_FINISH, {"id": job_id})
        work = queue.Work(**arguments)
        again = work.next_attempt()
        if again is None:
            log.error("The job %s is given up: its worker died %s times while running it", work.name, work.attempt)
            continue
        try:
            queue.defer(session, again)
        except UnknownWordError as error:
            log.warning("A job in the queue is dropped: %s", error)
            continue
        names.append(work.name)
    return names


def end_lost_runs(session: Session, *, now: datetime) -> int:
    """Mark the runs whose process ended as failed."""
    found = alive.lost(session, now=now)
    for one in found:
        runs.finish(session, one.id, outcome=Outcome.FAILED, error=alive.GONE)
    return len(found)
