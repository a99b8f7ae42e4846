"""What anomalies are looked for in: a series a service of each account, a region of each account, and a team."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from finops.allocation import Rule, assigned, needed
from finops.anomalies.scopes import Of, Scope
from finops.anomalies.series import CannotWatchError, Series
from finops.focus import Dimension, Metric
from finops.periods import ONE_DAY, Period
from finops.trend import NoChargesError
from storage import charges, covered, daily

ACCOUNT = (Dimension.PROVIDER.value, Dimension.SUB_ACCOUNT.value)
BY = {Of.SERVICE: (*ACCOUNT, Dimension.SERVICE.value), Of.REGION: (*ACCOUNT, Dimension.REGION.value)}


@dataclass(slots=True)
class _Gathered:
    """The costs of one scope, and the sources that bring them."""

    costs: dict[date, float] = field(default_factory=dict)
    sources: set[int] = field(default_factory=set)
    providers: set[str] = field(default_factory=set)

    def add(self, found: daily.Costs) -> None:
        for day, amount in zip(found.days, found.amounts, strict=True):
            self.costs[day] = self.costs.get(day, 0.0) + amount
        self.sources.add(found.source)
        self.providers.add(found.key[Dimension.PROVIDER] or "")


def series(
    session: Session,
    period: Period,
    *,
    currency: str,
    teams: Sequence[Rule] = (),
    metric: Metric = Metric.EFFECTIVE,
) -> list[tuple[Scope, Series]]:
    """Return the daily costs of usage of every service and region of each account, and of every team.

    They begin with the first day of the sources that bring them and end with the last settled one. A day on which such
    a source, before and after it, has no usage at all was not collected, which is NaN; on any other day a scope without
    charges cost nothing. `teams` are rules of allocation: a team is charged its own costs, what is shared is one of its
    own. Raises UnknownWordError for a rule of a word that is not known.
    """
    there = daily.collected(session, period=period)
    settled = charges.settled_through(session)
    gathered = _gathered(session, period, currency, teams, metric)
    return [
        (scope, made)
        for scope, found in gathered.items()
        if (made := _series(scope.written(), found, there, settled)) is not None
    ]


def one(
    session: Session,
    scope: Scope,
    *,
    currency: str,
    teams: Sequence[Rule] = (),
    metric: Metric = Metric.EFFECTIVE,
) -> tuple[Series, dict[date, float]]:
    """Return the series of one scope, as `series` does, and what the days after it cost so far, which are provisional.

    Raises CannotWatchError where no settled day has costs of it, and NoChargesError.
    """
    period = charges.spans(session)
    if period is None:
        raise NoChargesError
    if scope.of is Of.COMMITMENT:
        return covered.one(session, scope, currency=currency).series, {}
    found = _gathered(session, period, currency, teams, metric, only=scope).get(scope)
    there = daily.collected(session, period=period)
    made = found and _series(scope.written(), found, there, charges.settled_through(session))
    if not found or not made:
        message = f"{scope.name()} has no settled costs in {currency}: is it spelt as on the bill?"
        raise CannotWatchError(message)
    end = made.day(len(made.amounts))
    return made, {day: cost for day, cost in sorted(found.costs.items()) if day >= end}


def _gathered(
    session: Session,
    period: Period,
    currency: str,
    teams: Sequence[Rule],
    metric: Metric,
    *,
    only: Scope | None = None,
) -> Mapping[Scope, _Gathered]:
    asked = {"period": period, "currency": currency, "metric": metric}
    gathered: dict[Scope, _Gathered] = {}
    for of, words in BY.items():
        if only and only.of is not of:
            continue
        where = only.where if only else charges.EMPTY
        for found in daily.costs(session, words, where=where, **asked):  # type: ignore[arg-type]
            values = {word: found.key[word] or "" for word in words}
            gathered.setdefault(Scope.model_validate({"of": of, **values}), _Gathered()).add(found)
    team_too = only is None or only.of is Of.TEAM
    known_by = list(dict.fromkeys((Dimension.PROVIDER.value, *needed(teams))))
    for found in daily.costs(session, known_by, **asked) if teams and team_too else ():  # type: ignore[arg-type]
        name, rule = assigned(teams, found.key)
        if rule is not None:
            gathered.setdefault(Scope(of=Of.TEAM, team=name), _Gathered()).add(found)
    return gathered


def _series(name: str, found: _Gathered, there: Mapping[int, set[date]], settled: Mapping[str, date]) -> Series | None:
    """Return the series of one scope, or nothing where no day of it is settled."""
    spans = [daily.spanned(there[source]) for source in found.sources]
    last = min((settled[one] for one in found.providers if one in settled), default=None)
    if last is None:
        return None
    days = Period(min(one.start for one in spans), max(one.end for one in spans)).until(last + ONE_DAY)
    gaps = {day for source, span in zip(found.sources, spans, strict=True) for day in _gaps(span, there[source])}
    amounts = np.array([np.nan if day in gaps else found.costs.get(day, 0.0) for day in days], dtype=np.float64)
    known = np.flatnonzero(~np.isnan(amounts))
    return Series(name, days.start, amounts) if len(known) else None


def _gaps(span: Period, days: Iterable[date]) -> Iterator[date]:
    there = set(days)
    return (day for day in span if day not in there)
