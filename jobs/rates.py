"""Files of exchange rates: the ECB's history as it is downloaded (CSV, or zipped), or one of your own."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from finops import rate_files
from finops.errors import BadDeliveryError
from storage import rates as kept
from storage.database import transaction

LARGEST = 64 << 20
"""Bytes of a file that is unpacked; the ECB's whole history is one and a half million."""


def load(path: Path, *, anyway: bool = False) -> int:
    """Read a file of rates and keep them; returns how many. Raises CostsError, and then nothing was kept.

    Rates that contradict what is kept are an error, unless they are wanted `anyway`.
    """
    with transaction() as session, _opened(path) as text:
        return kept.save(session, rate_files.read(_rows(text, path), file=path.name), anyway=anyway)


def _rows(text: IO[str], path: Path) -> Iterator[list[str]]:
    try:
        yield from csv.reader(text, strict=True)
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadDeliveryError(str(path), f"expected a CSV file in UTF-8 ({error}).") from error


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    try:
        packed = zipfile.is_zipfile(path)
        with path.open("rb") as plain:
            data = _unpacked(plain, path) if packed else plain.read(LARGEST + 1)
    except OSError as error:
        raise BadDeliveryError(str(path), f"it cannot be read ({error.strerror}).") from error
    if len(data) > LARGEST:
        raise BadDeliveryError(str(path), f"it is larger than {LARGEST >> 20} MiB: that is no file of rates.")
    yield io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", newline="")


def _unpacked(packed: IO[bytes], path: Path) -> bytes:
    """Return the one CSV file in a zip file, of which no more is unpacked than may be."""
    try:
        with zipfile.ZipFile(packed) as files:
            names = [name for name in files.namelist() if name.lower().endswith(".csv")]
            if len(names) != 1:
                raise BadDeliveryError(str(path), f"expected one CSV file in it, found {len(names)}.")
            with files.open(names[0]) as inner:
                return inner.read(LARGEST + 1)
    except (zipfile.BadZipFile, EOFError) as error:
        raise BadDeliveryError(str(path), "the zip file is cut off or damaged: fetch it again.") from error
