"""Week by week: where usage is heading, and what moved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from bot import filters
from bot.answers import CostAnswer, answer
from bot.asker import Asker
from bot.drafts import cost
from bot.drafts.draft import Draft, Grid, change, money, rounded
from bot.questions import CostQuestion, Kind, When
from bot.wording import freshness_line, movers_line
from finops.focus import Dimension
from finops.money import EXACT, total
from finops.periods import ONE_DAY, Period
from finops.trend import complete_through
from storage import allotted, charges

WEEKS, WEEK = 8, 7


def draft(session: Session, question: CostQuestion, who: Asker) -> Draft:
    """Tell the last eight whole weeks; grouped, the last 30 days against the 30 before. Raises as `answer` does."""
    del who
    if question.group_by:
        when = question.when if question.when != When() else When(days=30)
        told = cost.draft(session, question.changed(kind=Kind.COST, when=when))
        which = "the last 30 days against the 30 before" if question.when == When() else "its days against those before"
        return told.noted(f"By a name a trend is {which}; `trend` alone goes week by week.")
    through = complete_through(charges.settled_through(session))
    week = answer(session, _costs(question, When(days=WEEK)))
    known = charges.spans(session)
    weeks = _weeks(question, through)
    weeks = [one for one in weeks if known is None or one.start >= known.start] or weeks[-1:]
    days = _days(session, week, Period(weeks[0].start, weeks[-1].end))
    sums = [total(amount for day, amount in days.items() if day in one) for one in weeks]
    return Draft(
        headline=_headline(week),
        more=movers_line(week),
        grid=_grid(weeks, sums, week.currency),
        notes=(freshness_line(week), "Weeks begin on Monday; only whole, settled ones are shown."),
        evidence=week.evidence,
        deeper=(
            ("By service", question.changed(group_by=(Dimension.SERVICE.value,))),
            ("By day", _costs(question, When(days=14)).changed(group_by=(Dimension.DAY.value,))),
            ("Forecast", CostQuestion(kind=Kind.FORECAST)),
        ),
        ask=_costs(question, When(start=weeks[0].start, end=weeks[-1].end)).changed(group_by=(Dimension.DAY.value,)),
        chart=True,
        values={
            "currency": week.currency,
            "weeks": [{"start": str(one.start), "cost": f"{spent:f}"} for one, spent in zip(weeks, sums, strict=True)],
        },
    )


def _costs(question: CostQuestion, when: When) -> CostQuestion:
    return CostQuestion(metric=question.metric, where=question.where, when=when)


def _weeks(question: CostQuestion, through: date) -> list[Period]:
    """Return whole weeks, the last one first settled; of a period that was named those within it, or its last."""
    end = min(question.when.end, through + ONE_DAY) if question.when.end else through + ONE_DAY
    monday = end - timedelta(days=end.weekday())
    first = question.when.start or (end - timedelta(days=question.when.days) if question.when.days else None)
    weeks = [
        Period(monday - timedelta(days=WEEK * back), monday - timedelta(days=WEEK * (back - 1)))
        for back in range(WEEKS, 0, -1)
    ]
    return [one for one in weeks if first is None or one.start >= first] or weeks[-1:]


def _days(session: Session, found: CostAnswer, period: Period) -> Mapping[date, Decimal]:
    """Return what each day cost; the filters are those that the answer found as the ledger spells them."""
    sums = allotted.sums(
        session,
        period=period,
        currency=found.currency,
        metric=found.question.metric,
        group_by=(Dimension.DAY.value,),
        where=filters.named(session, found.question).where,
    )
    return {date.fromisoformat(str(one.key[Dimension.DAY.value])): one.cost for one in sums}


def _headline(week: CostAnswer) -> str:
    a_day = money(EXACT.divide(week.total, Decimal(WEEK)), week.currency)
    text = f"{a_day} a day in the last {WEEK} settled days"
    if week.comparable and week.previous:
        text += f", {change(week.total, week.previous)} against the {WEEK} before"
    return f"{week.about}: {text}." if week.about else f"{text}."


def _grid(weeks: list[Period], sums: list[Decimal], currency: str) -> Grid:
    rows = []
    for place, (week, spent) in enumerate(zip(weeks, sums, strict=True)):
        moved = change(spent, sums[place - 1]) if place and sums[place - 1] else ""
        rows.append((f"{week.start:%-d %b %Y}", rounded(spent, currency), moved))
    return Grid(("Week of", currency, "Change"), tuple(rows))
