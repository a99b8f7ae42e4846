"""From a text to what is said: read, refined by the question above, narrowed by the channel's scope, answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

from sqlalchemy.orm import Session

from bot import budget_names, guesses
from bot.asker import Asker
from bot.drafts import scope
from bot.drafts.draft import Draft
from bot.questions import EXAMPLE, TOP, CostQuestion, Kind, NotUnderstoodError, read
from finops.focus import Dimension
from storage.settings import settings

Builder = Callable[[Session, CostQuestion, Asker], Draft]
BUILDERS: Mapping[Kind, str] = {
    Kind.COST: "cost:draft",
    Kind.COMPARE: "cost:draft",
    Kind.TREND: "trend:draft",
    Kind.FORECAST: "forecast:draft",
    Kind.BUDGET: "budget:draft",
    Kind.ANOMALIES: "anomalies:draft",
    Kind.WHY: "anomalies:why",
    Kind.REPORT: "others:report",
    Kind.SUBSCRIBE: "subscriptions:draft",
    Kind.ALERT: "alerts:draft",
    Kind.ALERTS: "alerts:listed",
    Kind.FRESHNESS: "others:fresh",
    Kind.SCOPE: "scope:draft",
    Kind.HELP: "others:help_",
    Kind.THANKS: "others:thanks",
}
"""Imported when they are asked for: a cold command line has half a second for all of it."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A question, and what is said of how it was read."""

    question: CostQuestion
    notes: tuple[str, ...] = ()
    called: str = ""
    """Of a digest: what its channel is called."""
    may_keep: bool = True
    """Of an alert rule: whether whoever asks may save it."""
    admins: tuple[str, ...] | None = None
    """Of what is up to whoever runs the server: whom to ask for it; None for an admin, and at the command line."""


def understand(session: Session, text: str, asker: Asker, *, above: str | None = None) -> Understood:
    """Read a text; `above` is the question that a reply in a thread refines. Raises as `read` does."""
    first = settings().costs_fiscal_year_start
    try:
        reading = read(text, today=asker.today, fiscal_year_start=first, budgets=budget_names.of(text))
    except NotUnderstoodError as error:
        raise _held(session, error) from None
    question = reading.question
    if above is not None:
        question = refined(read(above, today=asker.today, fiscal_year_start=first).question, question)
    question, said = scope.applied(question, scope.of(session, asker), scope.here(asker))
    question, ranked = _ranked(question)
    mended = [f"I read “{raw}” as “{known}”." for raw, known in reading.mended]
    return Understood(question, tuple(one for one in (*mended, ranked, said) if one))


def _ranked(question: CostQuestion) -> tuple[CostQuestion, str]:
    """Take the top of nothing that is named for services, and say so."""
    if question.top == TOP or question.group_by or question.kind not in {Kind.COST, Kind.COMPARE}:
        return question, ""
    ranked = question.changed(group_by=(Dimension.SERVICE.value,))
    return ranked, f"I read “top {question.top}” as “top {question.top} services”."


def _held(session: Session, error: NotUnderstoodError) -> NotUnderstoodError:
    """Hold a guess that a word is a service against the ledger: nothing is offered that it does not know."""
    nearest = error.nearest
    if nearest is None or Dimension.SERVICE not in nearest.where:
        return error
    try:
        known = scope.spelt(session, nearest)
    except NotUnderstoodError as unknown:
        closest = unknown.closest
        offered = guesses.elsewhere(session, nearest) or (unknown.nearest if closest else None)
        closest = closest if offered is unknown.nearest else None
        return NotUnderstoodError(error.word, closest, offered, None if offered else _example(session, nearest))
    one = known[Dimension.SERVICE]
    return NotUnderstoodError(error.word, one[0] if len(one) == 1 else None, nearest.changed(where=known))


def _example(session: Session, nearest: CostQuestion) -> str:
    """Return words that work in place of a guess: what was asked about events is told by one of them."""
    if nearest.kind is not Kind.ANOMALIES:
        return EXAMPLE
    from bot.drafts import anomalies  # noqa: PLC0415  only for those who ask for one that is not there

    return anomalies.example(session)


def refined(above: CostQuestion, asked: CostQuestion) -> CostQuestion:
    """Return the question above with what a reply names: other groups, days or filters; another kind is a new one."""
    named = asked.model_fields_set
    if "kind" in named and asked.kind not in scope.SCOPED:
        return asked
    fields = {name: getattr(asked, name) for name in named}
    if "where" in named:
        fields["where"] = {**above.where, **asked.where}
    if "kind" in named:
        kept = {
            name: getattr(above, name) for name in ("where", "metric", "currency") if name in above.model_fields_set
        }
        return CostQuestion.model_validate(kept | fields)
    fresh: dict[str, object] = {"page": 1} if "page" not in named else {}
    if "when" in named and above.kind is Kind.COMPARE:
        fresh |= {"kind": Kind.COST, "against": None}
    return above.changed(**fresh | fields)


def answer(session: Session, asked: Understood, who: Asker) -> Draft:
    """Answer it; not what could be saved, which is cards. Raises what the kinds of answers raise."""
    module, _, name = BUILDERS[asked.question.kind].partition(":")
    build: Builder = getattr(import_module(f"bot.drafts.{module}"), name)
    return build(session, asked.question, who).noted(*asked.notes)
