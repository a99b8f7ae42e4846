"""What became of a delivery, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

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


def packed(done: Ingested) -> dict[str, Any]:
    """Return it as JSON has it, amounts as texts."""
    periods = [
        {**asdict(one), "billed_cost": texts(one.billed_cost), "effective_cost": texts(one.effective_cost)}
        for one in done.periods
    ]
    return {"source": done.source, "format": done.format, "periods": periods, "lacks": list(done.lacks)}


def unpacked(given: Mapping[str, Any]) -> Ingested:
    """Return what `packed` made of it."""
    return Ingested(
        given["source"], given["format"], tuple(_period(one) for one in given["periods"]), tuple(given["lacks"])
    )


def _period(given: Mapping[str, Any]) -> PeriodResult:
    amounts = {
        name: {currency: Decimal(amount) for currency, amount in given[name].items()}
        for name in ("billed_cost", "effective_cost")
    }
    return PeriodResult(**{**given, **amounts})
