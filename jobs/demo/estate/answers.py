"""What the answers of all three providers are written with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from jobs.demo.estate.fleet import Machine
from jobs.demo.estate.timeline import Timeline

OLDEST = 500


def save(file: Path, answer: Any) -> None:  # noqa: ANN401  whatever JSON takes
    """Write one answer."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(answer, separators=(",", ":")), encoding="utf-8")


def moment(timeline: Timeline, ago: int, hour: int = 0) -> datetime:
    """Return an hour of a day so many days before today."""
    return datetime.combine(timeline.today - timedelta(days=ago), time(), UTC) + timedelta(hours=hour)


def zulu(at: datetime) -> str:
    """Write an instant with a Z."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def launched(timeline: Timeline, machine: Machine | None) -> datetime:
    """Return when a machine (or what belongs to it) was made."""
    return moment(timeline, machine.launched if machine else OLDEST, 9)


def hours_of(timeline: Timeline, start: int, count: int) -> list[datetime]:
    """Return so many hours in a row from a day number on."""
    first = datetime.combine(timeline.day(start), time(), UTC)
    return [first + timedelta(hours=hour) for hour in range(count)]


def daily_sums(values: Sequence[float], ran: Sequence[bool]) -> list[tuple[int, float]]:
    """Sum hours into days; a day without a running hour is missing."""
    pairs = []
    for day in range(len(values) // 24):
        part = slice(day * 24, day * 24 + 24)
        if any(ran[part]):
            kept = zip(values[part], ran[part], strict=True)
            pairs.append((day, float(sum(value for value, running in kept if running))))
    return pairs
