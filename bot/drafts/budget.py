"""Budgets against what was spent, and where the month will end."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot import table_pages
from bot.answers import CostAnswer, answer
from bot.asker import Asker
from bot.drafts.draft import Draft, Grid, Plainly, money, rounded
from bot.questions import CostQuestion, When, terms
from finops.budgets import Budget, Standing
from finops.errors import CostsError, UnknownWordError
from finops.foreign import shortened
from finops.periods import Period
from finops.tables import days, of_limit
from storage.budgets import EXAMPLE, YAML, budgets
from storage.settings import settings

EMPTY = CostQuestion()
NAMED, NAME = 5, 60
"""Budgets that are named where one is not known, and characters of a name in a headline."""


class UnknownBudgetError(CostsError):
    """A budget was asked for that is not there."""

    def __init__(self, name: str, known: list[str]) -> None:
        """Say which there are."""
        listed = ", ".join(shortened(one, 40) for one in known[:NAMED])
        more = f" and {len(known) - NAMED} more" if len(known) > NAMED else ""
        super().__init__(f"There is no budget “{shortened(name, 60)}”; there is {listed}{more}.")


def draft(session: Session, question: CostQuestion, who: Asker) -> Draft:
    """List the budgets, those that end highest above theirs first. Raises NoChargesError, BadSettingError."""
    known = _named([one for one in budgets(settings().home) if _concerns(one, question)], question.identifier)
    if not known:
        where = f" for {terms(question.where)}" if question.where else ""
        return Draft(
            headline=f"There is no budget{where} yet.",
            more=f"Write {YAML} into COSTS_HOME, for example: {EXAMPLE}",
            plainly=Plainly(ask="Ask an admin for one"),
            values={"budgets": []},
        )
    answers = _answers(session, question, known)
    standings = [one for one, _ in answers]
    shown = table_pages.of(standings, question)
    done = question.end is not None and answers[0][1].end <= who.today
    return Draft(
        headline=_headline(standings, done=done),
        more=_worst(standings, done=done),
        grid=Grid(("Budget", "Spent" if done else "Heading for", "Of it"), tuple(_row(one) for one in shown)),
        notes=(f"{days(Period(answers[0][1].start, answers[0][1].end))}; settled days only.",)
        if question.when != When()
        else (),
        deeper=tuple((one.budget.name[:24], _costs(one.budget, question)) for one in shown[:4]),
        values={"budgets": [_values(one) for one in standings]},
    )


def _named(known: list[Budget], name: str | None) -> list[Budget]:
    """Return those of a name, or that are about it. Raises UnknownBudgetError."""
    if name is None:
        return known
    wanted = name.casefold()
    found = [one for one in known if one.name.casefold() == wanted]
    values = (({each.casefold() for values in one.filters.values() for each in values}, one) for one in known)
    found = found or [one for about, one in values if wanted in about]
    if known and not found:
        raise UnknownBudgetError(name, [one.name for one in known])
    return found


def standings(session: Session, question: CostQuestion) -> list[Standing]:
    """Return the budgets that concern a question, those that end highest above theirs first. Raises as `draft` does."""
    known = [one for one in budgets(settings().home) if _concerns(one, question)]
    return [one for one, _ in _answers(session, question, known)]


def told(found: list[Standing]) -> str:
    """Say how budgets stand, and of the first how far it goes over, if it does; nothing where there are none."""
    if not found:
        return ""
    return f"{_headline(found)} {_worst(found)}" if found[0].over > 0 else _headline(found)


def _answers(session: Session, question: CostQuestion, known: list[Budget]) -> list[tuple[Standing, CostAnswer]]:
    found = [_standing(session, one, question) for one in known]
    return sorted(found, key=lambda one: -one[0].ends_at)


def budget_line(session: Session, found: CostAnswer) -> str:
    """Say how an answer about the month to date stands against the budget of the same costs, if there is one."""
    question = found.question
    if question.when != When() or question.against is not None:
        return ""
    for one in budgets(settings().home):
        same = one.filters == question.where and one.measured is question.metric
        if same and (one.currency or _first(session, found)) == found.currency:
            standing = _of(one, found)
            return f"{of_limit(standing.used)} of the budget of {money(standing.amount, found.currency)} is spent."
    return ""


def _first(session: Session, found: CostAnswer) -> str:
    del session
    return settings().costs_currency or found.currency


def _concerns(one: Budget, question: CostQuestion) -> bool:
    """Whether a budget is about what was asked: all of it, or a part."""
    return all(set(one.filters.get(name, ())) & set(values) for name, values in question.where.items())


def _standing(session: Session, one: Budget, question: CostQuestion) -> tuple[Standing, CostAnswer]:
    try:
        found = answer(session, _costs(one, question), currency=one.currency)
    except UnknownWordError:  # nothing was spent under that name, or it is misspelt: shown as nothing spent
        empty = _costs(one, question).changed(where={})
        found = answer(session, empty, currency=one.currency)
        found = found.model_copy(update={"total": found.total * 0, "landing": None})
    return _of(one, found), found


def _of(one: Budget, found: CostAnswer) -> Standing:
    return Standing(one, found.currency, one.of(Period(found.start, found.end)), found.total, found.landing)


def _costs(one: Budget, question: CostQuestion) -> CostQuestion:
    return CostQuestion(metric=one.measured, where=one.filters, when=question.when)


def _headline(found: list[Standing], *, done: bool = False) -> str:
    over = sum(one.over > 0 for one in found)
    if over == len(found) == 1:
        name = shortened(found[0].budget.name, NAME)
        return f"The budget {name} {'was exceeded' if done else 'is heading over'}."
    count = f"{len(found)} budget{'s' if len(found) > 1 else ''}"
    if done:
        kept = "all were" if len(found) > 1 else "it was"
        return f"{over} of {count} {'was' if over == 1 else 'were'} exceeded." if over else f"{count}: {kept} kept."
    if not over:
        return f"{count}: {'all ' if len(found) > 1 else ''}on track."
    return f"{over} of {count} {'is' if over == 1 else 'are'} heading over."


def _worst(found: list[Standing], *, done: bool = False) -> str:
    one = found[0]
    owner = f", {one.budget.owner}" if one.budget.owner else ""
    if done:
        spent, amount = money(one.spent, one.currency), money(one.amount, one.currency)
        return f"{one.budget.name}{owner}: {spent} spent of {amount} ({of_limit(one.ends_at)})."
    return (
        f"{one.budget.name}{owner}: {money(one.spent, one.currency)} spent, heading for "
        f"{money(one.expected, one.currency)} of {money(one.amount, one.currency)} ({of_limit(one.ends_at)})."
    )


def _row(one: Standing) -> tuple[str, str, str]:
    return one.budget.name, rounded(one.expected, one.currency), of_limit(one.ends_at)


def _values(one: Standing) -> dict[str, str | None]:
    return {
        "name": one.budget.name,
        "owner": one.budget.owner,
        "currency": one.currency,
        "amount": f"{one.amount:f}",
        "spent": f"{one.spent:f}",
        "landing": None if one.landing is None else f"{one.landing:f}",
    }
