"""A question as one value, and as the one text that it is written with: read anew, the text gives the same value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from bot.language.quoting import BARE, quoted, value_text
from bot.language.rule import Rule
from finops.digests import WEEKDAYS
from finops.focus import DIMENSIONS, Dimension, Metric
from finops.periods import ONE_DAY, Period
from finops.recommendations.lifecycle import Stage

TOP, MOST = 10, 100
"""Rows of a table unless it is said otherwise, and the most that one can ask for."""
GROUPS = 2
"""Names of a row: a third would not fit a phone."""
TAG = "tag:"
METRIC_WORDS = {
    Metric.EFFECTIVE: "effective",
    Metric.BILLED: "billed",
    Metric.LIST: "list",
    Metric.CONTRACTED: "contracted",
}


class Kind(StrEnum):
    """What is asked for."""

    COST = "cost"
    COMPARE = "compare"
    """One period against another that was named."""
    TREND = "trend"
    FORECAST = "forecast"
    BUDGET = "budget"
    ANOMALIES = "anomalies"
    WHY = "why"
    RECOMMENDATIONS = "recommendations"
    REPORT = "report"
    SUBSCRIBE = "subscribe"
    ALERT = "alert"
    ALERTS = "alerts"
    """The rules that there are, and what is open."""
    FRESHNESS = "freshness"
    SCOPE = "scope"
    HELP = "help"
    THANKS = "thanks"


class Cadence(StrEnum):
    """How often."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class When(BaseModel):
    """Days. Without anything the month to date; with `start` alone all days since; `end` is exclusive."""

    model_config = ConfigDict(frozen=True)

    days: int | None = None
    """The last so many complete days."""
    start: date | None = None
    end: date | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.days is not None and self.start) or (self.end and not self.start):
            message = "days are counted back, or begin with a day"
            raise ValueError(message)
        return self

    @classmethod
    def of(cls, period: Period) -> Self:
        """Take it from a period."""
        return cls(start=period.start, end=period.end)

    def __str__(self) -> str:
        """Write it as it is read."""
        if self.days is not None:
            return f"last {self.days} days"
        if self.start is None:
            return "this month"
        if self.end is None:
            return f"since {self.start}"
        if Period(self.start, self.end) == Period.month_of(self.start):
            return f"{self.start:%Y-%m}"
        last = self.end - ONE_DAY
        return str(self.start) if last == self.start else f"{self.start} to {last}"


class Threshold(BaseModel):
    """An amount that is not to be crossed."""

    model_config = ConfigDict(frozen=True)

    above: bool = True
    amount: Decimal
    currency: str | None = None

    def __str__(self) -> str:
        """Write it as it is read."""
        return f"{'>' if self.above else '<'} {self.amount:f}" + (f" {self.currency}" if self.currency else "")


class CostQuestion(BaseModel):
    """One question. `str()` writes it, `parse` reads that to the same value."""

    model_config = ConfigDict(frozen=True)

    kind: Kind = Kind.COST
    metric: Metric = Metric.EFFECTIVE
    when: When = When()
    against: When | None = None
    """Of COMPARE: what it is held against; `days` are those before `when`."""
    group_by: tuple[str, ...] = ()
    where: dict[str, tuple[str, ...]] = {}
    top: int = TOP
    page: int = 1
    """Which `top` of the rows."""
    currency: str | None = None
    """Convert to it; without it nothing is converted."""
    ahead: int | None = None
    """Of FORECAST: days."""
    identifier: str | None = None
    """Of WHY: the beginning of an event's id; of BUDGET: a name."""
    stage: Stage | None = None
    """Of RECOMMENDATIONS: what was decided, in place of what waits for that."""
    cadence: Cadence | None = None
    weekday: int | None = None
    """Of SUBSCRIBE weekly: the day on which it goes out, 0 for Monday."""
    hour: int | None = None
    """Of SUBSCRIBE: the hour, 0 to 23, there."""
    channel: str | None = None
    """Of SUBSCRIBE and ALERT: `#name`, or Slack's id of a channel."""
    threshold: Threshold | None = None
    """Of ALERT."""
    rule: Rule | None = None
    """Of ALERT: what else is said of it."""
    off: bool = False
    """Of SCOPE: back to everything; of SUBSCRIBE: no more."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.kind is Kind.COMPARE) != (self.against is not None):
            message = "what is compared has something that it is held against"
            raise ValueError(message)
        return self

    @property
    def days(self) -> int | None:
        """The last so many complete days."""
        return self.when.days

    @property
    def start(self) -> date | None:
        """The first day, if one was named."""
        return self.when.start

    @property
    def end(self) -> date | None:
        """The day after the last one, if one was named."""
        return self.when.end

    @property
    def text(self) -> str:
        """Itself, written."""
        return str(self)

    @property
    def _identifier(self) -> str:
        return quoted(self.identifier) if self.identifier and self.kind is Kind.BUDGET else self.identifier or ""

    @property
    def _channel(self) -> str:
        return f"<#{self.channel}>" if self.channel and not self.channel.startswith("#") else self.channel or ""

    def changed(self, **fields: object) -> Self:
        """Return it with other values; what is invalid is refused."""
        kept = {name: getattr(self, name) for name in self.model_fields_set}
        return type(self).model_validate(kept | fields)

    def __str__(self) -> str:
        """Write it; the most usual question is no words at all."""
        words = [
            "" if self.kind in {Kind.COST, Kind.COMPARE} else self.kind.value,
            self._identifier,
            str(self.stage or ""),
            str(self.rule or ""),
            "off" if self.off else "",
            METRIC_WORDS[self.metric] if self.metric is not Metric.EFFECTIVE else "",
            f"by {' and '.join(map(word, self.group_by))}" if self.group_by else "",
            written(self.where),
            "" if self.when == When() else str(self.when),
            f"vs {self.against}" if self.against else "",
            f"next {self.ahead} days" if self.ahead is not None else "",
            self.cadence.value if self.cadence else "",
            f"on {WEEKDAYS[self.weekday].casefold()}s" if self.weekday is not None else "",
            f"at {self.hour}:00" if self.hour is not None else "",
            str(self.threshold or ""),
            self._channel,
            f"top {self.top}" if self.top != TOP else "",
            f"page {self.page}" if self.page != 1 else "",
            f"in {self.currency}" if self.currency else "",
        ]
        return " ".join(filter(None, words))


def written(where: Mapping[str, Sequence[str]]) -> str:
    """Write filters: where team=web and service="Amazon RDS"; nothing for none."""
    return f"where {said}" if (said := terms(where)) else ""


def terms(where: Mapping[str, Sequence[str]]) -> str:
    """Write filters within a sentence: team=web and service="Amazon RDS"; nothing for none."""
    return " and ".join(f"{word(name)}={value_text(value)}" for name, values in where.items() for value in values)


def word(name: str) -> str:
    """Return a person's word for a dimension or tag."""
    for known, dimension in DIMENSIONS.items():
        if dimension == name:
            return known
    key = name.removeprefix(TAG)
    return name if BARE.fullmatch(key) else TAG + quoted(key)


def dimension_of(known: str) -> str:
    """Return the ledger's word for a person's, which is known."""
    return known if known.startswith(TAG) else str(DIMENSIONS[known])


IN_TIME = frozenset({Dimension.DAY.value, Dimension.MONTH.value})
"""Groups that are days or months: they stand in their order, and are held against nothing."""
