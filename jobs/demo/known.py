"""What the fictional company's people wrote down: two releases, each the day before costs rose, and their budgets."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from finops.known_events import Kind, KnownEvent
from finops.periods import ONE_DAY
from storage import budgets, known_events
from storage.database import transaction

SOURCE = "demo"
BUDGETS = """\
- {name: company, amount: 315000, currency: USD, owner: ada@acme.test}
- {name: payments, amount: 31000, currency: USD, owner: lena@acme.test, where: {team: payments}}
- {name: data, amount: 50000, currency: USD, owner: lena@acme.test, where: {team: data}}
"""
"""A month each: two that hold, and one that is outgrown."""


def record(today: date) -> None:
    """Record them; they stay what they are however often the demo runs."""
    from jobs.demo.estate import SEED, aws_bill, groups  # noqa: PLC0415  numpy is slow to import
    from jobs.demo.estate.timeline import Timeline  # noqa: PLC0415

    timeline = Timeline(today, SEED)
    claims = next(group for group in groups.AZURE_GROUPS if group.app == "claims-batch")
    rose = {"catalog-sync 4.2": ("catalog-sync", aws_bill.SPIKE_AGO), "claims-batch 1.0": (claims.app, claims.launched)}
    with transaction() as session:
        made = [_release(title, app, timeline.day(timeline.ago(ago))) for title, (app, ago) in rose.items()]
        known_events.replace(session, SOURCE, made, by="ada@acme.test")


def budget(home: Path) -> None:
    """Write the budgets down where there are none: whoever tries the demo may change them."""
    if not any((home / name).exists() for name in (budgets.YAML, budgets.CSV)):
        (home / budgets.YAML).write_text(BUDGETS)


def _release(title: str, app: str, rose: date) -> KnownEvent:
    first = rose - timedelta(days=1)
    link = f"https://git.acme.test/{app}/releases"
    return KnownEvent(
        title=title, first=first, end=first + ONE_DAY, kind=Kind.RELEASE, where={"app": (app,)}, link=link
    )
