"""A file that is made to hurt ends in a sentence, soon, and without taking the machine's memory or disk."""

from __future__ import annotations

import resource
import zlib
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from finops.errors import BadDeliveryError
from jobs.bills.ingest import ingest

GIBIBYTE = 1 << 30
MEMORY = 512 << 10
"""Kibibytes that the process may hold more than before."""


def _bomb(file: Path) -> str:
    """Write ten gibibytes of blanks after a header, packed; they take ten megabytes."""
    packer = zlib.compressobj(9, wbits=31)
    block = packer.compress(b"BilledCost,BillingPeriodStart\n") + packer.flush(zlib.Z_FULL_FLUSH)
    with file.open("wb") as packed:
        packed.write(block)
        # A block that was flushed whole can stand there again: nobody has to pack all of it.
        blanks = packer.compress(b" " * (16 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
        for _ in range(10 * GIBIBYTE // (16 << 20)):
            packed.write(blanks)
    return r"it unpacks to more than 200 times its size"


def _wide(file: Path) -> str:
    file.write_text(",".join(f"c{number}" for number in range(1_000_000)) + "\n1\n")
    return r"its first line is|it has 1,000,000 columns, more than 5,000"


def _endless(file: Path) -> str:
    file.write_text("BilledCost," * 2_000_000)
    return "its first line is longer than 8 MiB"


def _long_cell(file: Path) -> str:
    file.write_text("BilledCost,BillingPeriodStart\n1," + "x" * 5_000_000 + "\n")
    return "a cell is longer than 1,048,576 characters"


def _footer(file: Path) -> str:
    """Write a Parquet file whose footer claims to be longer than the file, with broken bytes in it."""
    pq.write_table(pa.table({"BilledCost": ["1"], "BillingPeriodStart": ["2026-09-01"]}), file)
    content = bytearray(file.read_bytes())
    for place in range(len(content) - 60, len(content) - 20):
        content[place] ^= 0xFF
    file.write_bytes(content)
    return "the Parquet file is cut off or damaged"


@pytest.mark.parametrize("make", [_bomb, _wide, _endless, _long_cell, _footer])
def test_what_is_made_to_hurt_ends_in_a_sentence(make: Callable[[Path], str], tmp_path: Path, database: Path) -> None:
    """The file is named, nothing is left behind, and memory stays."""
    file = tmp_path / "hurts.data"
    told = make(file)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(BadDeliveryError, match=rf"hurts\.data.*({told})"):
        ingest("auto", [file], source="hostile")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEMORY
    assert not list((database / "tmp").iterdir())
