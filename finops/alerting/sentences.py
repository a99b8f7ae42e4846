"""An alert rule as one plain sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from finops.alerting import durations
from finops.alerting.kinds import Comparison, Grain, RuleKind
from finops.money import Money
from finops.tables import moment, of_limit, percent

if TYPE_CHECKING:
    from finops.alerting.rules import AlertRule

SPAN = {Grain.DAILY: "a day's usage", Grain.WEEKLY: "seven days' usage", Grain.MONTHLY: "the month's usage so far"}
"""Usage, as an answer to what a day cost has taxes, fees and credits in it, too."""
BEFORE = {
    Grain.DAILY: "than the same weekday usually does",
    Grain.WEEKLY: "than the seven days before",
    Grain.MONTHLY: "than the same days of the month before",
}


def sentence(rule: AlertRule) -> str:
    """Tell whom it tells, of what, and when not."""
    whom = f"Tells {rule.to or 'the channel of announcements'}"
    return f"{whom} when {_WHEN[rule.kind](rule)}{_when_not(rule)}."


def whose(rule: AlertRule) -> str:
    """Tell whose costs: everything, or team web or api, service Amazon RDS."""
    if not rule.where:
        return "everything"
    return ", ".join(f"{word} {' or '.join(value or '(none)' for value in each)}" for word, each in rule.where.items())


def of(rule: AlertRule) -> str:
    """Tell whose usage; nothing where it is everybody's."""
    return f" of {whose(rule)}" if rule.where else ""


def money(rule: AlertRule, amount: Decimal) -> str:
    """Tell an amount; without a currency of the rule, as a bare number."""
    return str(Money(amount, rule.currency)) if rule.currency else f"{amount:,f}"


def _threshold(rule: AlertRule) -> str:
    way = "more" if rule.comparison is Comparison.ABOVE else "less"
    return f"{SPAN[rule.grain]}{of(rule)} costs {way} than {money(rule, rule.amount or Decimal(0))}"


def _change(rule: AlertRule) -> str:
    way = "more" if rule.comparison is Comparison.ABOVE else "less"
    sizes = [percent(rule.share)] if rule.share is not None else []
    sizes += [f"{money(rule, rule.amount)}"] if rule.amount is not None else []
    return f"{SPAN[rule.grain]}{of(rule)} costs {' and '.join(sizes)} {way} {BEFORE[rule.grain]}"


def _budget(rule: AlertRule) -> str:
    which = f"the budget {rule.budget}" if rule.budget else "any budget"
    return f"the month is heading for more than {of_limit(rule.part)} of {which}"


def _anomaly(rule: AlertRule) -> str:
    least = f" by {money(rule, rule.amount)} a day or more" if rule.amount is not None else ""
    return f"{whose(rule) if rule.where else 'something'} is out of order{least}"


def _new(what: str) -> Callable[[AlertRule], str]:
    def told(rule: AlertRule) -> str:
        least = f", at {money(rule, rule.amount)} a day or more," if rule.amount is not None else ""
        return f"a {what} is used for the first time{least} within {whose(rule)}"

    return told


def _expiring(rule: AlertRule) -> str:
    return f"a commitment ends within {rule.looked_at} days"


def _underused(rule: AlertRule) -> str:
    part = percent(rule.part)
    return f"a commitment was used by less than {part} over {rule.looked_at} days"


def _untagged(rule: AlertRule) -> str:
    sizes = [percent(rule.part)] if rule.part else []
    sizes += [money(rule, rule.amount)] if rule.amount is not None else []
    return f"more than {' and '.join(sizes)} of {SPAN[rule.grain]}{of(rule)} lacks the tag {rule.tag or 'team'}"


def _stale(rule: AlertRule) -> str:
    return f"a bill is more than {rule.looked_at} days behind"


def _failed(rule: AlertRule) -> str:
    del rule
    return "the collection of bills fails twice in a row"


_WHEN: Mapping[RuleKind, Callable[[AlertRule], str]] = MappingProxyType(
    {
        RuleKind.THRESHOLD: _threshold,
        RuleKind.CHANGE: _change,
        RuleKind.FORECAST_OVER_BUDGET: _budget,
        RuleKind.ANOMALY: _anomaly,
        RuleKind.NEW_SERVICE: _new("service"),
        RuleKind.NEW_REGION: _new("region"),
        RuleKind.COMMITMENT_EXPIRING: _expiring,
        RuleKind.COMMITMENT_UNDERUSED: _underused,
        RuleKind.UNTAGGED: _untagged,
        RuleKind.STALE_DATA: _stale,
        RuleKind.FAILED_COLLECTION: _failed,
    }
)


def _when_not(rule: AlertRule) -> str:
    parts = [
        f"not from {rule.quiet}" if rule.quiet and not rule.break_through else "",
        f"again only {durations.told(rule.cool_down)} after it was over" if rule.cool_down else "",
        f"{rule.escalation.to} as well if nobody acknowledges it within {durations.told(rule.escalation.after)}"
        if rule.escalation
        else "",
        f"muted until {moment(rule.muted_until)}" if rule.muted_until else "",
    ]
    return "".join(f"; {part}" for part in parts if part)
