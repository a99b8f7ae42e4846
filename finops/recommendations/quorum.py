"""How many approvers a saving needs, by its money and its risk.

One is enough for what saves less than the limit of its currency and can be undone; everything else needs two. The
limit is 1,000 USD a month unless set otherwise. Amounts are never converted for this: a currency without a limit of its
own needs two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from finops.errors import BadSettingError
from finops.money import Money

ONE, TWO = 1, 2
_AMOUNT = re.compile(r"(?P<amount>\d{1,15}(?:\.\d{1,4})?) *(?P<currency>[A-Za-z]{3})")


@dataclass(frozen=True, slots=True)
class Quorum:
    """How many people have to approve, and why so many."""

    people: int
    because: str


@dataclass(frozen=True, slots=True)
class Policy:
    """From which saving a month on one approver is not enough, by currency."""

    limits: Mapping[str, Decimal]

    def needed(self, savings: Iterable[Money], *, reversible: bool) -> Quorum:
        """Judge what is decided at once by its sum; `savings` has one amount a currency."""
        if not reversible:
            return Quorum(TWO, "it cannot be undone")
        for one in savings:
            limit = self.limits.get(one.currency)
            if limit is None:
                return Quorum(TWO, f"no limit is set for {one.currency} (COSTS_QUORUM)")
            if one.amount >= limit:
                return Quorum(TWO, f"{one} a month is not below {Money(limit, one.currency)}")
        return Quorum(ONE, "it can be undone and is below the limit")


def read(text: str) -> Policy:
    """Read the setting, such as `1000 USD, 900 EUR`. Raises BadSettingError."""
    found = {}
    for part in filter(None, (word.strip() for word in text.split(","))):
        match = _AMOUNT.fullmatch(part)
        if match is None:
            message = f"The setting COSTS_QUORUM has “{part}”: write amounts and currencies, such as 1000 USD, 900 EUR."
            raise BadSettingError(message)
        found[match["currency"].upper()] = Decimal(match["amount"])
    return Policy(found)
