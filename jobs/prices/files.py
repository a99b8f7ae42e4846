"""Files of price lists, recognized by their content and kept whole or not at all."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from finops.errors import BadDeliveryError
from finops.prices import Price, merged
from jobs.prices import aws, azure, gcp
from storage import prices
from storage.database import transaction

NEXT = {"Items": "NextPageLink", "skus": "nextPageToken"}
"""A page's list: what says that there is another page."""


def load(paths: Sequence[Path]) -> int:
    """Read price lists and keep them; returns how many prices. Raises BadDeliveryError, and then nothing was kept."""
    found = [file for path in paths for file in (sorted(path.glob("*.*")) if path.is_dir() else [path])]
    if not found:
        raise BadDeliveryError(str(paths[0]), "the folder holds no file.")
    unfinished: dict[str, str] = {}
    known = merged(price for file in found for price in _read(file, unfinished))
    if page := next((file for file in unfinished.values() if file), None):
        raise BadDeliveryError(page, "another page follows it, and none given is the last one: give all pages.")
    if not known:
        raise BadDeliveryError(str(found[0]), "it holds no price that is known how to read.")
    with transaction() as session:
        return prices.save(session, known)


def _read(file: Path, unfinished: dict[str, str]) -> Iterator[Price]:
    """Read one file; notes in `unfinished` the kinds of pages of which the last one was not seen."""
    try:
        if file.suffix.lower() == ".csv":
            with file.open(encoding="utf-8-sig", newline="") as text:
                yield from aws.from_csv(_offer(csv.reader(text), file), file=file.name)
            return
        page = json.loads(file.read_bytes(), parse_float=Decimal)
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, csv.Error) as error:
        raise BadDeliveryError(str(file), f"expected a price list as JSON or CSV ({error}).") from error
    for kind, link in NEXT.items():
        if isinstance(page, dict) and kind in page:
            _note(kind, file, unfinished, last=not page.get(link))
            yield from (azure if kind == "Items" else gcp).from_page(page, file=file.name)
            return
    yield from aws.from_json(page, file=file.name)


def _note(kind: str, file: Path, unfinished: dict[str, str], *, last: bool) -> None:
    if last:
        unfinished[kind] = ""
    else:
        unfinished.setdefault(kind, str(file))


def _offer(rows: Iterator[list[str]], file: Path) -> Iterator[dict[str, Any]]:
    """Return the rows of an offer file, which begins with a few lines about itself."""
    header = next((row for row in rows if row[:1] == ["SKU"]), None)
    if header is None:
        raise BadDeliveryError(str(file), "expected an AWS offer file, found no header that begins with SKU.")
    for row in rows:
        yield dict(zip(header, row, strict=False))
