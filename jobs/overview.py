"""The timetable as people see it: when each job runs next and how it went the last time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from jobs import slots
from jobs.schedule import SCHEDULE, Entry
from storage import runs
from storage.database import transaction
from storage.models import Run

Line = dict[str, Any]


def lines(*, now: datetime | None = None) -> list[Line]:
    """Return one value a job."""
    at = now or datetime.now(UTC)
    with transaction() as session:
        return [_line(entry, runs.latest(session, entry.name, outcome=None), at) for entry in SCHEDULE]


def _line(entry: Entry, last: Run | None, now: datetime) -> Line:
    return {
        "job": entry.name,
        "does": entry.does,
        "cron": entry.cron,
        "timezone": entry.timezone,
        "next": slots.following(entry.cron, entry.timezone, now).isoformat(),
        "last_started": last.started_at.isoformat() if last else None,
        "last_outcome": last.outcome.value if last else None,
        "last_error": last.error if last else None,
        "last_result": last.result if last else None,
    }


def table(rows: list[Line]) -> str:
    """Draw it for a terminal."""
    head = ("JOB", "WHEN", "NEXT", "LAST", "WHAT IT DOES")
    cells = [head, *(_cells(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    drawn = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    wrong = [f"{row['job']}: {row['last_error']}" for row in rows if row["last_error"]]
    return "\n".join([*drawn, *([""] if wrong else []), *wrong])


def _cells(row: Line) -> tuple[str, ...]:
    last = f"{row['last_outcome']} {_short(row['last_started'])}" if row["last_started"] else "never"
    return (row["job"], f"{row['cron']} {row['timezone']}", _short(row["next"]), last, row["does"])


def _short(instant: str) -> str:
    return datetime.fromisoformat(instant).astimezone(UTC).strftime("%a %d %b %H:%M")
