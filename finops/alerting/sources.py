"""Bills that are late, and collections that fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from finops.alerting.daily import ENDED
from finops.alerting.findings import Found
from finops.alerting.rules import AlertRule
from finops.foreign import plain
from finops.periods import ONE_DAY, Period
from finops.tables import days as shown
from finops.tables import moment

TWICE = 2
"""Runs in a row: one that failed alone was a network that hiccuped, and the next hour tries again."""
WORDS = 300


@dataclass(frozen=True, slots=True)
class Behind:
    """A source of bills and its last complete day."""

    name: str
    settled: date


def stale(rule: AlertRule, sources: Sequence[Behind], *, today: date) -> list[Found]:
    """Return the sources that are more days behind than the rule puts up with.

    One that ended long before the newest opens no alert: a closed account, a bill of last year that somebody read.
    """
    newest = max((one.settled for one in sources), default=today)
    late = [one for one in sources if (today - one.settled).days > rule.looked_at]
    return [_stale(rule, one, today, opens=one.settled >= newest - ENDED) for one in late]


def _stale(rule: AlertRule, one: Behind, today: date, *, opens: bool) -> Found:
    behind = (today - one.settled).days
    end = shown(Period(one.settled, one.settled + ONE_DAY))
    sentence = f"The bill of {plain(one.name)} is complete up to {end} only, {behind} days ago: see `costs doctor`."
    days = (one.settled + ONE_DAY, today)
    return Found(one.name, Decimal(behind), Decimal(rule.looked_at), None, *days, sentence, opens=opens)


@dataclass(frozen=True, slots=True)
class Tried:
    """A collection that ended: when it began, and why it failed, if it did."""

    at: datetime
    error: str | None


def failed(tries: Sequence[Tried], *, announced: bool = False) -> list[Found]:
    """Return that the newest collections failed, at least twice in a row; `tries` has the newest first."""
    good = next((place for place, one in enumerate(tries) if one.error is None), len(tries))
    bad = tries[:good]
    if len(bad) < TWICE:
        return []
    since, last = bad[-1].at, bad[0]
    why = plain(last.error or "")
    why = why if len(why) <= WORDS else f"{why[: WORDS - 1]}…"
    sentence = f"Bills could not be collected {len(bad)} times in a row, since {moment(since)}: {why}"
    days = (since.date(), last.at.date() + ONE_DAY)
    return [Found("", Decimal(len(bad)), Decimal(0), None, *days, sentence, announced=announced)]
