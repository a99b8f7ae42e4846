"""What the days that are left of a month are known to bring."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Ahead:
    """Amounts in the currency of what was asked."""

    rest: Decimal | None = None
    """What a forecast expects of usage; None where none was made of these costs."""
    due: Decimal = Decimal(0)
    """What comes each month beside usage, and has not come yet: see `finops.recurring`."""


UNKNOWN = Ahead()
