"""What is refused because it does not go together."""

from __future__ import annotations

from finops.errors import CostsError


class OneThingError(CostsError):
    """Two things were asked for at once, or more names a row than a table can show."""


class TwoPlacesError(OneThingError):
    """Several places were to be told."""

    def __init__(self) -> None:
        """Say what works instead."""
        super().__init__("I tell one channel or person each time: say it once for each of them.")
