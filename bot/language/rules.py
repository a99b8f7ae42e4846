"""From the phrases of alert rules to the fields of a question."""

from __future__ import annotations

from datetime import date
from typing import Any

from lark import Token, v_args

from bot.language.days import Days, days
from bot.language.onething import OneThingError, TwoPlacesError
from bot.language.question import Kind
from bot.language.rule import SHARED, WATCHED, Manage, Share, Watch
from finops.focus import DIMENSIONS
from finops.periods import ONE_DAY, Period

MUTED, LONGEST = 7, 366
"""Days of a rule that is muted without saying until when, and the most."""
NEW = {DIMENSIONS["service"]: Watch.NEW_SERVICE, DIMENSIONS["region"]: Watch.NEW_REGION}
COMMITMENT = DIMENSIONS["commitment"]
DATED = {Watch.COMMITMENT_EXPIRING, Watch.COMMITMENT_UNDERUSED}
"""What is said of commitments: the word itself groups by nothing."""
Fields = dict[str, Any]


@v_args(inline=True)
class Rules(Days):
    """Turns what is said of a rule into the fields that it names."""

    def watch(self, word: Token) -> Fields:
        """On anomalies."""
        return {"rule": {"watch": word.value}}

    def budget(self, *words: Token) -> Fields:
        """Over a budget, by its name perhaps."""
        named = next((",".join(one.value) for one in words if one.type == "VALUE"), None)
        return {"rule": {"watch": Watch.FORECAST_OVER_BUDGET} | ({} if named is None else {"budget": named})}

    def new(self, _new: Token, name: str) -> Fields:
        """A service or region that was not there. Raises OneThingError for other names."""
        if name not in NEW:
            message = "I watch for new services and new regions. For example: alert on new service where provider=aws"
            raise OneThingError(message)
        return {"rule": {"watch": NEW[name]}}

    def share(self, way: Token, *words: Token) -> Fields:
        """Up 30 %."""
        return {"rule": {"share": Share(above=way.value, percent=words[-1].value)}}

    def severity(self, word: Token) -> Fields:
        """How bad it is."""
        return {"rule": {"severity": word.value}}

    def person(self, word: Token) -> Fields:
        """Who is told."""
        return {"rule": {"to": word.value}}

    def anyway(self, word: Token) -> Fields:
        """Kept though nothing of that name is known yet."""
        return {"rule": {"anyway": word.value}}

    def manage(self, what: Token, name: Token) -> Fields:
        """Mute, unmute or end a rule; what is muted is heard again after a week."""
        return self._managed(what, name, self.calendar.today + ONE_DAY * MUTED)

    def manage_for(self, what: Token, name: Token, _to: Token, number: Token, unit: Token) -> Fields:
        """For so many days."""
        return self._managed(what, name, self.calendar.today + ONE_DAY * days(number, unit, LONGEST))

    def manage_until(self, what: Token, name: Token, exact: Token, point: Period) -> Fields:
        """Until a day, which is the next one of its name."""
        until = point.start if exact.value else _ahead(point.start, self.calendar.today)
        return self._managed(what, name, until)

    def _managed(self, what: Token, name: Token, until: date) -> Fields:
        if what.value is Manage.MUTE and not 0 < (until - self.calendar.today).days <= LONGEST:
            message = (
                f"A rule is muted for {LONGEST} days at most, from today on. For example: alert mute NAME for 7 days"
            )
            raise OneThingError(message)
        dated = {"until": until} if what.value is Manage.MUTE else {}
        return {"rule": {"manage": what.value, "name": name.value, **dated}}


def _ahead(day: date, today: date) -> date:
    """Return the next day of its name: questions mean the last Friday or March, rules the next."""
    if day <= today and (today - day).days <= 7:  # noqa: PLR2004  a week
        return day + ONE_DAY * 7
    if day <= today and (day.month, day.day) != (2, 29):
        return day.replace(year=today.year if (day.month, day.day) > (today.month, today.day) else today.year + 1)
    return day


def one_watch(before: Fields, more: Fields) -> Fields:
    """Return what a phrase adds to a rule. Raises OneThingError for two things to wait for, or two to tell."""
    was, new = before.get("watch"), more.get("watch")
    if was is not None and new is not None and was is not new:
        message = f"One rule waits for one thing: {WATCHED[was]} or {WATCHED[new]}? Set up one rule for each."
        raise OneThingError(message)
    if before.get("to", more.get("to")) != more.get("to", before.get("to")):
        raise TwoPlacesError
    return more


def settled_rule(found: Fields) -> None:
    """Say what the phrases of a rule mean together. Raises OneThingError."""
    said = found.get("rule", {})
    if found.get("kind") is Kind.ALERTS and (said or "threshold" in found):
        found["kind"] = Kind.ALERT
    if found.get("kind") in {Kind.ALERT, Kind.ALERTS}:
        _ungrouped(found, said)
        if "channel" in found and "to" in said:
            raise TwoPlacesError
    if "share" in said and ("threshold" in found or said.get("watch") not in SHARED):
        message = "A rule waits for an amount or for a share. For example: alert when service=RDS up 30% weekly"
        raise OneThingError(message)


def _ungrouped(found: Fields, said: Fields) -> None:
    groups = [one for one in found.pop("group_by", ()) if said.get("watch") not in DATED or one != COMMITMENT]
    if groups:
        message = (
            "A rule watches one sum: narrow it down with where. For example: alert when team=payments daily > 1500 USD"
        )
        raise OneThingError(message)
