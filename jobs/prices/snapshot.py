"""The shipped snapshot of list prices, so that savings can be reckoned offline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy.orm import Session

from finops.prices import Price
from storage import prices

FILE = Path(__file__).with_name("snapshot.parquet")
AMOUNT = pa.decimal128(28, 18)
TYPES = {"date": pa.date32(), "Decimal": AMOUNT, "Decimal | None": AMOUNT}
SCHEMA = pa.schema(
    [(field.name, TYPES.get(str(field.type), pa.string())) for field in fields(Price) if field.name != "billed"]
)


def write(found: Iterable[Price]) -> int:
    """Write the snapshot, ordered so that it packs well; returns how many prices it holds."""
    ordered = sorted(found, key=lambda one: (one.provider, one.sku, one.region))
    columns = {name: [getattr(one, name) for one in ordered] for name in SCHEMA.names}
    pq.write_table(pa.table(columns, schema=SCHEMA), FILE, compression="zstd", compression_level=19)
    return len(ordered)


def read() -> Iterator[Price]:
    """Return every price of the snapshot; its columns stand in the order of a price's fields."""
    for batch in pq.ParquetFile(FILE).iter_batches():
        columns = [batch.column(name).to_pylist() for name in SCHEMA.names]
        yield from (Price(*row) for row in zip(*columns, strict=True))


def sources() -> set[str]:
    """Return whose lists the snapshot is made of."""
    return set(pq.read_table(FILE, columns=["source"]).column(0).unique().to_pylist())


def ensure(session: Session) -> None:
    """Keep the snapshot's prices in the database, if they are not there yet."""
    if not sources() <= {source for _, source, _, _ in prices.known(session)}:
        prices.save(session, read())
