"""What something cost: spend, change, landing, budget, movers, a table, and where to go on."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from bot.answers import CostAnswer, Row, answer
from bot.asker import Asker
from bot.drafts.budget import budget_line
from bot.drafts.draft import Draft, Grid, change, rounded
from bot.evidence import report
from bot.questions import IN_TIME, CostQuestion, Kind, When
from bot.wording import freshness_line, headline, movers_line
from finops.focus import Dimension
from finops.periods import ONE_DAY
from finops.tables import heading

DEEPER = ((Dimension.SERVICE.value, "By service"), (Dimension.REGION.value, "By region"))
PROVISIONAL = "≈"
"""Marks a day that will still grow: a sign that Slack has no meaning for, so that it looks alike in row and note."""
BAR = 8


def figures(session: Session, question: CostQuestion) -> CostAnswer:
    """Answer in the currency that was asked for. Raises as `answer` does, and MissingRateError."""
    if question.currency is None:
        return answer(session, question)
    from bot.conversion import answer_in  # noqa: PLC0415  only for those who ask for it

    return answer_in(session, question, question.currency)


def draft(session: Session, question: CostQuestion, who: Asker | None = None) -> Draft:
    """Answer a question about costs. Raises NoChargesError, UnknownWordError, MissingRateError."""
    del who
    found = figures(session, question)
    return of(found, budget=budget_line(session, found))


def of(found: CostAnswer, *, budget: str = "") -> Draft:
    """Say what an answer's figures say."""
    question = found.question
    marked = PROVISIONAL if _marks(found) else ""
    return Draft(
        headline=f"{headline(found)}{f' {budget}' if budget else ''}",
        more=movers_line(found),
        grid=_grid(found) if question.group_by and found.rows else None,
        notes=tuple(
            note
            for note in (
                freshness_line(found),
                f"{marked} marks days that will still grow." if marked else "",
                _left(found),
                *(f"Converted at {rate}." for rate in found.rates),
            )
            if note
        ),
        evidence=found.evidence,
        deeper=_deeper(found),
        ask=question,
        chart=True,
        values=found.json_values(),
    )


def _left(found: CostAnswer) -> str:
    return f"{found.others} more: say `{found.question.changed(page=found.question.page + 1)}`." if found.others else ""


def _grid(found: CostAnswer) -> Grid:
    title = " · ".join(_titled(name) for name in found.question.group_by)
    most = max((abs(row.cost) for row in found.rows), default=None) or 1
    in_time = any(name in IN_TIME for name in found.question.group_by)
    rows = []
    for row in found.rows:
        figure = rounded(row.cost, found.currency)
        if in_time:
            last = ("█" * round(float(abs(row.cost) / most) * BAR)).ljust(BAR)  # columns end alike, and bars begin so
        else:
            last = change(row.cost, row.previous) if found.compared else ""
        mark = PROVISIONAL if _is_provisional(found, row) else ""
        rows.append((f"{mark}{row.label}", figure, last))
    if not any(last for *_, last in rows):
        return Grid((title, found.currency), tuple(row[:2] for row in rows))
    return Grid((title, found.currency, "" if in_time else "Change"), tuple(rows))


def _titled(name: str) -> str:
    """Head a column with the word that it was asked by: bills call an account a sub account."""
    return "Account" if name == Dimension.SUB_ACCOUNT else heading(name)


def _marks(found: CostAnswer) -> bool:
    return any(_is_provisional(found, row) for row in found.rows)


def _is_provisional(found: CostAnswer, row: Row) -> bool:
    day = row.key.get(Dimension.DAY.value)
    through = found.settled_through.get(row.key.get(Dimension.PROVIDER.value) or "", found.through)
    return day is not None and date.fromisoformat(day) > through


def _deeper(found: CostAnswer) -> tuple[tuple[str, CostQuestion], ...]:
    question = found.question
    asked: list[tuple[str, CostQuestion]] = []
    if question.page > 1:
        asked.append((f"Previous {question.top}", question.changed(page=question.page - 1)))
    if found.others:
        asked.append((f"Next {min(question.top, found.others)}", question.changed(page=question.page + 1)))
    whole = question.changed(page=1)
    asked += [(words, whole.changed(group_by=(name,))) for name, words in DEEPER if question.group_by != (name,)]
    if found.before_end > found.before_start and found.comparable:
        before = When(start=found.before_start, end=found.before_end)
        asked.append(("Period before", whole.changed(kind=Kind.COST, against=None, when=before)))
    return (*asked, *as_report(found))


def as_report(found: CostAnswer) -> tuple[tuple[str, CostQuestion], ...]:
    """Return the button that has the page made that tells the same, where one can be and there is none yet."""
    asked = report(found)
    return (("As report", asked),) if asked else ()


def last_day(found: CostAnswer) -> date:
    """Return the last day of an answer."""
    return found.end - ONE_DAY
