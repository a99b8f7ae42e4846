"""Filters of a question as the ledger spells them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.questions import CostQuestion
from storage import filters


def named(session: Session, question: CostQuestion) -> CostQuestion:
    """Return the question with accounts by their numbers, where a person wrote a name; several may share one."""
    return question.model_copy(update={"where": filters.named(session, question.where)})


def spelt(session: Session, question: CostQuestion, currency: str) -> CostQuestion:
    """Return the question with each value of its filters as the ledger has it. Raises UnknownWordError."""
    return question.model_copy(update={"where": filters.spelt(session, question.where, currency)})
