"""Whether a CSV file was read whole: its rows counted by another reader, and the first broken one found."""

from __future__ import annotations

import csv

from finops.errors import BadDeliveryError
from jobs.bills.files import CELL, File


def count(file: File) -> int:
    """Return how many rows the file has after its header. Raises BadDeliveryError at the first that is broken."""
    csv.field_size_limit(CELL)
    width, number = len(file.headers), 0
    # What is no UTF-8 becomes half a character, so that its row can be named.
    with file.path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        rows = csv.reader(text, strict=True)
        try:
            next(rows, None)
            for row in rows:
                if row:
                    number += 1
                    _sound(file, row, width, number)
        except csv.Error as error:
            problem = f"its quotation marks do not match ({error}), or it is cut off: fetch the file again."
            raise BadDeliveryError(file.name, problem, row=number + 1) from error
    return number


def _sound(file: File, row: list[str], width: int, number: int) -> None:
    if len(row) != width:
        problem = (
            f"it is cut off or torn: expected {width} cells as in the header, found {len(row)}. Fetch the file again."
        )
        raise BadDeliveryError(file.name, problem, row=number)
    try:
        "".join(row).encode()
    except UnicodeEncodeError as error:
        raise BadDeliveryError(file.name, "expected UTF-8: export the file anew.", row=number) from error


def check(file: File, read: int) -> None:
    """Refuse a file of which some rows were not read. Raises BadDeliveryError."""
    # Counting line ends costs next to nothing; only rows with a line end inside a cell, or empty lines, need a reader.
    if read == file.lines - 1:
        return
    held = count(file)
    if held != read:
        problem = f"only {read} of its {held} rows could be read: is every line end the same?"
        raise BadDeliveryError(file.name, problem)
