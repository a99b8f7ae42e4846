"""Known events as people list them: YAML or CSV, read whole or not at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from pydantic import ValidationError

from finops import invalid
from finops.errors import BadSettingError, UnavailableError
from finops.known_events import KnownEvent
from finops.periods import ONE_DAY
from jobs.known_events import calendars
from storage import yaml_files

LARGEST = 5_000_000
"""Bytes: a list that people keep is a thousandth of it."""
MOST = 10_000
FIELDS = ("title", "first", "last", "kind", "where", "link")
EXAMPLE = "{title: Checkout 4.2, first: 2026-11-12, kind: release, where: {team: payments}}"
HEAD = f"CSV begins with the line {','.join(FIELDS)} (title and first are needed)"


def read(file: Path) -> list[KnownEvent]:
    """Read a file by its ending. Raises BadSettingError naming the item that is wrong, UnavailableError."""
    readers = {".yaml": _yaml, ".yml": _yaml, ".csv": _csv, ".ics": calendars.read}
    if file.suffix.lower() not in readers:
        message = f"{file}: known events are read from .yaml, .csv or .ics, not from “{file.suffix}”."
        raise BadSettingError(message)
    found = readers[file.suffix.lower()](file, _text(file))
    if len(found) > MOST:
        message = f"{file} holds {len(found):,} events, and {MOST:,} are kept of a file: leave some out."
        raise BadSettingError(message)
    return found


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
        if len(content) > LARGEST:
            message = f"{file} is larger than {LARGEST:,} bytes: is it a list of events?"
            raise BadSettingError(message)
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{file} is no UTF-8 text (byte {error.start}): save it as UTF-8."
        raise BadSettingError(message) from error
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}."
        raise UnavailableError(message) from error


def _yaml(file: Path, text: str) -> list[KnownEvent]:
    listed = yaml_files.parsed(file, text)
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        message = f"{file} should be a list of events, each as {EXAMPLE}."
        raise BadSettingError(message)
    return [event(one, f"{file}, item {number}") for number, one in enumerate(listed, 1)]


def _csv(file: Path, text: str) -> list[KnownEvent]:
    try:
        rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        if not {"title", "first"} <= set(rows.fieldnames or ()):
            message = f"{file}: {HEAD}."
            raise BadSettingError(message)
        return [event(_cells(row), f"{file}, row {number}") for number, row in enumerate(rows, 1)]
    except csv.Error as error:
        message = f"{file} is no CSV: {error}."
        raise BadSettingError(message) from error


def _cells(row: Mapping[str | None, object]) -> dict[object, object]:
    """Return a row's cells that hold something, more cells than the head has included."""
    found: dict[object, object] = {name: cell for name, cell in row.items() if cell}
    if isinstance(where := found.get("where"), str):
        found["where"] = narrowed(where.split(" and "))
    return found


def narrowed(phrases: list[str] | tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Read `team=payments`, `provider=aws`; several values of one word fit alike. Raises BadSettingError."""
    where: dict[str, tuple[str, ...]] = {}
    for phrase in phrases:
        word, found, values = phrase.partition("=")
        if not found or not word.strip():
            message = f"“{phrase[:60]}” does not say whose costs: write it as team=payments."
            raise BadSettingError(message)
        where[word.strip()] = (*where.get(word.strip(), ()), values.strip().strip("\"'“”"))
    return where


def event(given: Mapping[object, object], place: str) -> KnownEvent:
    """Make an event of what people wrote: `last` is its last day, which may be left out. Raises BadSettingError."""
    unknown = [str(name) for name in given if name not in FIELDS]
    if unknown:
        named = f"“{unknown[0][:40]}”" if unknown[0] != "None" else "a cell beyond the head"
        message = f"{place}: {named} is nothing that an event has; it has {', '.join(FIELDS)}."
        raise BadSettingError(message)
    first = day(given.get("first"), f"{place}, first")
    last = day(given["last"], f"{place}, last") if given.get("last") else first
    rest = {str(name): value for name, value in given.items() if name not in ("first", "last") and value is not None}
    try:
        return KnownEvent.model_validate({**rest, "first": first, "end": last + ONE_DAY})
    except (ValidationError, OverflowError) as error:
        what, told = invalid.first(error) if isinstance(error, ValidationError) else ("last", str(error))
        what = what.partition(".")[0]
        example = "" if "For example" in told else f". For example {EXAMPLE}."
        message = f"{place}{f', {what}' if what else ''}: {told}{example}"
        raise BadSettingError(message) from error


def day(given: object, place: str) -> date:
    """Read a day. Raises BadSettingError."""
    if isinstance(given, date) and not isinstance(given, datetime):
        return given
    try:
        return date.fromisoformat(str(given))
    except ValueError:
        message = f"{place}: “{str(given)[:40]}” is no day; write it as 2026-11-12."
        raise BadSettingError(message) from None
