"""What a rule names, held against what there is: one about a team that nobody has would never tell anything."""

from __future__ import annotations

import difflib

from sqlalchemy.orm import Session

from bot.drafts import scope
from bot.questions import CostQuestion, Kind, NotUnderstoodError, OneThingError, Rule, Threshold, Watch
from finops.alerting.kinds import RuleKind
from finops.alerting.rules import AlertRule
from finops.foreign import plain
from storage import charges
from storage.budgets import YAML, budgets
from storage.settings import settings

ANYWAY = "If it is yet to come, add the word `anyway`, and the rule waits for it."


def held(session: Session, question: CostQuestion) -> None:
    """Hold the filters, the currency and the budget of a rule against the ledger and the budgets that there are.

    Raises NotUnderstoodError with the nearest that is known, OneThingError where there is none; nothing for a rule
    that is said to be wanted `anyway`.
    """
    said = question.rule or Rule()
    if said.anyway:
        return
    try:
        if question.where:
            scope.spelt(session, question)
        _currency(session, question)
    except NotUnderstoodError as unknown:
        raise _waiting(unknown) from None
    if said.watch is Watch.FORECAST_OVER_BUDGET:
        _budget(question, said)


def field(session: Session, rule: AlertRule) -> tuple[str, str] | None:
    """Return which field of the form names what nobody knows, and what is said of it; None where all is known."""
    limit = Threshold(amount=rule.amount, currency=rule.currency) if rule.amount is not None else None
    watch = Watch.FORECAST_OVER_BUDGET if rule.kind is RuleKind.FORECAST_OVER_BUDGET else None
    said = Rule(watch=watch, budget=rule.budget)
    question = CostQuestion(kind=Kind.ALERT, where=rule.filters, threshold=limit, rule=said)
    try:
        held(session, question)
    except NotUnderstoodError as unknown:
        named = [value[:60] for values in rule.filters.values() for value in values]
        return "where" if unknown.word in named else "budget" if watch else "size", str(unknown)
    except OneThingError as none:
        return "budget", str(none)
    return None


def _currency(session: Session, question: CostQuestion) -> None:
    limit, known = question.threshold, charges.currencies(session)
    if limit is None or not known or limit.currency in {None, *known}:
        return
    nearest = question.changed(threshold=limit.model_copy(update={"currency": known[0]}))
    raise NotUnderstoodError(limit.currency or "", known[0], nearest)


def _budget(question: CostQuestion, said: Rule) -> None:
    known = {one.name.casefold(): one.name for one in budgets(settings().home)}
    if not known:
        message = f"There is no budget yet, so no rule can watch one: write {YAML} first. {ANYWAY}"
        raise OneThingError(message)
    wanted = said.budget
    if wanted is None or wanted.casefold() in known:
        return
    close = difflib.get_close_matches(wanted.casefold(), known, n=1, cutoff=0.0)
    nearest = question.changed(rule=said.model_copy(update={"budget": known[close[0]]})) if close else None
    names = ", ".join(plain(one) for one in list(known.values())[:8])
    unknown = NotUnderstoodError(wanted[:60], None, nearest)
    unknown.args = (f"I know no budget “{plain(wanted[:60])}”: there are {names}. {ANYWAY}",)
    raise unknown


def _waiting(unknown: NotUnderstoodError) -> NotUnderstoodError:
    said = str(unknown)
    unknown.args = (f"{said}{'' if said.endswith(('.', '?', '!')) else '.'} {ANYWAY}",)
    return unknown
