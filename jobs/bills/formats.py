"""Every format that is read natively, and how one is recognized from its headers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import ibis.expr.types as ir

from finops.errors import BadDeliveryError
from jobs.bills.rules import squeeze
from jobs.providers.aws import bills as aws
from jobs.providers.azure import bills as azure
from jobs.providers.focus import bills as focus
from jobs.providers.gcp import bills as gcp

MODULES = (focus, aws, azure, gcp)
NAMES = tuple(name for module in MODULES for name in module.FORMATS)


@dataclass(frozen=True, slots=True)
class Format:
    """A recognized format: its rules, the columns one of which must be there, and the figures that it cannot give."""

    name: str
    stages: tuple[Callable[[ir.Table], ir.Table], ...]
    """One after the other: each is a view on the one before, so that what it made has a name and is made once."""
    required: tuple[str, ...]
    lacks: tuple[str, ...]
    paths: tuple[str, ...]
    """Of JSON rows: dotted paths that may be there though the first row lacks them."""


def recognize(wanted: str, headers: Iterable[str], *, file: str) -> Format:
    """Return the format of these headers. Raises BadDeliveryError if it is unknown, or not the wanted one."""
    names = list(headers)
    squeezed = frozenset(squeeze(name) for name in names)
    for module in MODULES:
        found = module.recognize(squeezed)
        if found and wanted in ("auto", *module.FORMATS):
            exact = wanted if wanted != "auto" else _spelling(found, names)
            return Format(exact, module.STAGES, module.REQUIRED, module.LACKS, module.PATHS)
        if found:
            problem = f"expected {wanted}, but its headers are those of {found}: say `auto` or `{found}`."
            raise BadDeliveryError(file, problem)
    if wanted != "auto":
        required = next(module.REQUIRED for module in MODULES if wanted in module.FORMATS)
        raise BadDeliveryError(
            file, f"expected {wanted}, which has a column {' or '.join(required)}; found {_sample(names)}."
        )
    raise BadDeliveryError(
        file, f"no known format ({', '.join(NAMES)}) has these headers: {_sample(names)}. Is it a billing export?"
    )


def _spelling(found: str, names: list[str]) -> str:
    """Tell CUR 2.0, in snake case, from the legacy report."""
    return "aws-cur2" if found == "aws-cur" and "line_item_unblended_cost" in names else found


def _sample(names: list[str]) -> str:
    shown = ", ".join(name[:40] for name in names[:5])
    return f"{shown}{', …' if len(names) > 5 else ''}" if shown else "none"  # noqa: PLR2004  enough to know it by
