"""The chart of an answer."""

from __future__ import annotations

import os
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.focus import Dimension
from finops.known_events import KnownEvent, within
from finops.periods import ONE_DAY, Period
from finops.tables import PROVIDERS, days
from storage import allotted, known_events
from storage.database import transaction
from storage.settings import settings

if TYPE_CHECKING:
    from bot.answers import CostAnswer


def picture(found: CostAnswer) -> bytes:
    """Return a PNG: a ranking of what was grouped, or else the days by provider."""
    os.environ.setdefault("MPLCONFIGDIR", str(settings().home / "cache" / "matplotlib"))
    from finops import charts  # noqa: PLC0415  matplotlib is slow to import and wants its folder first

    title = ", ".join(filter(None, (found.about, days(Period(found.first, found.end)))))
    if found.question.group_by and found.question.group_by[0] not in (Dimension.DAY, Dimension.MONTH):
        rows = [(row.label, row.cost) for row in found.rows]
        return charts.png(charts.ranking(rows, title=title, currency=found.currency))
    provisional = found.through + ONE_DAY
    series, known = _days(found), _known(found)
    figure = charts.daily(series, title=title, currency=found.currency, provisional_from=provisional, known=known)
    return charts.png(figure)


def _known(found: CostAnswer) -> list[KnownEvent]:
    """Return the events of these days that can be about the costs that were asked for."""
    period = Period(found.start, found.end)
    with transaction() as session:
        return within(known_events.between(session, period), period, found.question.where)


def _days(found: CostAnswer) -> dict[str, dict[date, Decimal]]:
    by = (Dimension.PROVIDER.value, Dimension.DAY.value)
    question = found.question
    with transaction() as session:
        sums = allotted.sums(
            session,
            period=Period(found.start, found.end),
            currency=found.currency,
            metric=question.metric,
            group_by=by,
            where=question.where,
        )
    series: dict[str, dict[date, Decimal]] = {}
    for one in sums:
        day = date.fromisoformat(str(one.key[Dimension.DAY]))
        provider = str(one.key[Dimension.PROVIDER])
        series.setdefault(PROVIDERS.get(provider, provider), {})[day] = one.cost
    return series
