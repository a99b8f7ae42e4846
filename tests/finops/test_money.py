"""Money is exact and refuses to be mixed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finops.errors import CurrencyMismatchError
from finops.money import Money, share, total


def test_twenty_eight_decimals_survive_a_sum() -> None:
    """Python's default context of 28 digits would round this."""
    small, large = Decimal("0.0000000000000000000000000001"), Decimal(123456789)
    assert str(total([large, small])) == "123456789.0000000000000000000000000001"


def test_currencies_are_never_mixed() -> None:
    """Neither by adding, nor by taking away, nor by comparing."""
    dollars, euros = Money(Decimal(1), "USD"), Money(Decimal(1), "EUR")
    for mix in (lambda: dollars + euros, lambda: dollars - euros, lambda: dollars < euros):
        with pytest.raises(CurrencyMismatchError, match="USD and EUR"):
            mix()


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("0", "USD", "$0.00"),
        ("1234.565", "USD", "$1,234.56"),
        ("-3", "EUR", "-€3.00"),
        ("-0.001", "USD", "$0.00"),
        ("12", "NOK", "12.00 NOK"),
        ("123456.78", "USD", "$123,457"),
    ],
)
def test_money_is_shown_as_a_person_writes_it(amount: str, currency: str, shown: str) -> None:
    """Cents below ten thousand, whole units above, the code where there is no sign, no negative nothing."""
    assert str(Money(Decimal(amount), currency)) == shown


def test_a_share_of_nothing_is_unknown() -> None:
    """It is not zero."""
    assert share(Decimal(1), Decimal(0)) is None
    assert share(Decimal(1), Decimal(4)) == Decimal("0.25")
