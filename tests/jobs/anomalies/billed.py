"""Bills of half a year that tests read, with what is out of order in them, and what was found and told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import select

from jobs.bills.ingest import ingest
from storage.database import transaction
from storage.models import Anomaly, Outbox, Source

START, DAYS = date(2026, 3, 1), 150
LAST = START + timedelta(days=DAYS - 1)
HEADER = "BillingPeriodStart,ChargePeriodStart,BillingCurrency,BilledCost,EffectiveCost,ProviderName,SubAccountId,"
HEADER += "ServiceName,RegionId,ChargeCategory,ChargeClass,Tags"

Costs = Mapping[str, np.ndarray]


def usual(amount: float = 1000.0) -> np.ndarray:
    """Return an amount a day, with a little chance."""
    return amount * np.random.default_rng(2).normal(1, 0.01, DAYS)


def spiked(day: int, amount: float = 800.0) -> np.ndarray:
    """Return the same with one day that costs more."""
    amounts = usual()
    amounts[day] += amount
    return amounts


def bill(folder: Path, costs: Costs, *, currency: str = "USD", source: str = "payer", days: int = DAYS) -> None:
    """Read bills of the first so many days of each service."""
    lines = [
        f"{day:%Y-%m}-01T00:00:00Z,{day}T00:00:00Z,{currency},{amount:.2f},{amount:.2f},AWS,a,{service},eu-1,Usage,,"
        for service, amounts in costs.items()
        for day, amount in zip((START + timedelta(days=number) for number in range(days)), amounts, strict=False)
    ]
    folder.mkdir(exist_ok=True)
    file = folder / f"{source}-{len(list(folder.iterdir()))}.csv"
    file.write_text("\n".join([HEADER, *lines, ""]))
    ingest("auto", [file], source=source, anyway=True)
    with transaction() as session:
        session.query(Source).filter_by(name=source).one().settled_through = START + timedelta(days=days - 1)


def rows() -> list[Anomaly]:
    """Return what is kept of anomalies, by their days."""
    with transaction() as session:
        return [*session.scalars(select(Anomaly).order_by(Anomaly.first_day))]


def messages() -> list[str]:
    """Return what each message of the outbox tells of."""
    with transaction() as session:
        return [
            " and ".join(key for key in ("anomaly", "anomalies") if key in one.payload)
            for one in session.scalars(select(Outbox).order_by(Outbox.id))
        ]
