"""From the phrases of the grammar to the fields of a question."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lark import Token, v_args

from bot.language import due
from bot.language.days import SIZES, days
from bot.language.onething import OneThingError, TwoPlacesError
from bot.language.question import GROUPS, MOST, Cadence, Kind, Threshold, When, dimension_of
from bot.language.rules import Rules, one_watch, settled_rule
from finops.focus import Dimension

FARTHEST = 366
"""Days ahead."""
IN_TIME = {Cadence.DAILY: Dimension.DAY.value, Cadence.MONTHLY: Dimension.MONTH.value}
TOLD = frozenset({Kind.REPORT, Kind.SUBSCRIBE, Kind.ALERT})
"""What comes again and again."""
Fields = dict[str, Any]


class TooManyGroupsError(OneThingError):
    """More names a row than a table can show."""


@v_args(inline=True)
class Phrases(Rules):
    """Turns each phrase into the fields that it names."""

    @v_args(inline=False)
    def start(self, phrases: list[Fields]) -> Fields:
        """Put the phrases together. Raises OneThingError."""
        found: Fields = {}
        for phrase in phrases:
            _merge(found, phrase)
        if found.pop("most", False) and found.get("kind", Kind.COST) is Kind.COST and "group_by" not in found:
            found["group_by"] = (Dimension.SERVICE.value,)
            self.read_as("most", "by service")
        return _settled(found)

    # what is asked for

    def kind(self, word: Token) -> Fields:
        """Trend, forecast, help."""
        return {"kind": word.value}

    def named(self, word: Token, name: Token) -> Fields:
        """The budget of that name."""
        return {"kind": word.value, "identifier": name.value}

    def decided(self, word: Token) -> Fields:
        """What is approved already, was carried out, put off or dismissed."""
        return {"stage": word.value}

    def why(self, *words: Token) -> Fields:
        """An event by the beginning of its id; without one, all of them."""
        return {"kind": Kind.WHY, "identifier": words[1].value} if words[1:] else {"kind": Kind.ANOMALIES}

    def metric(self, word: Token) -> Fields:
        """Billed instead of effective."""
        return {"metric": word.value}

    def name(self, word: Token) -> str:
        """What costs are grouped or filtered by, as the ledger calls it; a unit of time that it does not have."""
        return dimension_of(str(word.value)) if word.value not in ("week", "quarter", "year") else str(word.value)

    def group(self, *words: Token) -> Fields:
        """By team."""
        return {"group_by": (_grouped(words[-1]),)}

    def filter(self, name: str, *words: Token) -> Fields:
        """Where team=web."""
        value = words[-1].value
        return {"where": {_grouped(name): value if isinstance(value, tuple) else (str(value),)}}

    def cloud(self, word: Token) -> Fields:
        """AWS alone."""
        return {"where": {dimension_of("provider"): (word.value,)}}

    def top(self, _top: Token, number: Token) -> Fields:
        """At most so many rows."""
        return {"top": self._bounded("top", int(number.value))}

    def most(self, word: Token) -> Fields:
        """What costs most: by what is grouped by, or else by service."""
        del word
        return {"most": True}

    def page(self, _page: Token, number: Token) -> Fields:
        """The rows after those."""
        return {"page": self._bounded("page", int(number.value))}

    def _bounded(self, what: str, number: int) -> int:
        found = max(1, min(number, MOST))
        self.read_as(f"{what} {number}", f"{what} {found}")
        return found

    def currency(self, word: Token) -> Fields:
        """Converted."""
        return {"currency": word.value}

    def cadence(self, word: Token) -> Fields:
        """How often; of costs, by what they are grouped."""
        return {"cadence": word.value}

    def each_week(self, day: Token) -> Fields:
        """On which day of a week a digest goes out."""
        return {"weekday": day.value}

    def clock(self, word: Token) -> Fields:
        """At which hour. Raises OneThingError for what is no full one."""
        return {"hour": due.full(*word.value)}

    def channel(self, word: Token) -> Fields:
        """Where to."""
        return {"channel": word.value}

    def off(self, word: Token) -> Fields:
        """No scope any more."""
        del word
        return {"off": True}

    def threshold(self, way: Token, amount: Token, currency: Token | None = None) -> Fields:
        """More than so much."""
        code = currency.value if currency is not None else None
        return {"threshold": Threshold(above=way.value, amount=Decimal(amount.value), currency=code)}

    def threshold_money(self, way: Token, money: Token) -> Fields:
        """More than so much, its currency by its sign."""
        amount, code = money.value
        return {"threshold": Threshold(above=way.value, amount=amount, currency=code)}

    # periods

    def when(self, when: When) -> Fields:
        """The days asked for."""
        return {"when": when}

    def compare(self, when: When, _versus: Token, against: When) -> Fields:
        """The days asked for, and those that they are held against."""
        return {"when": when, "against": against}

    def against(self, _versus: Token, when: When) -> Fields:
        """What the days asked for are held against."""
        return {"against": when}

    def ahead(self, _next: Token, number: Token, unit: Token) -> Fields:
        """So many days ahead."""
        found = days(number, unit, FARTHEST)
        self.read_as(f"next {number.value} {unit.value}s", f"next {found} days")
        return {"ahead": found}

    def ahead_one(self, _next: Token, unit: Token) -> Fields:
        """The next week or month."""
        found = days(None, unit, FARTHEST)
        self.read_as(f"next {unit.value}", f"the next {found} day{'s' if found > 1 else ''}")
        return {"ahead": found}


def _grouped(name: str) -> str:
    if name in SIZES and name not in ("day", "month"):
        message = f"I add up by day and by month, and not by {name}. For example: by month this year"
        raise OneThingError(message)
    return name


def _merge(found: Fields, phrase: Fields) -> None:
    """Add what a phrase says; of days, currencies and numbers what was named last counts."""
    for name, value in phrase.items():
        if name == "group_by":
            found[name] = tuple(dict.fromkeys([*found.get(name, ()), *value]))
        elif name == "where":
            before = found.setdefault(name, {})
            found[name] = before | {key: (*before.get(key, ()), *more) for key, more in value.items()}
        elif name == "rule":
            found[name] = found.get(name, {}) | one_watch(found.get(name, {}), value)
        elif name == "channel" and found.get(name, value) != value:
            raise TwoPlacesError
        elif name == "kind" and found.get(name, value) is not value and Kind.HELP in (value, found[name]):
            found[name] = Kind.HELP
        elif name == "kind" and found.get(name, value) is not value:
            message = f"One thing at a time: {found[name]} or {value}?"
            raise OneThingError(message)
        else:
            found[name] = value


def _settled(found: Fields) -> Fields:
    """Say what the phrases mean together. Raises OneThingError."""
    settled_rule(found)
    if "ahead" in found:
        found.setdefault("kind", Kind.FORECAST)
    kind = found.get("kind", Kind.COST)
    if kind is Kind.FORECAST and found.get("when", When()).days:
        found["ahead"] = min(found.pop("when").days, FARTHEST)
    if "cadence" in found and kind not in TOLD:
        found["group_by"] = tuple(dict.fromkeys([*found.get("group_by", ()), _in_time(found.pop("cadence"))]))
    _misplaced(found, kind)
    _dated(found)
    if len(found.get("group_by", ())) > GROUPS:
        many = len(found["group_by"])
        message = f"I group by {GROUPS} names at most, and you gave {many}. For example: by team and service"
        raise TooManyGroupsError(message)
    if "against" in found:
        same = found.get("when", When()) == found["against"]
        found.pop("against") if same else found.update(kind=Kind.COMPARE)
    return found


def _dated(found: Fields) -> None:
    """Say how often a digest goes out whose day or hour is named. Raises OneThingError."""
    if "weekday" in found and found.setdefault("cadence", Cadence.WEEKLY) is not Cadence.WEEKLY:
        message = "Of a weekly digest one can choose the day. For example: subscribe weekly on fridays at 8:00"
        raise OneThingError(message)
    if "hour" in found and "cadence" not in found:
        message = f"Say how often, too: daily or weekly. For example: {due.EXAMPLE}"
        raise OneThingError(message)
    if found.get("off"):  # of each cadence there is one, whenever it goes out
        found.pop("weekday", None)
        found.pop("hour", None)


def _in_time(cadence: Cadence) -> str:
    if cadence not in IN_TIME:
        message = "I add up by day and by month, and not by week. For example: by day last 14 days"
        raise OneThingError(message)
    return IN_TIME[cadence]


_ONLY = {
    "threshold": (Kind.ALERT,),
    "rule": (Kind.ALERT,),
    "stage": (Kind.RECOMMENDATIONS,),
    "off": (Kind.SCOPE, Kind.SUBSCRIBE),
    "weekday": (Kind.SUBSCRIBE,),
    "hour": (Kind.SUBSCRIBE,),
    "channel": (Kind.SUBSCRIBE, Kind.ALERT),
    "against": (Kind.COST,),
    "ahead": (Kind.FORECAST,),
}
_EXAMPLES = {
    "threshold": "alert when team=payments daily > 1500 USD",
    "rule": "alert when service=RDS up 30% weekly",
    "stage": "recommendations approved",
    "off": "scope off",
    "weekday": "subscribe weekly on fridays",
    "hour": due.EXAMPLE,
    "channel": "subscribe weekly #costs",
    "against": "this month vs last month",
    "ahead": "forecast 30 days by team",
}


def _misplaced(found: Fields, kind: Kind) -> None:
    if found.get("off") and kind is Kind.COST:
        message = "Say what is to end: `scope off` or `subscribe off daily`."
        raise OneThingError(message)
    for name, kinds in _ONLY.items():
        if name in found and kind not in kinds:
            message = f"I cannot tell what that means together. For example: {_EXAMPLES[name]}"
            raise OneThingError(message)
