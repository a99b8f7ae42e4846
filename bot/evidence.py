"""The page behind an answer: only one that tells the same days, amounts and groups, and the same total, supports it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from bot.questions import IN_TIME, CostQuestion, Kind
from finops.focus import Dimension
from finops.periods import Period
from finops.trend import windows
from storage import allotted, artifacts, runs

if TYPE_CHECKING:
    from bot.answers import CostAnswer

NOTEBOOK = "notebook:cost_breakdown"
SERVICE = (Dimension.SERVICE.value,)


def possible(found: CostAnswer) -> bool:
    """Whether a notebook can tell the same: it knows no filters, rules, rates or days that are still open."""
    question = found.question
    known = not question.where and not found.rates and not any(name in IN_TIME for name in question.group_by)
    if not known or found.unsettled or not found.rows or allotted.rules(question.group_by):
        return False
    before = windows(found.settled_through, str(found.start), str(found.end))[1]
    return not found.comparable or before == Period(found.before_start, found.before_end)


def parameters(found: CostAnswer) -> dict[str, Any]:
    """Return what the notebook is run with to tell what an answer tells."""
    first, *then = found.question.group_by or SERVICE
    asked = {"start": str(found.start), "end": str(found.end), "currency": found.currency}
    return {**asked, "metric": found.question.metric.value, "group_by": first, "then_by": then[0] if then else None}


def of(session: Session, found: CostAnswer) -> str | None:
    """Return the address of the newest page that tells the same; of restated bills an older one does not any more."""
    if not possible(found):
        return None
    run = runs.latest_with(session, NOTEBOOK, parameters(found))
    if run is None or Decimal(str((run.result or {})["total"])) != found.total:
        return None
    page = runs.page(session, run.id)
    return artifacts.link(page) if page else None


def report(found: CostAnswer) -> CostQuestion | None:
    """Return the question that asks for such a page; None where there is one, or where none can be made."""
    if found.evidence or not possible(found):
        return None
    named = {"when", "group_by", "metric"} & found.question.model_fields_set
    return CostQuestion.model_validate({"kind": Kind.REPORT} | {name: getattr(found.question, name) for name in named})
