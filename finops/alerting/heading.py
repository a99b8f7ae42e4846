"""Months that are heading for more than their budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from finops.ahead import UNKNOWN, Ahead
from finops.alerting.findings import Found
from finops.alerting.rules import AlertRule
from finops.budgets import Budget, Standing
from finops.foreign import plain
from finops.money import EXACT, Money, total
from finops.periods import Period
from finops.recurring import Recurring
from finops.tables import of_limit
from finops.trend import landing, month_to_date

NOTHING = Recurring({})


@dataclass(frozen=True, slots=True)
class Spending:
    """What counts against a budget, by the day: usage, and what follows no trend; `settled` the last complete day."""

    budget: Budget
    currency: str
    usage: Mapping[date, Decimal]
    once: Mapping[date, Decimal]
    settled: date
    ahead: Ahead = UNKNOWN
    """What is known of the month after the last complete day; before that day nobody knows what a forecast said."""
    monthly: Recurring = NOTHING
    """What comes each month beside usage."""

    def standing(self, through: date) -> Standing:
        """Return how the month of a day stood, as far as was known on that day."""
        month, _ = month_to_date(through)
        one_off = total(cost for day, cost in self.once.items() if day in month)
        spent = EXACT.add(total(cost for day, cost in self.usage.items() if day in month), one_off)
        known = {day: cost for day, cost in self.usage.items() if day <= through}
        past = Ahead(due=self.monthly.due(Period.month_of(through), through=through))
        lands = landing(known, through=through, one_off=one_off, ahead=self.ahead if through == self.settled else past)
        return Standing(self.budget, self.currency, self.budget.of(month), spent, lands)


def over(rule: AlertRule, spending: Spending, through: date) -> Found | None:
    """Return that a budget is heading for more than the rule's share of it, as it stood on a day."""
    standing, (month, _) = spending.standing(through), month_to_date(through)
    limit = EXACT.multiply(standing.amount, rule.part)
    if standing.expected <= limit:
        return None
    name = plain(spending.budget.name)
    expected, amount, spent = (
        Money(one, spending.currency) for one in (standing.expected, standing.amount, standing.spent)
    )
    sentence = (
        f"The budget {name} is heading for {expected} in {month.start:%B %Y}, {of_limit(standing.ends_at)} of its "
    )
    sentence += f"{amount}; {spent} of it are spent."
    return Found(
        f"{month.start:%Y-%m} {spending.budget.name}", standing.expected, limit, spending.currency, month.start,
        month.end, sentence,
    )  # fmt: skip
