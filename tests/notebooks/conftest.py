"""A small ledger on fixed days of 2019, the notebooks run on it once, and notebooks made for a test."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.orm import Session

from finops.known_events import KnownEvent
from finops.periods import Period
from finops.resources import DailyUtilization, Resource
from jobs import notebooks
from jobs.notebooks import Notebook, NotebookRun
from storage import artifacts, known_events, resources
from storage.database import transaction
from storage.models import CostRecord, Delivery, DeliveryStatus, Source
from tests.emptied import empty

HOSTILE = "<script>alert(1)</script>"
SETTLED = date(2019, 11, 20)
ASKED = {"start": "2019-11-04", "end": "2019-11-11", "group_by": "provider", "then_by": "service_name", "top": 4}
"""Other days than the month to date, another dimension than the service."""
FIRST = {"start": "2019-09-01", "end": "2019-09-21"}
"""Of the first month that the ledger holds."""
RULED = {"rules": "[{to: platform, where: {provider: azure}, split: evenly}, {to: web, where: {provider: aws}}]"}
EC2 = '{"of":"service","provider":"aws","sub_account_id":"","service_name":"EC2"}'
EVENT = {"scope": EC2, "first": "2019-11-07", "end": "2019-11-21", "currency": "USD"}
"""Since when two machines are on the bill."""
USUAL = {
    "anomalies": EVENT,
    "forecast_review": {"month": "2019-11"},
    "commitment_coverage": {"currency": "EUR"},
}
"""What a notebook is asked for to tell of the same days as all others."""
RELEASED = date(2019, 11, 6)
"""The day before that."""
MONTHS = [date(2019, month, 1) for month in (9, 10, 11)]


@dataclass(frozen=True)
class Evidence:
    """What one notebook's run left."""

    run: NotebookRun
    html: str
    executed: dict[str, Any]


def _charge(source: Source, day: date, service: str, cost: Decimal, **more: Any) -> CostRecord:  # noqa: ANN401
    amounts = dict.fromkeys(("effective_cost", "billed_cost", "list_cost", "contracted_cost"), cost)
    whose = {"source_id": source.id, "provider": source.provider, "billing_period": day.replace(day=1), "date": day}
    kind = {"charge_category": "Usage", "billing_currency": "USD", "charges": 1}
    return CostRecord(id=uuid.uuid4(), service_name=service, **{**whose, **kind, **amounts, **more})


def _machines() -> list[Resource]:
    born = datetime(2019, 1, 1, tzinfo=UTC)
    shape = {"region": "eu-west-1", "sub_account_id": "1", "state": "running", "size": "m5.2xlarge", "created_at": born}
    return [
        Resource("aws", f"arn:aws:ec2:eu-west-1:1:instance/i-{name}", "machine", name, **shape)
        for name in (HOSTILE, "busy")
    ]


def seed(session: Session) -> None:
    """Write two providers' three months, tax and credits, an idle and a busy machine."""
    for month in MONTHS:
        table = f"notebooks_{month:%Y_%m}"
        session.execute(text(f"create table {table} partition of cost_records for values in ('{month}')"))
    idle, busy = machines = _machines()
    resources.save_inventory(session, "aws", [("1", None)], machines, at=datetime(2019, 11, 20, tzinfo=UTC))
    days = [SETTLED - timedelta(days=n) for n in range(14)]
    used = [(one, "cpu", day, level) for one, level in ((idle, 0.01), (busy, 0.9)) for day in days]
    used += [(one, "network", day, level) for one, level in ((idle, 1e6), (busy, 1e9)) for day in days]
    rows = [DailyUtilization(one.resource_id, metric, day, 0, x, x, x, 288) for one, metric, day, x in used]
    resources.save_utilization(session, "aws", rows)
    for title, where in (("Checkout 4.2", {"provider": ("aws",)}), (HOSTILE, {"service": ("VM",)})):
        known_events.add(
            session, KnownEvent(title=title, first=RELEASED, end=RELEASED + timedelta(days=1), where=where), by="ops"
        )
    for name, provider, services in (("bills-a", "aws", ["EC2", HOSTILE, "$x$"]), ("bills-b", "azure", ["VM", "Disk"])):
        source = Source(name=name, provider=provider, format="focus", settled_through=SETTLED)
        session.add(source)
        session.flush()
        for month in MONTHS:
            print_ = f"{provider}{month:%m}" * 8
            known: dict[str, Any] = {"billing_period": month, "fingerprint": print_, "format": "focus", "rows": 1}
            known["billed_cost"] = known["effective_cost"] = {"USD": "1"}
            session.add(Delivery(source_id=source.id, status=DeliveryStatus.LOADED, **known))
        for number, day in enumerate(Period(MONTHS[0], SETTLED + timedelta(days=2))):
            third = Decimal(100 + number) / 3
            session.add_all([_charge(source, day, service, third) for service in services])
        session.add(_charge(source, date(2019, 11, 1), "Tax", Decimal(40), charge_category="Tax"))
        session.add(_charge(source, date(2019, 11, 15), "Credit", Decimal(-15), charge_category="Credit"))
        if provider == "aws":
            plan = {"billing_currency": "EUR", "commitment_discount_id": HOSTILE, "contracted_cost": Decimal(4)}
            for status, cost in (("Used", Decimal(3)), ("Unused", Decimal(1))):
                session.add(_charge(source, date(2019, 11, 2), "EC2", cost, commitment_discount_status=status, **plan))
            session.add_all(
                _charge(source, day, "EC2", Decimal(10), resource_id=one.key) for one in machines for day in days
            )


@pytest.fixture
def ledger(home: Path) -> Iterator[None]:
    """The small ledger, for one test."""
    with transaction() as session:
        seed(session)
    yield
    empty()


@pytest.fixture(scope="module")
def evidence(_database: None) -> Iterator[dict[str, Evidence]]:
    """Every notebook, run on the small ledger from a fresh kernel each, once for all tests of a module."""
    with transaction() as session:
        seed(session)
    orders = [(name, name, USUAL.get(name, {})) for name in sorted(notebooks.RESULTS)]
    orders += [("asked", "cost_breakdown", ASKED), ("ruled", "allocation", RULED)]
    orders += [(f"first {name}", name, FIRST) for name in ("cost_breakdown", "cost_trend")]
    try:
        with ThreadPoolExecutor(2) as pool:
            runs = {key: pool.submit(notebooks.run, name, parameters) for key, name, parameters in orders}
        yield {name: _evidence(run.result()) for name, run in runs.items()}
    finally:
        empty()


def _evidence(run: NotebookRun) -> Evidence:
    with transaction() as session:
        kept = session.query(type(run.page)).filter_by(run_id=run.run_id, media_type=notebooks.IPYNB).one()
        return Evidence(run, artifacts.load(run.page).decode(), json.loads(artifacts.load(kept)))


class Anything(BaseModel, extra="allow"):
    """A result of which nothing is asked."""


Maker = Callable[..., Notebook]


@pytest.fixture
def make(tmp_path: Path) -> Maker:
    """Make a notebook of some cells; the last one is its result."""

    def made(*sources: str, parameters: str = "", result: type[BaseModel] = Anything, tag: str = "result") -> Notebook:
        tags = [["parameters"], *([] for _ in sources[1:]), [tag]]
        cells = [
            {"id": f"c{n}", "cell_type": "code", "metadata": {"tags": tags[n]}, "source": source, "outputs": []}
            for n, source in enumerate((parameters, *sources))
        ]
        for cell in cells:
            cell["execution_count"] = None
        spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        path = tmp_path / "probe.ipynb"
        path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": spec, "cells": cells}))
        return Notebook("probe", path, result)

    return made
