"""Parquet's decimals of more than 38 digits, which the engine would misread: made text, as exact as they were."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from finops.errors import BadDeliveryError


def narrowed(file: Path, target: Path, *, name: str) -> Path:
    """Return the file, or a copy of it without decimals that are too wide. Raises BadDeliveryError for nested ones."""
    schema = pq.read_schema(file)
    if hidden := next((field.name for field in schema if _is_hidden(field.type)), None):
        problem = "it holds decimals of more than 38 digits within others: export them with 38 digits at most."
        raise BadDeliveryError(name, problem, column=hidden)
    if not any(pa.types.is_decimal256(field.type) for field in schema):
        return file
    made = pa.schema(
        [field.with_type(pa.string()) if pa.types.is_decimal256(field.type) else field for field in schema]
    )
    with pq.ParquetFile(file) as source, pq.ParquetWriter(target, made) as copy:
        for batch in source.iter_batches():
            copy.write_table(pa.Table.from_batches([batch]).cast(made))
    return target


def _is_hidden(kind: pa.DataType) -> bool:
    """Whether such a decimal is somewhere inside."""
    inner = [kind.field(place).type for place in range(kind.num_fields)]
    return any(pa.types.is_decimal256(one) or _is_hidden(one) for one in inner)
