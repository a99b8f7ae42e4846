"""Filters of a question as the ledger spells them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.questions import CostQuestion, Kind, NotUnderstoodError
from finops.errors import UnknownWordError
from storage import filters


def named(session: Session, question: CostQuestion) -> CostQuestion:
    """Return the question with accounts by their numbers, where a person wrote a name; several may share one."""
    return question.model_copy(update={"where": filters.named(session, question.where)})


def spelt(session: Session, question: CostQuestion, currency: str) -> CostQuestion:
    """Return the question with each value of its filters as the ledger has it. Raises NotUnderstoodError."""
    try:
        return question.model_copy(update={"where": filters.spelt(session, question.where, currency)})
    except UnknownWordError as error:
        raise NotUnderstoodError(error.word, error.closest, _nearest(question, error), error.example) from None


def _nearest(question: CostQuestion, error: UnknownWordError) -> CostQuestion | None:
    """Return the question with the closest value that is known in the place of the one that is not.

    Where nothing is like it, of costs the question by all values that there are.
    """
    if error.closest is None:
        return _by_all(question, error.word)
    closest = error.closest
    where = {
        name: tuple(closest if value[:60] == error.word else value for value in values)
        for name, values in question.where.items()
    }
    return question.changed(where=where)


def _by_all(question: CostQuestion, unknown: str) -> CostQuestion | None:
    if question.kind is not Kind.COST:
        return None
    name = next(name for name, values in question.where.items() if unknown in {value[:60] for value in values})
    return question.changed(where={key: each for key, each in question.where.items() if key != name}, group_by=(name,))
