"""One answer to one question: every surface (Slack, the command line, later REST) only draws it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from bot import evidence, filters, landing, narrowed, unclaimed
from bot.landing import Asked, sums
from bot.questions import IN_TIME, CostQuestion
from bot.windows import windows
from finops.focus import Dimension
from finops.foreign import plain
from finops.money import EXACT, total
from finops.periods import ONE_DAY, Period
from finops.tables import PROVIDERS, missing
from finops.trend import (
    ONE_OFF,
    NoChargesError,
    Trend,
    comparable,
    compare,
    complete_through,
    line,
)
from storage import accounts, charges
from storage.charges import CostSum
from storage.settings import settings

KIND = (Dimension.CHARGE_CATEGORY.value, Dimension.CHARGE_CLASS.value)
ONCE = "fees, taxes and one-off charges"
"""What does not follow a trend is one part beside the others; see `finops.trend.line`."""
NEARLY = 10
"""If one of so many days is not complete yet, what is missing of it would look like a saving."""


class Row(BaseModel):
    """One line of an answer's table."""

    model_config = ConfigDict(frozen=True)

    key: dict[str, str | None]
    cost: Decimal
    previous: Decimal
    name: str | None = None
    """What a person calls it, where that is not what it is called in the key: an account's name, not its number."""

    @property
    def label(self) -> str:
        """What a person calls it."""
        return self.name or _label(self.key) or "Total"


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
    comparable: bool
    """Whether the ledger reaches back far enough for `previous` to mean something."""
    rows: tuple[Row, ...]
    others: int
    """How many rows the table leaves out."""
    movers: tuple[tuple[str, Decimal], ...]
    """What changed most: of the rows of the table, or without one of usage by service, all else being one part."""
    once: Decimal | None = None
    """How what does not follow a trend changed; None where that is not known."""
    landing: Decimal | None
    settled_through: dict[str, date]
    complete: date | None = None
    """The last day that every provider has completed whose costs are asked about; see `through`."""
    evidence: str | None = None
    unclaimed: Decimal | None = None
    """What no tag or rule gives to anybody, of all rows; None where nothing is asked for by whom it belongs to."""
    rates: tuple[str, ...] = ()
    """The exchange rates that amounts were converted with, each with its day and source."""
    about: str = ""
    """Whose costs they are, as people say it; nothing for everybody's."""
    since: date | None = None
    """The first day that any bill knows."""

    @property
    def first(self) -> date:
        """The first day that is both asked for and known."""
        return max(self.start, self.since) if self.since and self.since < self.end else self.start

    @property
    def through(self) -> date:
        """The last complete day of what is asked about."""
        return self.complete or complete_through(self.settled_through)

    @property
    def provisional(self) -> bool:
        """Whether a day of it is not yet complete."""
        return self.end > self.through + ONE_DAY

    @property
    def unsettled(self) -> bool:
        """Whether so many of its days are not complete that holding it against complete ones would mislead."""
        known = Period(self.first, self.end)
        missing_days = known.days - known.until(self.through + ONE_DAY).days
        return missing_days * NEARLY > known.days

    @property
    def in_rows(self) -> bool:
        """Whether the movers are rows of the table, which have all in them that does not follow a trend."""
        return bool(self.question.group_by) and not any(name in IN_TIME for name in self.question.group_by)

    @property
    def compared(self) -> bool:
        """Whether `previous` can be held against it: both are wholly known."""
        return self.comparable and not self.unsettled

    def json_values(self) -> dict[str, Any]:
        """Return what `--json` prints: amounts as plain text, days in their order."""
        rows = sorted(self.rows, key=self._place) if unclaimed.in_time(self.question) else self.rows
        return {
            "question": self.question.model_dump(mode="json") | {"text": self.question.text},
            "period": {"start": str(self.start), "end": str(self.end)},
            "currency": self.currency,
            "total": f"{self.total:f}",
            "previous": f"{self.previous:f}",
            "rows": [
                {"key": row.key, "cost": f"{row.cost:f}"} | ({"name": row.name} if row.name else {}) for row in rows
            ],
            **({} if self.unclaimed is None else {"unclaimed": f"{self.unclaimed:f}"}),
            "settled_through": {name: str(day) for name, day in self.settled_through.items()},
            "evidence": self.evidence,
            **({"rates": list(self.rates)} if self.rates else {}),
        }

    def _place(self, row: Row) -> str:
        return str(row.key[self.question.group_by[0]])


def answer(session: Session, question: CostQuestion, *, currency: str | None = None) -> CostAnswer:
    """Ask the ledger about charges of one currency; by default COSTS_CURRENCY, or the one with most spend.

    Raises NoChargesError for an empty ledger, UnknownWordError for a filter it does not know, NoSuchPageError.
    """
    ledger = charges.standing(session)
    current, before = windows(question, complete_through(ledger.settled))
    if not ledger.currencies:
        raise NoChargesError
    currency = currency or settings().costs_currency or ledger.currencies[0]
    question = filters.named(session, question)
    asked = Asked(question, currency, ledger.state)
    told = accounts.labels(session) if Dimension.SUB_ACCOUNT in (*question.group_by, *question.where) else {}
    trend, rows, once = _figures(session, asked, current, before, told)
    if question.where and not rows and not trend.movers:  # perhaps it is spelt otherwise
        question = filters.spelt(session, question, currency)
        asked = Asked(question, currency, ledger.state)
        trend, rows, once = _figures(session, asked, current, before, told)
    found = CostAnswer(
        question=question,
        start=current.start,
        end=current.end,
        before_start=before.start,
        before_end=before.end,
        currency=currency,
        other_currencies=tuple(one for one in ledger.currencies if one != currency),
        total=trend.total,
        previous=trend.previous,
        comparable=comparable(before, ledger.days),
        rows=_named(told, unclaimed.shown(rows, question)),
        others=unclaimed.left(rows, question),
        unclaimed=unclaimed.cost(rows, question),
        movers=tuple((mover.label, mover.change) for mover in trend.movers),
        once=once,
        landing=None if question.start or question.days else landing.of(session, asked, current, spent=trend.total),
        settled_through=ledger.settled,
        complete=_complete(session, asked, current, ledger.settled),
        about=narrowed.told(question.where, told),
        since=ledger.days.start if ledger.days else None,
    )
    return found.model_copy(update={"evidence": evidence.of(session, found)})


def _figures(
    session: Session, asked: Asked, current: Period, before: Period, told: Mapping[str, str]
) -> tuple[Trend, tuple[Row, ...], Decimal]:
    """Return the trend by what was asked for (or else by service), the rows of the table, and how what is once changed.

    Beside a table the trend is of its rows, so that no sentence contradicts them. `told` has the names of sub accounts.
    """
    dims = asked.question.group_by
    by = tuple(name for name in dims if name not in IN_TIME) or (Dimension.SERVICE.value,)
    now, then = sums(session, asked, (current, before), _split(by))
    labelled = [_labelled(accounts.renamed(told, each)) for each in (now, then)]
    trend = compare(*labelled)
    once = EXACT.subtract(*(each.get(ONCE, Decimal(0)) for each in labelled))
    if not dims:
        return trend, (Row(key={}, cost=trend.total, previous=trend.previous),) if now else (), once
    if dims != by:
        [found] = sums(session, asked, (current,), dims)
        return trend, tuple(_row(one) for one in _ordered(found, dims)), once
    whole, earlier = _together(now, by), _together(then, by)
    past = {_name(one.key): one.cost for one in earlier}
    rows = tuple(_row(one, past.get(_name(one.key), Decimal(0))) for one in whole)
    return compare(*(_labelled(accounts.renamed(told, each)) for each in (whole, earlier))), rows, once


def _complete(session: Session, asked: Asked, current: Period, settled: Mapping[str, date]) -> date:
    """Return the last day that every provider has completed whose costs are asked about; others are no matter."""
    of_all, where = complete_through(settled), asked.question.where
    if not where or current.end <= of_all + ONE_DAY:
        return of_all
    provider = Dimension.PROVIDER.value
    named = where.get(provider) or [one.key[provider] for one in sums(session, asked, (current,), (provider,))[0]]
    wanted = {str(one).casefold() for one in named}
    return complete_through({name: day for name, day in settled.items() if name in wanted} or settled)


def _split(by: tuple[str, ...]) -> tuple[str, ...]:
    """Add what tells usage from tax, credits and the like: a fee that is not due yet is no saving."""
    return by if Dimension.CHARGE_CATEGORY in by else (*by, *KIND)


def _together(sums: list[CostSum], by: tuple[str, ...]) -> list[CostSum]:
    """Add up what `_split` told apart, largest first."""
    parts: dict[tuple[str | None, ...], list[Decimal]] = {}
    for one in sums:
        parts.setdefault(tuple(one.key[name] for name in by), []).append(one.cost)
    whole = [CostSum(dict(zip(by, key, strict=True)), total(costs)) for key, costs in parts.items()]
    return sorted(whole, key=lambda one: (-one.cost, _name(one.key)))


def _label(key: Mapping[str, str | None]) -> str:
    if not all(name in key for name in KIND):
        return _name(key)
    rest = {name: value for name, value in key.items() if name not in KIND}
    return ONCE if line(key[KIND[0]], key[KIND[1]]) == ONE_OFF else _name(rest)


def _name(key: Mapping[str, str | None]) -> str:
    return " · ".join(_said(name, value) for name, value in key.items())


def _said(name: str, value: str | None) -> str:
    if value and name in IN_TIME:
        day = date.fromisoformat(value if name == Dimension.DAY else f"{value}-01")
        return f"{day:%-d %b %Y}" if name == Dimension.DAY else f"{day:%b %Y}"
    if value and name == Dimension.PROVIDER:
        return PROVIDERS.get(value, plain(value))
    return plain(value or "") or plain(missing(name))


def _named(told: Mapping[str, str], rows: Sequence[Row]) -> tuple[Row, ...]:
    """Add what accounts are called."""
    called = accounts.renamed(told, [CostSum(row.key, row.cost) for row in rows])
    return tuple(
        row if one.key == row.key else row.model_copy(update={"name": _name(one.key)})
        for row, one in zip(rows, called, strict=True)
    )


def _labelled(sums: list[CostSum]) -> dict[str, Decimal]:
    """Sum by what a person reads: a missing tag and an empty one are the same."""
    parts: dict[str, list[Decimal]] = {}
    for one in sums:
        parts.setdefault(_label(one.key), []).append(one.cost)
    return {label: total(costs) for label, costs in parts.items()}


def _row(one: CostSum, previous: Decimal = Decimal(0)) -> Row:
    return Row(key=one.key, cost=one.cost, previous=previous)


def _ordered(sums: list[CostSum], dims: tuple[str, ...]) -> list[CostSum]:
    """Keep the largest first; days and months in their order."""
    return sorted(sums, key=lambda one: str(one.key[dims[0]])) if dims[0] in IN_TIME else sums
