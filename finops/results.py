"""What a notebook hands back: one checked value. Money travels as text, because JSON's numbers are floats."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer

from finops.money import CENT, EXACT

SIX_DIGITS = Decimal("0.000001")


def _exact(value: object) -> object:
    if isinstance(value, float):
        message = "a float cannot hold money: give a Decimal, or its text"
        raise ValueError(message)  # noqa: TRY004  pydantic turns a ValueError into its own error
    return value


Amount = Annotated[
    Decimal,
    BeforeValidator(_exact),
    PlainSerializer(lambda amount: format(amount, "f"), return_type=str, when_used="json"),
]
"""An exact amount: a Decimal in Python, plain digits as text in JSON; never a float, never an exponent."""


class Result(BaseModel):
    """The base of every notebook's result. Shown as the last line of a notebook it displays itself as JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """Tell Jupyter how to show it; its text form is left out, since a page shows what led to it anyway."""
        del include, exclude
        return {"application/json": self.model_dump(mode="json")}


class Evidence(Result):
    """What every cost analysis says about itself: which days, which amounts, and how complete they are."""

    start: date
    end: date
    """Exclusive."""
    currency: str
    metric: str
    settled_through: dict[str, date]
    """Provider to its last complete day."""


def cents(amount: Decimal) -> Decimal:
    """Round an estimate to what can be paid; what was measured stays exact."""
    return amount.quantize(CENT, ROUND_HALF_EVEN, context=EXACT)


def ratio(value: Decimal | None) -> Decimal | None:
    """Round a ratio to six digits after the point: it is shown, never added up."""
    return None if value is None else value.quantize(SIX_DIGITS, ROUND_HALF_EVEN, context=EXACT)
