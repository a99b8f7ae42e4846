"""Published and real bills, each against a sum that another reader makes of it: csv, json and decimals alone."""

from __future__ import annotations

import csv
import decimal
import gzip
import io
import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from finops.errors import BadDeliveryError
from jobs.bills.ingest import ingest
from tests.conftest import SAMPLES

AWS = ("lineitemnetunblendedcost", "lineitemunblendedcost"), ("lineitemcurrencycode",), "USD"
AZURE = ("costinbillingcurrency", "cost", "pretaxcost"), ("billingcurrencycode", "billingcurrency", "currency"), "XXX"
FOCUS = ("billedcost",), ("billingcurrency",), "XXX"
"""What is billed, in which currency, and in which if none is named; headers without case and punctuation."""
CLOSE = Decimal("1e-12")
BILLS = {
    "aws/cur-legacy/koku-test_cur.csv": AWS,
    "aws/cur-legacy/koku-2023-06-01-not-final.csv": AWS,
    "aws/cur-legacy/koku-2022-07-01-alt-columns.csv": AWS,
    "aws/cur-legacy/koku-empty_frame.csv": AWS,
    "aws/cur-legacy/aws-cur-anonymize-legacy.csv": AWS,
    "aws/cur-2.0/aws-cur-anonymize-sample-cur20.csv": AWS,
    "nise/aws-static/September-2026-cur.csv.gz": AWS,
    "nise/aws-static/August-2026-cur.csv.gz": AWS,
    "nise/aws-static/August-2026-cur-finalized.csv.gz": AWS,
}
FOLDERS = {
    "azure/export-ea": AZURE,
    "azure/export-mixed": AZURE,
    "azure/export-headers": AZURE,
    "focus/spec-1.2-examples": FOCUS,
}


def _samples() -> Iterator[str]:
    yield from BILLS
    for folder in FOLDERS:
        yield from sorted(str(file.relative_to(SAMPLES)) for file in (SAMPLES / folder).glob("*.csv"))


def _squeezed(header: str) -> str:
    return "".join(letter for letter in header.lower() if letter.isalnum())


def _text(file: Path) -> io.StringIO:
    raw = file.read_bytes()
    return io.StringIO((gzip.decompress(raw) if file.suffix == ".gz" else raw).decode("utf-8-sig"), newline="")


def _lines(file: Path) -> list[list[str]]:
    return [row for row in csv.reader(_text(file)) if row]


def _rows(file: Path) -> list[dict[str, str]]:
    return [{_squeezed(name or ""): cell for name, cell in row.items()} for row in csv.DictReader(_text(file))]


def _first(row: dict[str, str], names: Iterable[str]) -> str:
    return next((row[name] for name in names if row.get(name) not in (None, "", "NULL", "None")), "")


def _amount(cell: str) -> Decimal:
    return Decimal(cell.replace("$", "").replace(",", "").strip() or 0)


def _summed(file: Path, costs: tuple[str, ...], currencies: tuple[str, ...], none: str) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for row in _rows(file):
        currency = _first(row, currencies) or none
        sums[currency] = sums.get(currency, Decimal(0)) + _amount(_first(row, costs))
    return {currency: amount for currency, amount in sums.items() if amount}


def _read(file: Path) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for period in ingest("auto", [file], source="sample").periods:
        for currency, amount in period.billed_cost.items():
            sums[currency] = sums.get(currency, Decimal(0)) + amount
    return {currency: amount for currency, amount in sums.items() if amount}


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample bills are not there")
@pytest.mark.parametrize("name", [*_samples()] if SAMPLES.is_dir() else ["none"])
def test_a_samples_total_is_what_another_reader_sums_up(name: str, database: Path) -> None:
    """To 1e-12, by currency."""
    del database
    words = BILLS.get(name) or FOLDERS[str(Path(name).parent)]
    with decimal.localcontext(prec=80):
        wanted, found = _summed(SAMPLES / name, *words), _read(SAMPLES / name)
        assert wanted.keys() == found.keys()
        assert all(abs(found[currency] - amount) <= CLOSE for currency, amount in wanted.items())


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample bills are not there")
def test_googles_rows_are_billed_with_their_credits(database: Path) -> None:
    """One after the other in a file, as the samples have them, without a comma between."""
    del database
    files = sorted((SAMPLES / "gcp" / "bigquery-standard" / "cuds-attribution").glob("test_*/*export*.json"))
    assert files
    for file in files:
        wanted = sum((_billed(row) for row in _objects(file.read_text())), Decimal(0))
        assert sum(_read(file).values(), Decimal(0)) == wanted, file.name


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample bills are not there")
@pytest.mark.parametrize("name", [*_samples()] if SAMPLES.is_dir() else ["none"])
def test_a_sample_cut_in_two_is_one_delivery(name: str, database: Path, tmp_path: Path) -> None:
    """Line by line, as an exporter may part its rows: no part is taken for another version of the other."""
    del database
    head, *rows = _lines(SAMPLES / name)
    for part in (0, 1):
        with (tmp_path / f"{part}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([head, *rows[part::2]])
    whole = ingest("auto", [SAMPLES / name], source="sample").periods
    cut = ingest("auto", [tmp_path], source="parts").periods
    assert [(one.billing_period, one.rows, one.billed_cost) for one in cut] == [
        (one.billing_period, one.rows, one.billed_cost) for one in whole
    ]


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample bills are not there")
@pytest.mark.parametrize(
    "name", ["nise/aws-static/September-2026-cur.csv.gz", "azure/export-ea/finops-toolkit-EA_ActualCost_Small.csv"]
)
def test_a_sample_beside_itself_at_other_prices_is_refused(name: str, database: Path, tmp_path: Path) -> None:
    """Every cost a tenth less, as when a discount comes late: no charge is the same, and it is the same bill."""
    del database
    head, *rows = _lines(SAMPLES / name)
    costs = [place for place, header in enumerate(head) if _squeezed(header) in (*AWS[0], *AZURE[0])]
    for row in rows:
        for place in costs:
            row[place] = str(_amount(row[place]) * Decimal("0.9")) if row[place] else ""
    restated = tmp_path / "restated.csv"
    with restated.open("w", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    with pytest.raises(BadDeliveryError, match="too, at other prices: of versions of a bill, give the newest alone"):
        ingest("auto", [SAMPLES / name, restated], source="sample")


def _objects(text: str) -> Iterator[dict[str, object]]:
    decoder, at = json.JSONDecoder(parse_float=Decimal), 0
    while rest := text[at:].lstrip():
        at = len(text) - len(rest)
        found, at = decoder.raw_decode(text, at)
        yield from found if isinstance(found, list) else [found]


def _billed(row: dict[str, object]) -> Decimal:
    credits_: list[dict[str, object]] = row.get("credits") or []  # type: ignore[assignment]
    return Decimal(str(row["cost"])) + sum((Decimal(str(one["amount"])) for one in credits_), Decimal(0))
