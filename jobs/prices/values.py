"""Cells of price lists: amounts, days and sizes, read exactly or refused."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from finops.errors import BadDeliveryError


def amount(cell: Any, *, file: str, row: int | None = None, column: str | None = None) -> Decimal:  # noqa: ANN401
    """Read a price. Raises BadDeliveryError; a float is refused, because JSON has to be read with exact numbers."""
    try:
        value = cell if isinstance(cell, Decimal) else Decimal(str(cell).strip().replace(",", ""))
    except InvalidOperation:
        value = Decimal("NaN")
    if isinstance(cell, float) or not value.is_finite() or value < 0:
        raise BadDeliveryError(file, f"expected a price, found “{str(cell)[:40]}”.", row=row, column=column)
    return value


def day(cell: Any, *, file: str, row: int | None = None) -> date:  # noqa: ANN401
    """Read the day from which a price holds: 2026-07-01, or an instant that begins so. Raises BadDeliveryError."""
    try:
        return date.fromisoformat(str(cell)[:10])
    except ValueError as error:
        raise BadDeliveryError(file, f"expected a day like 2026-07-01, found “{str(cell)[:40]}”.", row=row) from error


def number(cell: str | None) -> Decimal | None:
    """Read a size: `8`, `1,952 GiB`; nothing where there is none."""
    found = re.match(r"[0-9][0-9,]*(?:\.[0-9]+)?", (cell or "").strip())
    return Decimal(found[0].replace(",", "")) if found else None
