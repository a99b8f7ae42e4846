"""What became of a delivery, as values."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from storage.models import DeliveryStatus


@dataclass(frozen=True, slots=True)
class PeriodResult:
    """What became of one billing period of a delivery."""

    billing_period: str
    rows: int
    billed_cost: dict[str, Decimal]
    effective_cost: dict[str, Decimal]
    fingerprint: str
    status: str
    """`loaded`, `unchanged` or `rejected`."""
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of a delivery."""

    source: str
    format: str
    periods: tuple[PeriodResult, ...]
    lacks: tuple[str, ...]
    """Figures that the format cannot give; billed cost stands in for them."""

    @property
    def rejected(self) -> tuple[PeriodResult, ...]:
        """Return the periods that replaced nothing."""
        return tuple(period for period in self.periods if period.status == DeliveryStatus.REJECTED)


def plain(amount: Decimal) -> str:
    """Write an amount without exponent and without zeros at its end."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def texts(amounts: dict[str, Decimal]) -> dict[str, str]:
    """Write amounts by currency as texts."""
    return {currency: plain(amount) for currency, amount in amounts.items()}
