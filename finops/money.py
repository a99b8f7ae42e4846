"""Money: an exact amount and its currency, refusing to be mixed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal

from finops.errors import CurrencyMismatchError

# Bills carry up to 28 decimals; Python's default context of 28 digits in all would round them.
EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
CENT = Decimal("0.01")
NO_CURRENCY = "XXX"
"""ISO 4217's code for none: what amounts have whose currency nobody named."""
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in one currency (ISO 4217 code, or whatever the bill says)."""

    amount: Decimal
    currency: str

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatchError(self.currency, other.currency)

    def __add__(self, other: Money) -> Money:
        """Add exactly. Raises CurrencyMismatchError."""
        self._same(other)
        return Money(EXACT.add(self.amount, other.amount), self.currency)

    def __sub__(self, other: Money) -> Money:
        """Subtract exactly. Raises CurrencyMismatchError."""
        self._same(other)
        return Money(EXACT.subtract(self.amount, other.amount), self.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        """Scale by a number without unit."""
        return Money(EXACT.multiply(self.amount, Decimal(factor)), self.currency)

    def __neg__(self) -> Money:
        """Turn a charge into a credit."""
        return Money(-self.amount, self.currency)

    def __lt__(self, other: Money) -> bool:
        """Order amounts of one currency. Raises CurrencyMismatchError."""
        self._same(other)
        return self.amount < other.amount

    def __str__(self) -> str:
        """Show it to a person: $1,234.56, -€3.00, 12.00 NOK. Whole units from 10,000 up."""
        size = abs(self.amount)
        number = f"{size:,.0f}" if size >= 10_000 else f"{size.quantize(CENT, ROUND_HALF_EVEN):,}"  # noqa: PLR2004
        sign = "-" if self.amount < 0 and Decimal(number.replace(",", "")) else ""
        symbol = SYMBOLS.get(self.currency)
        return f"{sign}{symbol}{number}" if symbol else f"{sign}{number} {self.currency}"


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Sum exactly, whatever the number of digits. The sum of nothing is 0."""
    result = Decimal(0)
    for amount in amounts:
        result = EXACT.add(result, amount)
    return result


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    """Part of the whole as a ratio (0.25 is a quarter), or None where the whole is nothing."""
    return EXACT.divide(part, whole) if whole else None
