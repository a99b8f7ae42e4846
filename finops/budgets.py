"""Budgets: whose costs, by which metric, how much a month, and who answers for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from finops.allocation import dimension, filters
from finops.focus import Metric
from finops.money import EXACT, share, total
from finops.periods import Period
from finops.where import Where

METRICS = {metric.value.removesuffix("_cost"): metric for metric in Metric}
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


class Budget(BaseModel):
    """One budget. Without `where` it is about all costs; amounts are of one calendar month, in `currency`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=80)
    amount: Decimal = Field(gt=0, allow_inf_nan=False)
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    """Without it the one that is asked for first."""
    metric: str = "effective"
    owner: str | None = None
    where: Where = Field(default_factory=dict)
    """Words of `/cost`, each with its values."""
    months: dict[str, Decimal] = Field(default_factory=dict)
    """Months that have another amount: `2026-12: 15000`."""

    @model_validator(mode="after")
    def _sound(self) -> Budget:
        if self.metric not in METRICS:
            message = f"metric is one of {', '.join(METRICS)}"
            raise ValueError(message)
        for month, amount in self.months.items():
            if not _MONTH.fullmatch(month) or not amount.is_finite() or amount <= 0:
                message = "months are written as 2026-12, with an amount above 0"
                raise ValueError(message)
        for word in self.where:
            dimension(word)
        return self

    @property
    def measured(self) -> Metric:
        """The amount of a charge that counts."""
        return METRICS[self.metric]

    @property
    def filters(self) -> dict[str, tuple[str, ...]]:
        """Whose costs, in the ledger's words."""
        return filters(self.where)

    def of(self, period: Period) -> Decimal:
        """Return what the months that a period touches may cost together: of a quarter or a year its months' sum."""
        return total(self.months.get(f"{month.start:%Y-%m}", self.amount) for month in period.months())


@dataclass(frozen=True, slots=True)
class Standing:
    """A budget against what was spent; amounts in one currency."""

    budget: Budget
    currency: str
    amount: Decimal
    spent: Decimal
    landing: Decimal | None
    """Where the period ends, of one that goes on; see `finops.trend.landing`."""

    @property
    def expected(self) -> Decimal:
        """Return what it will have cost in the end, as far as that is known."""
        return self.spent if self.landing is None else max(self.landing, self.spent)

    @property
    def used(self) -> Decimal:
        """Return the part of it that is spent, as a ratio."""
        return share(self.spent, self.amount) or Decimal(0)

    @property
    def ends_at(self) -> Decimal:
        """Return the part of it that will be spent in the end, as a ratio."""
        return share(self.expected, self.amount) or Decimal(0)

    @property
    def over(self) -> Decimal:
        """Return how much more than the budget it will cost; below nothing where it costs less."""
        return EXACT.subtract(self.expected, self.amount)
