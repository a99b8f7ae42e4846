"""What a word may name that is no service: a budget's costs, a team, an account, an app, an environment."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot import budget_names, filters
from bot.language.question import dimension_of
from bot.questions import CostQuestion
from finops.errors import UnknownWordError
from finops.focus import Dimension
from storage import charges

ELSEWHERE = ("team", "account", "app", "env")
SERVICE = Dimension.SERVICE.value


def elsewhere(session: Session, question: CostQuestion) -> CostQuestion | None:
    """Return the question about what is called just so, in place of a service that nobody knows; None for nothing."""
    values, currency = question.where[SERVICE], charges.currency(session)
    if len(values) != 1 or currency is None:
        return None
    rest = {name: each for name, each in question.where.items() if name != SERVICE}
    if where := budget_names.costs(values[0]):
        return question.changed(where={**rest, **where})
    for name in map(dimension_of, ELSEWHERE):
        guess = question.changed(where={**rest, name: values})
        try:
            spelt = filters.spelt(session, filters.named(session, guess), currency)
        except UnknownWordError:
            continue
        return spelt if all(spelt.where[name]) else guess  # what nobody has is called untagged, and not ""
    return None
