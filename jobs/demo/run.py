"""The demo's work, by the very jobs that run for a real account; only the bills are those of a made-up company."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import func, select

from finops.money import Money, total
from jobs import slots
from jobs.demo import guard, known
from jobs.schedule import SCHEDULE
from storage import migrate, recommendations, runs
from storage import slots as taken
from storage.artifacts import link
from storage.database import transaction
from storage.models import CloudResource, Delivery, DeliveryStatus
from storage.settings import settings

Progress = Callable[[str], None]
JOBS = (
    ("Reading thirteen months of bills", "collect"),
    ("Forecasting the days ahead", "forecast"),
    ("Running the analysis notebooks", "analyse"),
    ("Looking for what is out of order", "anomalies"),
    ("Looking for savings", "recommend"),
    ("Writing the weekly report", "report"),
    ("Delivering the mail", "deliver"),
)
KEPT = ("costs_currency", "costs_public_url", "database_reader_url", "database_url", "host")
ESTATE = "Building a fictional company's three clouds"
NOTEBOOKS = ("cost_breakdown", "cost_trend", "allocation", "commitment_coverage", "idle_resources")


@dataclass(frozen=True, slots=True)
class Summary:
    """What the demo made, for a person and for scripts."""

    charges: int
    periods: int
    resources: int
    billed: Money
    recommendations: int
    saving: Money
    mail: str | None
    evidence: tuple[str, ...]


@contextmanager
def environment(home: Path, *, port: int) -> Iterator[None]:
    """Give this process and its children the demo's settings: nothing of it leaves this machine.

    Tokens, an SMTP server or a lake that the environment or a `.env` name belong to real work, so only what says
    where to run is kept; and the demo works in its home, where no `.env` lies.
    """
    before = dict(os.environ)
    named = settings()
    kept = {name.upper(): _plain(getattr(named, name)) for name in KEPT if name in named.model_fields_set}
    for name in type(named).model_fields:
        os.environ.pop(name.upper(), None)
    os.environ.update(
        {"COSTS_PUBLIC_URL": f"http://127.0.0.1:{port}"}
        | kept
        | {
            "COSTS_HOME": str(home),
            "COSTS_SOURCES": str(home / "demo" / "sources.yaml"),
            "MAIL_TO": "cto@acme.test",
            "PORT": str(port),
        }
    )
    settings.cache_clear()
    try:
        with chdir(home):
            yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        settings.cache_clear()


def _plain(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def today() -> date:
    """The day in UTC, in which bills count."""
    return datetime.now(UTC).date()


def build(home: Path, progress: Progress, step: Progress) -> Path:
    """Make the company's native bills and its providers' answers; returns the list of sources."""
    from jobs.demo import estate  # noqa: PLC0415  numpy is slow to import, and a refused demo needs none

    progress(ESTATE)
    folder = home / "demo"
    estate.build(folder, today=today(), progress=step)
    return folder / "sources.yaml"


def prepare() -> None:
    """Bring the database up, refuse one that holds real bills, and record what its people know."""
    migrate.ensure()
    guard.only_demo_data()
    known.record(today())
    known.budget(settings().home)


def work(progress: Progress) -> None:
    """Run every job once, in the order of a day."""
    from jobs import runner  # noqa: PLC0415

    now = datetime.now(UTC)
    for sentence, job in JOBS:
        progress(sentence)
        runner.run(job)
    _nothing_missed(now)


def _nothing_missed(now: datetime) -> None:
    """Take the slots that passed since an earlier demo, for all of it was just done: the clock need not make up."""
    with transaction() as session:
        for entry in SCHEDULE:
            due = slots.latest(entry.cron, entry.timezone, now)
            if due is not None:
                taken.take(session, entry.name, due)


def _count(session: Any, column: Any, *where: Any) -> int:  # noqa: ANN401
    return int(session.scalar(select(column).where(*where)) or 0)


def summary() -> Summary:
    """Say what is there now, read from the database."""
    with transaction() as session:
        loaded = Delivery.status == DeliveryStatus.LOADED
        billed = session.scalars(select(Delivery.billed_cost).where(loaded)).all()
        alive = recommendations.alive(session)
        currency = alive[0].currency if alive else "USD"
        pages = [runs.page(session, run.id) for name in NOTEBOOKS if (run := runs.latest(session, f"notebook:{name}"))]
        return Summary(
            charges=_count(session, func.sum(Delivery.rows), loaded),
            periods=len(billed),
            resources=_count(session, func.count(), CloudResource.inventoried_at.is_not(None)),
            billed=Money(total(Decimal(each.get(currency, "0")) for each in billed), currency),
            recommendations=len(alive),
            saving=Money(total(one.potential_savings for one in alive if one.currency == currency), currency),
            mail=_newest_mail(settings().home / "outbox"),
            evidence=tuple(link(page) for page in pages if page),
        )


def _newest_mail(folder: Path) -> str | None:
    written = sorted(folder.glob("*.html"), key=lambda file: file.stat().st_mtime) if folder.is_dir() else []
    return str(written[-1]) if written else None
