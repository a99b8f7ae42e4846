"""Opening a delivery: its files found, unpacked whole, fingerprinted, and their headers read."""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

from zlib_ng import gzip_ng, zlib_ng

from finops.errors import BadDeliveryError, UnavailableError
from jobs.bills import layouts
from jobs.bills.told import NOTHING, Told

ENDINGS = (".csv", ".csv.gz", ".gz", ".parquet", ".json", ".json.gz", ".jsonl", ".ndjson")
"""What is read of a folder; manifests are not bills."""
NOWHERE = "the delivery"
PIECE = 1 << 20
HARMLESS, RATIO = 256 << 20, 200
"""Bytes that any file may unpack to; beyond, it may not grow by more than this. Bills grow by ten to fifty."""
ROWS = 100_000_000
"""Rows, or line ends, of one file: providers split theirs long before."""
HEADER, COLUMNS, CELL = 8 << 20, 5_000, 1 << 20
"""Bytes of a first line, columns, and characters of a cell: a hundred times what any provider writes."""


OTHERS = {
    codecs.BOM_UTF16_LE: "written in UTF-16: save it as UTF-8",
    codecs.BOM_UTF16_BE: "written in UTF-16: save it as UTF-8",
    b"\x1f\x8b": "packed twice by gzip: unpack it once",
    b"PK\x03\x04": "a zip archive or a spreadsheet: unpack it, or save it as CSV",
    b"\x28\xb5\x2f\xfd": "packed by zstd: unpack it",
    b"BZh": "packed by bzip2: unpack it",
    b"\xfd7zXZ": "packed by xz: unpack it",
}
"""How files begin that are no bills as they are, and what to do."""


class Shape(StrEnum):
    """How a file is written."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class File:
    """One opened file: the name a person knows it by, the unpacked copy, its digest, shape and headers."""

    name: str
    path: Path
    sha256: str
    shape: Shape
    headers: tuple[str, ...]
    lines: int
    """How many line ends it has, and one more for a last line without."""
    told: Told = NOTHING


@dataclass(slots=True)
class Seen:
    """What was noticed while a file was read from one end to the other."""

    digest: Any = field(default_factory=hashlib.sha256)
    lines: int = 0
    nul: bool = False
    last: bytes = b"\n"

    def note(self, piece: bytes) -> None:
        """Take in the next piece."""
        self.digest.update(piece)
        self.lines += piece.count(b"\n")
        self.nul = self.nul or b"\0" in piece
        self.last = piece[-1:]


def find(paths: Sequence[Path]) -> dict[Path, Told]:
    """Return the files of a delivery, of a folder every data file in it, and what manifests tell of each.

    Raises BadDeliveryError.
    """
    if not paths:
        problem = "expected at least one file, found none: name a file or a folder."
        raise BadDeliveryError(NOWHERE, problem)
    found: dict[Path, Told] = {}
    for path in paths:
        if path.is_dir():
            inside = within(path)
            if not inside:
                problem = f"the folder holds no data file ({', '.join(ENDINGS)}), or none that its manifests name."
                raise BadDeliveryError(str(path), problem)
            found |= inside
        elif not path.is_file():
            missing = "it is no regular file." if path.exists() else "there is no such file or folder."
            raise BadDeliveryError(str(path), missing)
        else:
            found[path] = NOTHING
    for file in found:
        _named(file)
    return {file.resolve(): told for file, told in found.items()}


def within(folder: Path) -> dict[Path, Told]:
    """Return the data files below a folder that count, in order. Raises BadDeliveryError for half a delivery."""
    everything = sorted(file for file in folder.rglob("*") if file.is_file())
    known = layouts.told(folder, everything)
    return {file: told for file in everything if _is_data(file) and (told := known.get(file, NOTHING))}


def _named(file: Path) -> None:
    try:
        str(file).encode()
    except UnicodeEncodeError as error:
        shown = str(file).encode(errors="backslashreplace").decode()
        raise BadDeliveryError(shown, "its name is not UTF-8: rename it.") from error


def _is_data(file: Path) -> bool:
    return file.name.lower().endswith(ENDINGS) and "manifest" not in file.name.lower()


def open_all(paths: Sequence[Path], folder: Path, *, told: Mapping[Path, Told] = MappingProxyType({})) -> list[File]:
    """Unpack and look at every file; `told` is what is known beside their manifests. Raises BadDeliveryError."""
    known = {file.resolve(): what for file, what in told.items()}
    found = enumerate(find(paths).items())
    return [
        replace(_open(path, folder / f"{number}.data"), told=known.get(path, what)) for number, (path, what) in found
    ]


def _open(path: Path, target: Path) -> File:
    try:
        with path.open("rb") as source:
            packed = source.read(2) == b"\x1f\x8b"
            source.seek(0)
            seen = _unpack(source, target, path) if packed else _read(source)
    except PermissionError as error:
        raise BadDeliveryError(str(path), "it may not be read: check the file's permissions.") from error
    if seen.lines > ROWS:
        raise BadDeliveryError(str(path), f"it has more than {ROWS:,} lines: it is no bill.")
    plain = target if packed else path
    shape = _shape(plain, path)
    if seen.nul and shape is not Shape.PARQUET:
        raise BadDeliveryError(str(path), "expected text, but it holds NUL bytes: fetch the file again.")
    headers = {Shape.CSV: _csv_headers, Shape.JSON: _json_headers, Shape.PARQUET: _parquet_headers}[shape](plain, path)
    if shape is Shape.PARQUET:
        plain = _narrowed(plain, target.with_suffix(".narrow"), path)
    return File(str(path), plain, seen.digest.hexdigest(), shape, headers, seen.lines + (seen.last != b"\n"))


def _read(source: IO[bytes]) -> Seen:
    seen = Seen()
    while piece := source.read(PIECE):
        seen.note(piece)
    return seen


def _unpack(source: IO[bytes], target: Path, path: Path) -> Seen:
    seen = Seen()
    try:
        with (
            gzip_ng.open(source) as packed,  # type: ignore[no-untyped-call]  # half typed
            target.open("wb") as plain,
            ThreadPoolExecutor(1) as reader,
        ):
            ahead = reader.submit(packed.read, PIECE)
            while piece := ahead.result():
                ahead = reader.submit(packed.read, PIECE)  # unpacks on while this piece is looked at
                seen.note(piece)
                plain.write(piece)
                if plain.tell() > max(HARMLESS, RATIO * source.tell()):
                    problem = f"it unpacks to more than {RATIO} times its size, as no bill does: look at what it is."
                    raise BadDeliveryError(str(path), problem)
    except (EOFError, gzip.BadGzipFile, zlib_ng.error) as error:  # type: ignore[misc]  # as above
        problem = "the gzip file is cut off or damaged: fetch it again."
        raise BadDeliveryError(str(path), problem) from error
    except OSError as error:
        message = f"{path} could not be unpacked into {target.parent} ({error.strerror}): free disk space."
        raise UnavailableError(message) from error
    return seen


def _shape(plain: Path, path: Path) -> Shape:
    with plain.open("rb") as file:
        start = file.read(4096)
    if not start:
        raise BadDeliveryError(str(path), "the file is empty; even a month without charges has a header.")
    if start[:4] == b"PAR1":
        return Shape.PARQUET
    if known := next((what for mark, what in OTHERS.items() if start.startswith(mark)), None):
        raise BadDeliveryError(str(path), f"it is {known}.")
    if start[257:262] == b"ustar":
        raise BadDeliveryError(str(path), "it is a tar archive: unpack it, and name the folder.")
    if b"\0" in start:
        raise BadDeliveryError(str(path), "expected CSV, gzip, JSON or Parquet, but it is some other binary file.")
    return Shape.JSON if start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[") else Shape.CSV


def _csv_headers(plain: Path, path: Path) -> tuple[str, ...]:
    with plain.open("rb") as start:
        if b"\n" not in start.read(HEADER) and start.read(1):
            raise BadDeliveryError(str(path), f"its first line is longer than {HEADER >> 20} MiB: it is no bill.")
    csv.field_size_limit(CELL)
    try:
        # Only the header has to be sound here; of broken rows the number is found later.
        with plain.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            rows = csv.reader(file)
            headers, first = next(rows, []), next(rows, None)
        "".join(headers).encode()
    except (UnicodeEncodeError, csv.Error) as error:
        long = "field limit" in str(error)
        wrong = f"a cell is longer than {CELL:,} characters" if long else "expected CSV with a header in UTF-8"
        raise BadDeliveryError(str(path), f"{wrong}: export the file anew.") from error
    _few_enough(headers, path)
    # Some writers leave out the commas of empty columns at the end of every row; those columns are then not there.
    return tuple(headers[: len(first)] if first else headers)


def _few_enough(headers: Sequence[str], path: Path) -> None:
    if len(headers) > COLUMNS:
        raise BadDeliveryError(str(path), f"it has {len(headers):,} columns, more than {COLUMNS:,}: it is no bill.")


def _parquet_headers(plain: Path, path: Path) -> tuple[str, ...]:
    import pyarrow as pa  # noqa: PLC0415  only Parquet needs it
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        names = tuple(pq.read_schema(plain).names)
    except (pa.ArrowException, OSError, MemoryError) as error:
        raise BadDeliveryError(str(path), "the Parquet file is cut off or damaged: fetch it again.") from error
    _few_enough(names, path)
    return names


def _narrowed(plain: Path, target: Path, path: Path) -> Path:
    import pyarrow as pa  # noqa: PLC0415  as above

    from jobs.bills import wide  # noqa: PLC0415

    try:
        return wide.narrowed(plain, target, name=str(path))
    except (pa.ArrowException, OSError, MemoryError) as error:
        raise BadDeliveryError(str(path), "the Parquet file is cut off or damaged: fetch it again.") from error


def _json_headers(plain: Path, path: Path) -> tuple[str, ...]:
    """Return the dotted paths of the first object; rows may be an array, lines, or just one after the other."""
    try:
        with plain.open(encoding="utf-8-sig") as file:
            text = file.read(PIECE).lstrip().removeprefix("[").lstrip()
    except UnicodeDecodeError as error:
        raise BadDeliveryError(str(path), "expected JSON in UTF-8: export the file anew.") from error
    if text.startswith("]"):
        return ()
    try:
        first, _ = json.JSONDecoder().raw_decode(text)
    except json.JSONDecodeError as error:
        raise BadDeliveryError(str(path), f"expected rows as JSON objects ({error.msg}).", row=1) from error
    except RecursionError as error:
        problem = "its first row is nested deeper than any bill's: look at what it is."
        raise BadDeliveryError(str(path), problem, row=1) from error
    if not isinstance(first, dict):
        raise BadDeliveryError(str(path), f"expected rows as JSON objects, found {text[:20]!r}.", row=1)
    names = tuple(_dotted(first))
    _few_enough(names, path)
    return names


def _dotted(value: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield from _dotted(inner, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"
