"""The days ahead, from the newest forecast that the jobs made: nothing is computed here, only asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from bot.asker import Asker
from bot.drafts import forecast_told, scope
from bot.drafts.draft import Draft
from bot.language.question import word
from bot.questions import CostQuestion, terms
from finops.errors import CostsError
from finops.focus import Metric
from finops.forecasting import ledger, questions
from finops.forecasting.history import LONGEST
from finops.periods import ONE_DAY, Period
from finops.tables import counted, heading
from finops.trend import NoChargesError, complete_through
from storage import accounts, allotted, charges, forecasts, requests, runs
from storage.forecasts import Made

DAYS = 30
JOB = "forecast"
OLD = timedelta(days=3)
"""A forecast whose first day is so long ago is made anew: each night makes the usual one, of the rest nobody knew."""
WITHIN = timedelta(minutes=15)
"""So long nobody asks the jobs for the same forecast again, and what stood in its way is told."""


class OneForecastError(CostsError):
    """A forecast was asked of what none is made of."""

    def __init__(self, why: str) -> None:
        """Say why, and what works."""
        super().__init__(f"{why}: ask forecast by service where team=web, or forecast 60 days account=payments-prod.")


@dataclass(frozen=True, slots=True)
class _Sought:
    """What is looked for: how far, of which costs, by which part."""

    days: int
    currency: str
    group: str | None
    where: dict[str, tuple[str, ...]]
    """As the ledger spells them."""
    first: date
    """The day after the last complete one."""

    def parameters(self, named: str | None) -> dict[str, object]:
        """Return what the job is asked with; `named` is a currency that the person named."""
        told = {word(name): values for name, values in self.where.items()}
        by = word(self.group) if self.group else None if self.where else "service"
        more = {"where": questions.listed(told)} if told else {}
        return {"days": self.days, "by": by, **more, **({"currency": named} if named else {})}


def draft(session: Session, question: CostQuestion, who: Asker) -> Draft:
    """Tell the newest forecast of what was asked; where there is none of these days, one is asked for.

    Raises NoChargesError, OneForecastError, NotUnderstoodError for filters that the ledger does not know, and
    CostsError for what stood in a forecast's way.
    """
    sought = _sought(session, question)
    return _told(session, sought, question, who).noted(_cut(question))


def _cut(question: CostQuestion) -> str:
    """Say that fewer days are told than were asked for."""
    return f"A forecast reaches {LONGEST} days ahead at most." if (question.ahead or 0) > LONGEST else ""


def _told(session: Session, sought: _Sought, question: CostQuestion, who: Asker) -> Draft:
    if made := _part(session, sought, question):
        return forecast_told.of_part(session, made, question.changed(where=sought.where), sought.days)
    if made := _made(session, sought):
        return forecast_told.of_all(session, made, question, sought.days)
    _divisible(sought)
    return _requested(session, sought, question, who)


def is_awaited(session: Session, question: CostQuestion) -> bool:
    """Whether the jobs were asked for it, and it is neither there nor known to fail. Raises as `draft` does."""
    sought = _sought(session, question)
    if _part(session, sought, question) or _made(session, sought):
        return False
    given = sought.parameters(question.currency)
    since = requests.newest(session, job=JOB, parameters=given, since=datetime.now(UTC) - WITHIN)
    return since is not None and runs.failed_since(session, JOB, given, since) is None


def _sought(session: Session, question: CostQuestion) -> _Sought:
    if question.metric is not Metric.EFFECTIVE:
        why = "I forecast what is used (effective cost), not what is billed or listed"
        raise OneForecastError(why)
    if len(question.group_by) > 1:
        why = "I forecast by one thing at a time"
        raise OneForecastError(why)
    currency = question.currency or charges.currency(session)
    if currency is None:
        raise NoChargesError
    where = scope.spelt(session, question) if question.where else {}
    first = complete_through(charges.settled_through(session)) + ONE_DAY
    group = question.group_by[0] if question.group_by else None
    return _Sought(min(question.ahead or DAYS, LONGEST), currency, group, where, first)


def _made(session: Session, sought: _Sought) -> Made | None:
    return _newest(session, sought, sought.group, sought.where)


def _part(session: Session, sought: _Sought, question: CostQuestion) -> Made | None:
    """Return the forecast by the one thing that is filtered by, if it is there and tells that part apart.

    A team's costs are told by rules, where there are some: no filter of the ledger says what belongs to it.
    """
    if len(sought.where) != 1 or question.group_by not in ((), tuple(sought.where)):
        return None
    ((name, values),) = sought.where.items()
    made = _newest(session, sought, name, {}) if len(values) == 1 else None
    told = {one.name.casefold() for one in made.result.parts} if made else set()
    return made if told & accounts.either(session, values[0]) else None


def _newest(session: Session, sought: _Sought, group: str | None, where: dict[str, tuple[str, ...]]) -> Made | None:
    names = [] if group is None else [group, word(group)]  # a team is one by its rules, or by its tag
    made = forecasts.latest(session, currency=sought.currency, group_by=names, days=sought.days, where=where)
    return made if made and made.result.start >= sought.first - OLD else None


def _divisible(sought: _Sought) -> None:
    """Refuse filters that rules decide: a forecast of one such name is made with those of all. Raises CostsError."""
    ruled = allotted.rules(tuple(sought.where))
    if ruled:
        name = word(next(iter(ruled)))
        why = f"What belongs to one {heading(name).lower()} is up to your rules, so ask forecast by {name}"
        raise OneForecastError(why)


def _usable(session: Session, sought: _Sought) -> None:
    """Refuse costs that have charges, but none of usage, before anybody waits for it. Raises CannotForecastError."""
    if not sought.where:
        return
    found = charges.sums(
        session,
        period=Period(sought.first - ledger.LOOK_BACK, sought.first),
        currency=sought.currency,
        group_by=("charge_category", "charge_class"),
        where=sought.where,
    )
    if found and not any(ledger.is_usage(one.key) for one in found):
        raise ledger.only_fees(questions.narrowed(sought.where))


def _requested(session: Session, sought: _Sought, question: CostQuestion, who: Asker) -> Draft:
    given = sought.parameters(question.currency)
    since = requests.newest(session, job=JOB, parameters=given, since=datetime.now(UTC) - WITHIN)
    if since is None:
        _usable(session, sought)
        requests.ask(session, job=JOB, parameters=given, by=who.person.user)
    elif problem := runs.failed_since(session, JOB, given, since):
        raise CostsError(problem)
    of = f" of {terms(question.where)}" if question.where else ""
    parts = f" by {heading(sought.group).lower()}" if sought.group else ""
    return Draft(
        headline=f"The forecast of {counted(sought.days)}{parts}{of} is being computed.",
        more=f"It takes a minute or two{', then it comes here by itself' if who.workspace else ': ask again then'}.",
        values={"requested": {"job": JOB, **given}},
    )
