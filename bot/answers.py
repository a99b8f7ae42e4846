"""One answer to one question: every surface (Slack, the command line, later REST) only draws it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from bot.questions import CostQuestion
from finops.focus import Dimension, Metric
from finops.money import Money
from finops.periods import ONE_DAY, Period
from finops.trend import Trend, compare, complete_through, landing, month_to_date
from storage import artifacts, charges, runs
from storage.charges import CostSum
from storage.settings import settings

EVIDENCE = "notebook:cost_breakdown"
HISTORY = timedelta(days=35)
"""What the landing wants to know: four weeks, and a little."""


class Row(BaseModel):
    """One line of an answer's table."""

    model_config = ConfigDict(frozen=True)

    key: dict[str, str | None]
    cost: Decimal
    previous: Decimal

    @property
    def label(self) -> str:
        """What a person calls it."""
        return " · ".join(value or "(none)" for value in self.key.values()) or "Total"


class CostAnswer(BaseModel):
    """The figures, exact, in one currency, and how settled they are."""

    model_config = ConfigDict(frozen=True)

    question: CostQuestion
    start: date
    end: date
    before_start: date
    before_end: date
    currency: str
    other_currencies: tuple[str, ...]
    total: Decimal
    previous: Decimal
    rows: tuple[Row, ...]
    others: int
    """How many rows the table leaves out."""
    movers: tuple[tuple[str, Decimal], ...]
    landing: Decimal | None
    settled_through: dict[str, date]
    evidence: str | None

    @property
    def provisional(self) -> bool:
        """Whether a day of it is not yet complete."""
        return any(self.end > day + timedelta(days=1) for day in self.settled_through.values())

    def json_values(self) -> dict[str, Any]:
        """Return what `--json` prints: amounts as plain text."""
        return {
            "question": self.question.model_dump(mode="json", exclude={"text"}) | {"text": self.question.text},
            "period": {"start": str(self.start), "end": str(self.end)},
            "currency": self.currency,
            "total": f"{self.total:f}",
            "previous": f"{self.previous:f}",
            "rows": [{"key": row.key, "cost": f"{row.cost:f}"} for row in self.rows],
            "settled_through": {name: str(day) for name, day in self.settled_through.items()},
            "provisional": self.provisional,
            "evidence": self.evidence,
        }


def answer(session: Session, question: CostQuestion) -> CostAnswer:
    """Ask the ledger. Raises NoChargesError for an empty one."""
    settled = charges.settled_through(session)
    through = complete_through(settled)
    current, before = _windows(question, through)
    known = charges.currencies(session)
    currency = settings().costs_currency or known[0]
    dims = question.group_by
    now = _sums(session, question, current, currency, dims)
    then = {_key(one): one.cost for one in _sums(session, question, before, currency, dims)}
    rows = tuple(
        Row(key=one.key, cost=one.cost, previous=then.get(_key(one), Decimal(0))) for one in _ordered(now, dims)
    )
    trend = _trend(session, question, current, before, currency)
    return CostAnswer(
        question=question,
        start=current.start,
        end=current.end,
        before_start=before.start,
        before_end=before.end,
        currency=currency,
        other_currencies=tuple(one for one in known if one != currency),
        total=trend.total,
        previous=trend.previous,
        rows=rows[: question.top],
        others=max(len(rows) - question.top, 0),
        movers=tuple((mover.label, mover.change) for mover in trend.movers),
        landing=None if question.start else _landing(session, question, current, currency),
        settled_through=settled,
        evidence=_evidence(session),
    )


def _windows(question: CostQuestion, through: date) -> tuple[Period, Period]:
    """Return the period asked for and the one it is held against; a whole month against the whole month before."""
    if question.start is None or question.end is None:
        return month_to_date(through)
    asked = Period(question.start, question.end)
    if asked == Period.month_of(asked.start):
        return asked, Period.month_of(asked.start - timedelta(days=1))
    return asked, asked.before()


def _sums(
    session: Session, question: CostQuestion, period: Period, currency: str, dims: tuple[str, ...]
) -> list[CostSum]:
    return charges.sums(
        session, period=period, currency=currency, metric=question.metric, group_by=dims, where=question.where
    )


def _key(one: CostSum) -> tuple[str | None, ...]:
    return tuple(one.key.values())


def _ordered(sums: list[CostSum], dims: tuple[str, ...]) -> list[CostSum]:
    """Keep the largest first; days and months in their order."""
    in_time = bool(dims) and dims[0] in (Dimension.DAY, Dimension.MONTH)
    return sorted(sums, key=lambda one: str(one.key[dims[0]])) if in_time else sums


def _trend(session: Session, question: CostQuestion, current: Period, before: Period, currency: str) -> Trend:
    """Hold both periods against each other, by what was asked for, or else by service."""
    time = (Dimension.DAY, Dimension.MONTH)
    by = tuple(name for name in question.group_by if name not in time) or (Dimension.SERVICE.value,)
    sides: list[Mapping[str, Decimal]] = [
        {
            " · ".join(value or "(none)" for value in one.key.values()): one.cost
            for one in _sums(session, question, period, currency, by)
        }
        for period in (current, before)
    ]
    return compare(*sides)


def _landing(session: Session, question: CostQuestion, current: Period, currency: str) -> Decimal | None:
    """Estimate where the month will land: usage goes on as its weekdays did, all else does not repeat."""
    span = Period(current.start - HISTORY, current.end)
    by = (Dimension.DAY.value, Dimension.CHARGE_CATEGORY.value)
    usage: dict[date, Decimal] = {}
    one_off = Decimal(0)
    for one in _sums(session, question, span, currency, by):
        day = date.fromisoformat(str(one.key[Dimension.DAY]))
        if one.key[Dimension.CHARGE_CATEGORY] == "Usage":
            usage[day] = one.cost
        elif day in current:
            one_off += one.cost
    return landing(usage, through=current.end - timedelta(days=1), one_off=one_off)


def _evidence(session: Session) -> str | None:
    run = runs.latest(session, EVIDENCE)
    page = runs.page(session, run.id) if run else None
    return artifacts.link(page) if page else None


def headline(found: CostAnswer) -> str:
    """Say the whole answer in a sentence that reads well in a notification."""
    spent, before = Money(found.total, found.currency), Money(found.previous, found.currency)
    words = {Metric.BILLED: "Billed", Metric.LIST: "At list prices", Metric.CONTRACTED: "At contracted prices"}
    what = words.get(found.question.metric, "Spent")
    alone = found.end - found.start == ONE_DAY
    text = f"{what} {spent} {'on' if alone else 'from'} {_days(found.start, found.end)} {found.end - ONE_DAY:%Y}"
    change = spent - before
    if found.previous:
        percent = change.amount / abs(found.previous) * 100
        sign = "+" if change.amount >= 0 else ""
        text += f", {sign}{change} ({sign}{percent:.1f} %) against {_days(found.before_start, found.before_end)}"
        before_year, year = (found.before_end - ONE_DAY).year, (found.end - ONE_DAY).year
        text += f" {before_year}" if before_year != year else ""
    if found.landing is not None:
        text += f"; the month is heading for {Money(found.landing, found.currency)}"
    return text + "."


def _days(start: date, end: date) -> str:
    """Name days as a person does; a year is said where another one would be thought of."""
    last = end - ONE_DAY
    first = f"{start:%-d %b}" if start.year == last.year else f"{start:%-d %b %Y}"
    return f"{last:%-d %b}" if start == last else f"{first} to {last:%-d %b}"


def movers_line(found: CostAnswer) -> str:
    """Name what changed most."""
    parts = [f"{name} {'+' if change >= 0 else ''}{Money(change, found.currency)}" for name, change in found.movers]
    return f"Largest changes: {', '.join(parts)}." if parts else ""


def freshness_line(found: CostAnswer) -> str:
    """Say how settled the figures are."""
    settled = ", ".join(f"{name} {day}" for name, day in found.settled_through.items())
    note = " Some of these days are provisional and will still grow." if found.provisional else ""
    other = f" Other currencies in the ledger: {', '.join(found.other_currencies)}." if found.other_currencies else ""
    return f"Settled through: {settled}.{note}{other}"
