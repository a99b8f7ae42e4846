"""Every format that is read natively, and how one is recognized from its headers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis.expr.types as ir

from finops.errors import BadDeliveryError
from jobs.bills.rules import squeeze
from jobs.bills.told import Told
from jobs.providers.aws import bills as aws
from jobs.providers.azure import bills as azure
from jobs.providers.focus import bills as focus
from jobs.providers.gcp import bills as gcp

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MODULES = (focus, aws, azure, gcp)
NAMES = tuple(name for module in MODULES for name in module.FORMATS)


Stage = Callable[[ir.Table], ir.Table]
Whole = tuple[Callable[[ir.Table], ir.BooleanValue], Stage]
"""A last stage over all charges of a delivery, and which charges it is about: without any, it changes nothing."""
Written = tuple[Callable[[ir.Table], ir.Table | None], Callable[[Mapping[str, int | None]], bool], Stage]
"""Cells that files write in one of two ways: a query that counts what tells them apart, a row a file; whether a row
means the other way; the stage that reads them so."""
Join = Callable[["DuckDBPyConnection", Sequence[tuple[str, Told]]], str | None]
"""Given an engine with the table `charges`, and of every file its name and what is told of it, returns the rows that
count, as a query; nothing if all do. Raises BadDeliveryError."""


@dataclass(frozen=True, slots=True)
class Format:
    """A recognized format: its rules, the columns one of which must be there, and those that are read as numbers."""

    name: str
    stages: tuple[Stage, ...]
    """One after the other: each is a view on the one before, so that what it made has a name and is made once."""
    required: tuple[str, ...]
    amounts: tuple[str, ...]
    """Columns that hold an amount, or nothing."""
    moments: tuple[str, ...]
    """Columns that hold a date or an instant, or nothing."""
    paths: tuple[str, ...]
    """Of JSON rows: dotted paths that may be there though the first row lacks them."""
    prices: tuple[str, ...] = ()
    """Columns that hold an amount, and text in which is nothing worse than a gap."""
    whole: Whole | None = None
    telling: tuple[tuple[str, ...], ...] = ()
    """Columns, one of each being enough, whose lack means something else for a row than an empty cell."""
    written: Written | None = None
    join: Join | None = None
    """How files become one bill that are more than its parts, if that can be."""

    def told_by(self, headers: Iterable[str]) -> tuple[bool, ...]:
        """Return which of the telling columns a file with these headers has."""
        squeezed = {squeeze(name) for name in headers}
        return tuple(any(squeeze(name) in squeezed for name in names) for names in self.telling)

    def twice(self, headers: Sequence[str]) -> str | None:
        """Name a column of amounts or dates that a file has more than once, if any."""
        squeezed = [squeeze(name) for name in headers]
        return next((name for name in (*self.amounts, *self.moments) if squeezed.count(squeeze(name)) > 1), None)


OPTIONAL = ("prices", "whole", "telling", "written", "join")
SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
SURE = 3
"""So many columns of a format are no accident, though the one that counts is missing."""


def recognize(wanted: str, headers: Iterable[str], *, file: str) -> Format:
    """Return the format of these headers. Raises BadDeliveryError if it is unknown, or not the wanted one."""
    names = list(headers)
    squeezed = frozenset(squeeze(name) for name in names)
    for module in MODULES:
        found = module.recognize(squeezed)
        if found:
            name = _named(wanted, module.FORMATS, _spelling(found, names), file=file)
            own = (module.STAGES, module.REQUIRED, module.AMOUNTS, module.MOMENTS, module.PATHS)
            more = {field: getattr(module, field.upper()) for field in OPTIONAL if hasattr(module, field.upper())}
            return Format(name, *own, **more)
    like = max(MODULES, key=lambda module: _signs(module.SIGNS, squeezed))
    if _signs(like.SIGNS, squeezed) >= SURE and wanted in ("auto", *like.FORMATS):
        problem = f"it looks like {like.FORMATS[0]}, but has no column {' or '.join(like.REQUIRED)}: export it anew."
        raise BadDeliveryError(file, problem)
    if wanted != "auto":
        required = next(module.REQUIRED for module in MODULES if wanted in module.FORMATS)
        problem = f"expected {wanted}, which has a column {' or '.join(required)}; found {_sample(names)}."
        raise BadDeliveryError(file, problem)
    if len(names) == 1 and (mark := next((sign for sign in SEPARATORS if sign in names[0]), None)):
        problem = f"its columns are parted by {SEPARATORS[mark]}: export it anew, with commas."
        raise BadDeliveryError(file, problem)
    problem = f"no known format ({', '.join(NAMES)}) has these headers: {_sample(names)}. Is it a billing export?"
    raise BadDeliveryError(file, problem)


def _named(wanted: str, family: Sequence[str], found: str, *, file: str) -> str:
    """Return the format's name. Snake case is CUR 2.0's, and that of a legacy report after Athena."""
    if wanted in ("auto", found) or (wanted == "aws-cur" and wanted in family):
        return found if wanted == "auto" else wanted
    problem = f"expected {wanted}, but its headers are those of {found}: say `auto` or `{found}`."
    raise BadDeliveryError(file, problem)


def _signs(signs: Iterable[str], squeezed: frozenset[str]) -> int:
    return sum(squeeze(sign) in squeezed for sign in signs)


def _spelling(found: str, names: list[str]) -> str:
    """Tell CUR 2.0, in snake case, from the legacy report."""
    return "aws-cur2" if found == "aws-cur" and not any("/" in name for name in names) else found


def _sample(names: list[str]) -> str:
    shown = ", ".join(name[:40] for name in names[:5])
    return f"{shown}{', …' if len(names) > 5 else ''}" if shown else "none"  # noqa: PLR2004  enough to know it by
