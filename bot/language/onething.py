"""What is refused because it does not go together."""

from __future__ import annotations

from finops.errors import CostsError


class OneThingError(CostsError):
    """Two things were asked for at once, or more names a row than a table can show."""
