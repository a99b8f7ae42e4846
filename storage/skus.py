"""What SKUs are called: the ledger keeps their ids, and the bills in the charge lake say what they are."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Delivery, DeliveryStatus, Source
from storage.settings import settings

WORDS = ("SkuMeter", "ChargeDescription")
"""Columns of FOCUS that name a SKU, the shorter one first."""
MOST = 16
"""Groups of rows of a file that are looked through: a bill repeats its SKUs every day."""


def names(session: Session, wanted: Collection[tuple[str, str]], days: Collection[date]) -> dict[tuple[str, str], str]:
    """Return the names of these SKUs, each a provider and an id, as far as bills of these days tell them.

    A lake that is not in a folder here is not asked: whoever tells of SKUs may have no access, and an id will do.
    """
    lake = settings().lake_address
    if not wanted or "://" in lake:
        return {}
    loaded = (
        select(Source.provider, Delivery.lake_address)
        .join(Source, Source.id == Delivery.source_id)
        .where(Delivery.status == DeliveryStatus.LOADED, Delivery.lake_address.is_not(None))
        .where(Delivery.billing_period.in_({day.replace(day=1) for day in days}))
        .order_by(Delivery.billing_period.desc(), Source.name)
    )
    found: dict[tuple[str, str], str] = {}
    for provider, place in session.execute(loaded):
        missing = {sku for each, sku in wanted if provider in (None, each) and (each, sku) not in found}
        if missing:
            told = _told(Path(lake) / str(place), missing)
            found |= {(each, sku): told[sku] for each, sku in wanted if provider in (None, each) and sku in told}
    return found


def _told(file: Path, wanted: set[str]) -> dict[str, str]:
    """Return what one bill calls them; nothing where it is gone or damaged, which its own reader tells."""
    found: dict[str, str] = {}
    try:
        with pq.ParquetFile(file) as held:
            columns = [name for name in WORDS if name in held.schema_arrow.names]
            for group in range(min(held.num_row_groups, MOST)):
                if columns and wanted - found.keys():
                    found |= dict(_named(held.read_row_group(group, ["SkuId", *columns]), wanted - found.keys()))
    except (OSError, pa.ArrowException, KeyError):
        return found
    return found


def _named(rows: pa.Table, wanted: set[str]) -> Iterator[tuple[str, str]]:
    chosen = rows.filter(pc.is_in(rows["SkuId"], pa.array(sorted(wanted), pa.string())))
    each = chosen.group_by(chosen.column_names).aggregate([])
    for row in each.to_pylist():
        name = next((row[word] for word in WORDS if row.get(word)), None)
        if name:
            yield row["SkuId"], name.strip()
