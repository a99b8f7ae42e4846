"""The timetable: everything that starts by itself, on one page."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from finops.errors import UnknownWordError


@dataclass(frozen=True, slots=True)
class Entry:
    """One job: its name, the callable that does it (`module:function`), when it is due, and where that is local."""

    name: str
    run: str
    cron: str
    """Minute, hour, day of month, month, day of week. Weekdays by name: numbers mean different days elsewhere."""
    does: str
    timezone: str = "UTC"
    alone: bool = True
    """Two runs of it never overlap."""

    def __post_init__(self) -> None:
        """Refuse what would not mean what it seems to."""
        minute, hour, *_, weekday = self.cron.split()
        if re.search(r"\d", weekday):
            message = f"{self.name}: write weekdays by name (mon), not by number."
            raise ValueError(message)
        if self.timezone != "UTC" and not (minute + hour).replace(",", "").isdigit():
            message = f"{self.name}: what is due more often than daily is due in UTC, where no hour is missing."
            raise ValueError(message)


SCHEDULE = (
    Entry("collect", "jobs.collect:run", "5 * * * *", "reads new bills and inventories of every source"),
    Entry("alerts", "jobs.alerting.evaluate:run", "35 * * * *", "judges the alert rules on what was collected"),
    # Before all that say where a month lands: they go by it.
    Entry("forecast", "jobs.forecast:run", "10 5 * * *", "forecasts the days ahead and measures past forecasts"),
    Entry("analyse", "jobs.analyse:run", "20 5 * * *", "runs the cost notebooks on what was collected"),
    Entry("anomalies", "jobs.anomalies.find:run", "25 5 * * *", "looks for costs out of order and tells what is new"),
    Entry("recommend", "jobs.recommend:run", "40 5 * * *", "looks for idle resources and announces what is new"),
    Entry("measure", "jobs.measure:run", "45 5 * * *", "holds carried-out savings against the bill"),
    Entry("review", "jobs.forecast:review", "50 5 6 * *", "holds last month's forecast against what came"),
    Entry("report", "jobs.report:run", "0 7 * * mon", "writes the weekly e-mail about last week"),
    Entry("digest", "jobs.digest:run", "*/5 * * * *", "writes the daily and weekly digests that are due somewhere"),
    Entry("deliver", "jobs.deliver:run", "* * * * *", "sends the mails and what is for outlets, of the outbox"),
    # Not alone: a sweep that died must not block the sweep that would find it.
    Entry("sweep", "jobs.sweep:run", "*/2 * * * *", "gives back jobs whose process died, and tidies up", alone=False),
)


def find(name: str) -> Entry:
    """Return the entry of that name. Raises UnknownWordError."""
    known = {entry.name: entry for entry in SCHEDULE}
    if name not in known:
        closest = difflib.get_close_matches(name, known, n=1)
        raise UnknownWordError(name, closest[0] if closest else None, f"`costs run collect` ({', '.join(known)}).")
    return known[name]
