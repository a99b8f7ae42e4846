"""What an alert rule names, held against what there is: one about a team that nobody has would never tell anything."""

from __future__ import annotations

from sqlalchemy.orm import Session

from finops.alerting.kinds import RuleKind
from finops.alerting.rules import AlertRule
from finops.errors import UnknownWordError
from finops.foreign import plain
from storage import charges, filters
from storage.budgets import budgets
from storage.settings import settings


def unknown(session: Session, rule: AlertRule) -> str:
    """Return in a sentence which names of a rule are not known yet, nothing where all are; before any bill all are."""
    return " ".join(filter(None, (_where(session, rule), _currency(session, rule), _budget(rule))))


def _where(session: Session, rule: AlertRule) -> str:
    currency = charges.currency(session)
    if not rule.filters or currency is None:
        return ""
    try:
        filters.spelt(session, filters.named(session, rule.filters), currency)
    except UnknownWordError as error:
        return _told(f"No bill knows “{plain(error.word)}”", error.closest)
    return ""


def _currency(session: Session, rule: AlertRule) -> str:
    known = charges.currencies(session)
    if rule.amount is None or not known or rule.currency in {None, *known}:
        return ""
    return _told(f"No bill is in {plain(rule.currency or '')}", known[0])


def _budget(rule: AlertRule) -> str:
    if rule.kind is not RuleKind.FORECAST_OVER_BUDGET or rule.budget is None:
        return ""
    known = [one.name for one in budgets(settings().home)]
    if rule.budget.casefold() in {one.casefold() for one in known}:
        return ""
    return _told(f"There is no budget “{plain(rule.budget)}”", ", ".join(known[:8]) or None)


def _told(what: str, closest: str | None) -> str:
    guess = f" Did you mean {plain(closest)}?" if closest else ""
    return f"{what} yet, so it tells nothing until then.{guess}"
