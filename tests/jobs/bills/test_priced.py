"""What a quantity costs is exact as far as prices go, and never too large for an exact number."""

from __future__ import annotations

from decimal import Decimal

import ibis
import pytest

from jobs.bills.rules import EXACT, priced


@pytest.mark.parametrize(
    ("price", "quantity", "cost"),
    [
        ("0.5", "744", "372"),
        ("99000.123456789012", "1000000.5", "99000172956.850740394506"),
        ("0.000000000001", "0.00000001", "0"),
    ],
)
def test_a_price_times_a_quantity(price: str, quantity: str, cost: str) -> None:
    """A month of hours at half a dollar has three digits before the point, which the engine's own product has not."""
    values = (ibis.literal(one).cast(EXACT) for one in (price, quantity))
    found = ibis.duckdb.connect().execute(priced(*values))
    assert found == Decimal(cost)
